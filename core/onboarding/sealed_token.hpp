// What was pasted, between the two requests of onboarding: sealed and handed to the client, so that
// nothing is kept here. Bound to organisation and caller, and good for ten minutes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "onboarding/detection.hpp"
#include "vault/secret_string.hpp"
#include "vault/vault.hpp"

namespace unigate::onboarding {

inline constexpr std::int64_t kTokenLifeMs = 10LL * 60 * 1000;
inline constexpr std::size_t kTokenBytesMax = 512UL * 1024;

// Who pasted; the same has to come back with the token.
struct TokenOwner {
  std::string orgId;
  std::string caller;  // id of a user or of an API key
};

// Values of one provider's credential fields for one environment.
using CredentialValues = std::vector<std::pair<std::string, vault::SecretString>>;

// By provider, then by environment ("test", "live").
using PastedCredentials = std::map<std::string, std::map<std::string, CredentialValues>>;

// The usable values of what was found, as they would be taken in each environment.
PastedCredentials credentialsOf(const Detection& detection);

class TokenSealer {
 public:
  // `clock` and `random` must outlive it. The key is derived from the vault's.
  TokenSealer(const vault::Vault& vault, const base::Clock& clock, base::Random& random);

  // Text that says nothing without the vault's key: AES-256-GCM, base64url. 422 where it would be
  // longer than kTokenBytesMax.
  base::Result<std::string> seal(const TokenOwner& owner, const PastedCredentials& pasted) const;
  // 400 `onboarding_token_expired`, or `onboarding_token_invalid` for one that was changed, belongs
  // to somebody else or is no token: which of these is not told.
  base::Result<PastedCredentials> open(const TokenOwner& owner, std::string_view token) const;

 private:
  const base::Clock& clock_;
  base::Random& random_;
  vault::SecretString key_;
};

}  // namespace unigate::onboarding
