#include "onboarding/sealed_token.hpp"

#include <unigate/json.hpp>

#include "base/text.hpp"
#include "vault/crypto.hpp"

namespace unigate::onboarding {

namespace {

constexpr std::string_view kPrefix = "obt_";

// What the seal authenticates besides the content.
std::string boundTo(const TokenOwner& owner) {
  return "onboarding token 1\n" + owner.orgId + "\n" + owner.caller;
}

base::Problem invalid() {
  return {400,
          "onboarding_token_invalid",
          "This token can't be read here: it was changed, or made for another organisation or "
          "caller. Paste the file again with POST /api/onboarding/parse.",
          "token",
          false,
          0,
          {}};
}

// Wipes a text at the end of a scope, whatever way it ends.
struct Wiped {
  std::string text;
  Wiped() = default;
  explicit Wiped(std::string bytes) : text(std::move(bytes)) {}
  ~Wiped() { vault::wipe(text); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
};

}  // namespace

PastedCredentials credentialsOf(const Detection& detection) {
  PastedCredentials pasted;
  for (const ServiceFinding& service : detection.services) {
    for (const char* environment : {"test", "live"}) {
      CredentialValues values;
      for (const FieldFinding& field : service.fields) {
        if (const Candidate* chosen = field.chosen(environment))
          values.emplace_back(field.credential, chosen->value.clone());
      }
      if (!values.empty()) pasted[service.provider][environment] = std::move(values);
    }
  }
  return pasted;
}

TokenSealer::TokenSealer(const vault::Vault& vault, const base::Clock& clock, base::Random& random)
    : clock_(clock), random_(random), key_(vault.deriveKey("onboarding-token")) {}

base::Result<std::string> TokenSealer::seal(const TokenOwner& owner,
                                            const PastedCredentials& pasted) const {
  json::Writer out;
  out.beginObject().member("expires_at", clock_.unixMs() + kTokenLifeMs);
  out.key("services").beginObject();
  for (const auto& [provider, environments] : pasted) {
    out.key(provider).beginObject();
    for (const auto& [environment, values] : environments) {
      out.key(environment).beginObject();
      for (const auto& [field, value] : values) out.member(field, value.reveal());
      out.endObject();
    }
    out.endObject();
  }
  out.endObject().endObject();
  const Wiped plain(out.take());
  std::string nonce(vault::kNonceBytes, '\0');
  random_.fill({reinterpret_cast<std::uint8_t*>(nonce.data()), nonce.size()});
  const auto sealed = vault::aesGcmSeal(key_.reveal(), nonce, boundTo(owner), plain.text);
  if (!sealed) return base::fail(500, "internal_error", "The credentials could not be sealed.");
  std::string token = std::string(kPrefix) + base::toBase64Url(nonce + *sealed);
  if (token.size() > kTokenBytesMax) {
    return base::fail(422, "too_many_credentials",
                      "The file has more credentials than can be taken at once; send it in parts.",
                      "env_content");
  }
  return token;
}

base::Result<PastedCredentials> TokenSealer::open(const TokenOwner& owner,
                                                  std::string_view token) const {
  if (token.size() > kTokenBytesMax || token.substr(0, kPrefix.size()) != kPrefix)
    return base::fail(invalid());
  const auto bytes = base::fromBase64Url(token.substr(kPrefix.size()));
  if (!bytes || bytes->size() < vault::kNonceBytes + vault::kTagBytes) return base::fail(invalid());
  auto opened =
      vault::aesGcmOpen(key_.reveal(), std::string_view(*bytes).substr(0, vault::kNonceBytes),
                        boundTo(owner), std::string_view(*bytes).substr(vault::kNonceBytes));
  if (!opened) return base::fail(invalid());
  const Wiped plain(std::move(*opened));
  json::Document content;
  json::ReadError error;
  if (!content.parse(plain.text, error)) return base::fail(invalid());
  if (content["expires_at"].int64Or(0) <= clock_.unixMs()) {
    return base::fail(400, "onboarding_token_expired",
                      "This token is older than ten minutes. Paste the file again with POST "
                      "/api/onboarding/parse.",
                      "token");
  }
  PastedCredentials pasted;
  for (const json::Member& provider : content["services"].members()) {
    for (const json::Member& environment : provider.value.members()) {
      CredentialValues& values = pasted[std::string(provider.name)][std::string(environment.name)];
      for (const json::Member& field : environment.value.members())
        values.emplace_back(field.name, vault::SecretString(field.value.stringOr("")));
    }
  }
  return pasted;
}

}  // namespace unigate::onboarding
