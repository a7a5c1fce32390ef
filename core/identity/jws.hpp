// Signed tokens in the compact form (RFC 7515, RFC 7518, RFC 8037), read strictly: base64url
// without padding or strays, JSON without duplicates, no `crit`, no `none`; a key that stands in
// the token or is pointed at by it is never used. Pure functions over OpenSSL, any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>
#include <vector>

#include "base/result.hpp"
#include "vault/secret_string.hpp"

namespace unigate::identity {

enum class JwsAlgorithm {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa
};

// "RS256" and the like; exact, for names are case-sensitive. `none` is no algorithm.
std::optional<JwsAlgorithm> jwsAlgorithmFromText(std::string_view text);
std::string_view toText(JwsAlgorithm algorithm);
// True for those whose key must be kept secret by whoever checks.
bool isSymmetric(JwsAlgorithm algorithm);

inline constexpr std::size_t kTokenBytesMax = 8UL * 1024;

// A token whose signature has not been looked at.
struct CompactJws {
  JwsAlgorithm algorithm = JwsAlgorithm::hs256;
  std::string keyId;            // empty: it names none
  std::string type;             // `typ`, empty when absent
  std::string payload;          // decoded
  std::string signature;        // decoded
  std::string_view signedText;  // what the signature is over; lives as long as the text
};

// Empty when `text` is no such token. Whoever sends it learns no more than that.
std::optional<CompactJws> parseCompactJws(std::string_view text);

// A key that checks signatures. Immutable; copies share the one key.
class JwsKey {
 public:
  // From a public JWK (RFC 7517): RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519. Empty
  // for every other: symmetric ones, private ones, keys of another use, curves that don't fit.
  static std::optional<JwsKey> fromJwk(json::View jwk);
  // For HS256, HS384 and HS512. At least 32 bytes.
  static std::optional<JwsKey> fromSecret(std::string keyId, JwsAlgorithm algorithm,
                                          const vault::SecretString& secret);

  const std::string& id() const;
  // Whether this key may check that algorithm: its type fits and, where it names one, so does that.
  bool takes(JwsAlgorithm algorithm) const;
  // True when the token's algorithm is one that this key takes and its signature is right.
  bool verifies(const CompactJws& token) const;

 private:
  struct Impl;
  explicit JwsKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;  // shared: immutable, and a set of keys is copied
};

// The keys of a JWK set that this code can use; others are left out. Empty optional when the text
// is no JWK set.
std::optional<std::vector<JwsKey>> parseJwkSet(std::string_view text);

}  // namespace unigate::identity
