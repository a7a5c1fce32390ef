#include "identity/access_tokens.hpp"

#include <Poco/JWT/Signer.h>
#include <Poco/JWT/Token.h>

#include <cmath>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace unigate::identity {

namespace {

constexpr std::string_view kType = "at+jwt";
constexpr std::size_t kKeyIdChars = 16;
// How far the clocks of two gateways, or of an issuer, may differ.
constexpr double kSkewSeconds = 30;

// A NumericDate in seconds; NaN when the claim is none.
double timeOf(json::View claim) {
  return claim.number().value_or(std::nan(""));
}

bool holdsAudience(json::View claim, std::string_view audience) {
  if (claim.isString()) return claim.stringOr("") == audience;
  for (const auto item : claim.items()) {
    if (item.isString() && item.stringOr("") == audience) return true;
  }
  return false;
}

}  // namespace

bool claimsHold(std::string_view payload, std::string_view issuer, std::string_view audience,
                std::int64_t nowMs, json::Document& claims) {
  json::ReadError error;
  if (!claims.parse(payload, error, {16, kTokenBytesMax}) || !claims.root().isObject())
    return false;
  const double now = static_cast<double>(nowMs) / 1000;
  if (claims["iss"].string() != issuer || !holdsAudience(claims["aud"], audience)) return false;
  if (claims["sub"].stringOr("").empty()) return false;
  if (!(timeOf(claims["exp"]) > now)) return false;
  for (const char* name : {"nbf", "iat"}) {
    if (claims[name].exists() && !(timeOf(claims[name]) <= now + kSkewSeconds)) return false;
  }
  return true;
}

struct AccessTokens::Signing {
  std::string keyId;
  Poco::JWT::Signer signer;
  std::optional<JwsKey> key;
};

AccessTokens::AccessTokens(const vault::Vault& vault, const base::Clock& clock,
                           base::Random& random, std::string issuer)
    : clock_(clock),
      random_(random),
      issuer_(std::move(issuer)),
      signing_(std::make_unique<Signing>()) {
  const auto secret = vault.deriveKey("access-token-signing");
  signing_->keyId = base::sha256Hex(secret.reveal()).substr(0, kKeyIdChars);
  signing_->signer.setHMACKey(std::string(secret.reveal()));
  signing_->key = JwsKey::fromSecret(signing_->keyId, JwsAlgorithm::hs256, secret);
}

AccessTokens::~AccessTokens() = default;

std::string AccessTokens::issue(const std::string& userId, const std::string& orgId,
                                const std::string& sessionId) const {
  const auto now = clock_.unixMs();
  Poco::JWT::Token token;
  token.header().set("typ", std::string(kType));
  token.header().set("kid", signing_->keyId);
  token.setIssuer(issuer_);
  token.setAudience(std::string(kAudience));
  token.setSubject(userId);
  token.setId(base::makeId("tok_", clock_, random_));
  // As whole numbers: the setters of the library write them with a point.
  token.payload().set("iat", Poco::Int64(now / 1000));
  token.payload().set("nbf", Poco::Int64(now / 1000));
  token.payload().set("exp", Poco::Int64((now + kAccessTokenMs) / 1000));
  token.payload().set("org", orgId);
  token.payload().set("sid", sessionId);
  return signing_->signer.sign(token, Poco::JWT::Signer::ALGO_HS256);
}

std::optional<TokenClaims> AccessTokens::check(std::string_view text) const {
  const auto token = parseCompactJws(text);
  if (!token || token->type != kType || token->keyId != signing_->keyId ||
      token->algorithm != JwsAlgorithm::hs256 || !signing_->key->verifies(*token)) {
    return std::nullopt;
  }
  json::Document claims;
  if (!claimsHold(token->payload, issuer_, kAudience, clock_.unixMs(), claims)) return std::nullopt;
  // Ours always have them.
  if (!claims["nbf"].int64() || !claims["iat"].int64() || !claims["jti"].isString())
    return std::nullopt;
  TokenClaims result;
  result.userId = claims["sub"].stringOr("");
  result.orgId = claims["org"].stringOr("");
  result.sessionId = claims["sid"].stringOr("");
  result.expiresAt = claims["exp"].int64Or(0) * 1000;
  if (result.orgId.empty() || result.sessionId.empty()) return std::nullopt;
  return result;
}

}  // namespace unigate::identity
