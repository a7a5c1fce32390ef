// The gateway's own access tokens: JWTs (RFC 7519, RFC 9068) of a quarter of an hour, signed with a
// key that follows from the vault's. Made at log-in, checked on every request of a user.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "identity/jws.hpp"
#include "vault/vault.hpp"

namespace unigate::identity {

inline constexpr std::int64_t kAccessTokenMs = 15 * 60 * 1000;
inline constexpr std::string_view kAudience = "unigate";

// Whose token it is. Whether the log-in still stands is the store's to say.
struct TokenClaims {
  std::string userId;
  std::string orgId;
  std::string sessionId;
  std::int64_t expiresAt = 0;  // unix ms
};

// What RFC 7519 says of a payload that must hold now: it is an object, `iss` and `aud` are as
// wanted
// (`aud` may be a list that holds it), `exp` is there and lies ahead, `nbf` and `iat` don't lie
// ahead by more than clocks differ, `sub` is a text. Empty when it does not; `claims` is filled.
bool claimsHold(std::string_view payload, std::string_view issuer, std::string_view audience,
                std::int64_t nowMs, json::Document& claims);

// Any thread.
class AccessTokens {
 public:
  // `clock` and `random` must outlive it. `issuer` names this installation.
  AccessTokens(const vault::Vault& vault, const base::Clock& clock, base::Random& random,
               std::string issuer);
  ~AccessTokens();
  AccessTokens(const AccessTokens&) = delete;
  AccessTokens& operator=(const AccessTokens&) = delete;

  std::string issue(const std::string& userId, const std::string& orgId,
                    const std::string& sessionId) const;
  // Empty for what is not, or is no longer, a token of ours.
  std::optional<TokenClaims> check(std::string_view text) const;
  const std::string& issuer() const { return issuer_; }

 private:
  struct Signing;
  const base::Clock& clock_;
  base::Random& random_;
  const std::string issuer_;
  std::unique_ptr<Signing> signing_;
};

}  // namespace unigate::identity
