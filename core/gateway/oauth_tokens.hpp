// Access tokens of the auth scheme oauth2_client_credentials (RFC 6749 section 4.4): fetched with
// an account's own credentials, kept until shortly before they expire, fetched once for all who
// wait. One for each loop, in its account directory; used by provider_request.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "net/upstream_client.hpp"
#include "vault/secret_string.hpp"

namespace unigate::gateway {

// Why there is no token: nothing of the operation itself was sent.
struct TokenTrouble {
  std::string category;  // "unauthorized", "rate_limited" or "provider_unavailable"
  std::string message;   // names the credential at fault; no secret
  bool mayRetry = false;
  std::uint32_t retryAfterMs = 0;
  bool notSent = false;  // not one byte reached the token endpoint
};

struct Token {
  std::shared_ptr<const vault::SecretString> value;  // shared by the cache and by calls that use it
  std::uint64_t serial = 0;                          // tells one token of a cache from the next
  bool cached = false;  // it was there before the caller asked, and may have been revoked since
};

// Where and with what a token is fetched. Two with equal account, scheme, address and credentials
// share one token.
struct TokenRequest {
  std::string accountId;
  std::string scheme;
  std::string url;
  std::string clientIdName;  // names of the credentials, for messages
  std::string clientSecretName;
  std::string_view clientId;  // borrowed for the call of get() alone
  std::string_view clientSecret;
  std::int64_t timeoutMs = 30'000;
};

class OAuthTokens : public std::enable_shared_from_this<OAuthTokens> {
 public:
  using Done = std::function<void(tl::expected<Token, TokenTrouble>)>;

  // On the loop's thread, like everything here. `clock` outlives it.
  explicit OAuthTokens(const base::Clock& clock) : clock_(clock) {}

  // `done` is called exactly once: at once with a token that is kept, or when the one fetch is
  // over. Credentials other than those that a kept token was fetched with get a new one.
  void get(net::UpstreamClient& upstream, const TokenRequest& request, Done done);

  // The provider refuses the token with that serial: the next get() fetches. A token that has been
  // replaced meanwhile stays.
  void drop(const TokenRequest& request, std::uint64_t serial);

 private:
  struct Entry {
    std::array<std::uint8_t, 32> credentials{};  // digest of what the token was fetched with
    std::shared_ptr<const vault::SecretString> token;
    std::uint64_t serial = 0;
    std::int64_t usableUntilUs = 0;
    bool fetching = false;
    std::vector<Done> waiting;
  };

  std::shared_ptr<Entry> entryOf(const TokenRequest& request);
  void fetch(net::UpstreamClient& upstream, const TokenRequest& request,
             std::shared_ptr<Entry> entry);
  tl::expected<Token, TokenTrouble> take(net::UpstreamResult& result, Entry& entry,
                                         const std::string& credentialNames);

  const base::Clock& clock_;
  std::uint64_t lastSerial_ = 0;
  // Entries are shared with the fetch under way: one that was replaced still answers who waits.
  std::unordered_map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace unigate::gateway
