#include "identity/issuers.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "vault/crypto.hpp"
#include "vault/signature.hpp"

using namespace unigate;
using identity::Issuers;
using identity::IssuerSettings;
using identity::JwsAlgorithm;
using identity::Role;

namespace {

const std::string kIssuer = "https://id.example/realm/";
const std::string kOrg = "org_01jd3kq8v7wz4m2n5t6r8x9yab";

std::string seedOf(const std::string& name) {
  return vault::hmacSha256(std::string(32, 'k'), name);
}

std::string keySet(const std::vector<std::string>& names) {
  std::string keys;
  for (const auto& name : names) {
    keys += (keys.empty() ? "" : ",") + std::string(R"({"kty":"OKP","crv":"Ed25519","kid":")") +
            name + R"(","x":")" + base::toBase64Url(vault::ed25519PublicKey(seedOf(name))) +
            R"("})";
  }
  return R"({"keys":[)" + keys + "]}";
}

struct Fixture {
  base::ManualClock clock;
  std::vector<std::string> fetched;
  std::vector<std::string> published = {"k1"};
  bool up = true;
  IssuerSettings settings;
  std::unique_ptr<Issuers> issuers;

  Fixture() {
    settings.issuer = kIssuer;
    settings.audience = "unigate";
    settings.algorithms = {JwsAlgorithm::eddsa};
    settings.jwksUrl = "https://id.example/keys";
    settings.organisation = kOrg;
    open();
  }
  void open() {
    issuers = std::make_unique<Issuers>(
        std::vector<IssuerSettings>{settings},
        [this](const std::string& url) { return answer(url); }, clock);
  }
  base::Result<std::string> answer(const std::string& url) {
    fetched.push_back(url);
    if (!up) return base::fail(503, "issuer_unreachable", "down");
    if (url.find("openid-configuration") != std::string::npos)
      return R"({"issuer":")" + kIssuer + R"(","jwks_uri":"https://id.example/found"})";
    return keySet(published);
  }
  std::string claims(const std::string& more = "") const {
    return R"({"iss":")" + kIssuer + R"(","aud":["x","unigate"],"sub":"ada","exp":)" +
           std::to_string(clock.unixMs() / 1000 + 60) + more + "}";
  }
  static std::string signedBy(const std::string& key, const std::string& payload,
                              const std::string& header = "") {
    const auto text =
        base::toBase64Url(header.empty() ? R"({"alg":"EdDSA","kid":")" + key + R"("})" : header) +
        "." + base::toBase64Url(payload);
    return text + "." + base::toBase64Url(vault::ed25519Sign(seedOf(key), text));
  }
  std::string codeOf(const std::string& token) {
    const auto identity = issuers->check(token);
    return identity ? "ok" : identity.error().code;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "A token that holds says who comes and for whom") {
  const auto identity = issuers->check(
      signedBy("k1", claims(R"(,"email":"Ada@Example.com","email_verified":true,"name":"Ada")")));
  REQUIRE(identity);
  CHECK(identity->subject == "ada");
  CHECK(identity->issuer == kIssuer);
  CHECK(identity->email == "ada@example.com");
  CHECK(identity->name == "Ada");
  CHECK(identity->orgId == kOrg);
  CHECK(identity->role == Role::viewer);
  CHECK(fetched == std::vector<std::string>{"https://id.example/keys"});
}

TEST_CASE_METHOD(Fixture, "An email address that nobody verified is not taken over") {
  CHECK(issuers->check(signedBy("k1", claims(R"(,"email":"ada@example.com")")))->email.empty());
  CHECK(issuers->check(signedBy("k1", claims(R"(,"email":"a@b.c","email_verified":"true")")))
            ->email.empty());
}

TEST_CASE_METHOD(Fixture, "What does not hold is refused") {
  const auto now = clock.unixMs() / 1000;
  const auto payload = claims();
  const auto with = [&](const std::string& what, const std::string& to) {
    auto text = payload;
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), to);
  };
  const std::vector<std::string> bad = {
      with(kIssuer, "https://evil.example/"),
      with(kIssuer, "https://id.example/realm"),
      with(R"(["x","unigate"])", R"(["x"])"),
      with(R"(["x","unigate"])", "7"),
      with("\"exp\":" + std::to_string(now + 60), "\"exp\":" + std::to_string(now)),
      with("\"exp\":" + std::to_string(now + 60), "\"nbf\":1"),
      with("\"sub\":\"ada\"", "\"sub\":\"\""),
      claims(",\"nbf\":" + std::to_string(now + 60)),
      claims(",\"aud\":\"unigate\""),
  };
  for (const auto& each : bad) {
    CAPTURE(each);
    CHECK(codeOf(signedBy("k1", each)) == "invalid_token");
  }
  for (const std::string header :
       {R"({"alg":"EdDSA"})", R"({"alg":"EdDSA","kid":""})", R"({"alg":"EdDSA","kid":"K1"})",
        R"({"alg":"none","kid":"k1"})", R"({"alg":"HS256","kid":"k1"})",
        R"({"alg":"RS256","kid":"k1"})", R"({"alg":"EdDSA","kid":"k1","crit":["x"]})",
        R"({"alg":"EdDSA","kid":"stranger","jku":"https://evil.example/keys"})"}) {
    CAPTURE(header);
    CHECK(codeOf(signedBy("k1", payload, header)) == "invalid_token");
  }
  CHECK(codeOf(signedBy("other", payload, R"({"alg":"EdDSA","kid":"k1"})")) == "invalid_token");
  for (const auto& url : fetched) CHECK(url == "https://id.example/keys");
}

TEST_CASE_METHOD(Fixture, "The public key as a secret of HMAC proves nothing") {
  settings.algorithms = {JwsAlgorithm::eddsa, JwsAlgorithm::rs256};
  open();
  const auto text =
      base::toBase64Url(R"({"alg":"HS256","kid":"k1"})") + "." + base::toBase64Url(claims());
  const auto mac = vault::hmacSha256(vault::ed25519PublicKey(seedOf("k1")), text);
  CHECK(codeOf(text + "." + base::toBase64Url(mac)) == "invalid_token");
}

TEST_CASE_METHOD(Fixture, "Keys are kept, and fetched again for a new name, but not too often") {
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  CHECK(fetched.size() == 1);
  published = {"k2"};
  // Within the floor an unknown name fetches nothing, however often it comes.
  for (int i = 0; i < 50; ++i) CHECK(codeOf(signedBy("k2", claims())) == "invalid_token");
  CHECK(fetched.size() == 1);
  clock.advanceMs(30'000);
  CHECK(codeOf(signedBy("k2", claims())) == "ok");
  CHECK(fetched.size() == 2);
  // The key that the issuer took back is no good any more.
  CHECK(codeOf(signedBy("k1", claims())) == "invalid_token");
}

TEST_CASE_METHOD(Fixture, "Keys of age are fetched again, and end when that fails for too long") {
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  clock.advanceMs(600'000);
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  CHECK(fetched.size() == 2);
  up = false;
  clock.advanceMs(3'599'999);
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  clock.advanceMs(30'000);
  const auto refused = issuers->check(signedBy("k1", claims()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 503);
  CHECK(refused.error().code == "issuer_unreachable");
  CHECK(refused.error().retryAfterSeconds > 0);
  up = true;
  clock.advanceMs(30'000);
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
}

TEST_CASE_METHOD(Fixture, "Without an address of its keys the issuer's own document says it") {
  settings.jwksUrl.clear();
  open();
  CHECK(codeOf(signedBy("k1", claims())) == "ok");
  CHECK(fetched ==
        std::vector<std::string>{"https://id.example/realm/.well-known/openid-configuration",
                                 "https://id.example/found"});
}

TEST_CASE_METHOD(Fixture, "Claims lead to organisation and role as the configuration says") {
  settings.organisation.clear();
  settings.organisationClaim = "org.id";
  settings.organisations = {{"acme", kOrg}};
  settings.role = Role::developer;
  settings.roleClaim = "roles";
  settings.roles = {{"boss", Role::owner}, {"dev", Role::developer}};
  open();
  const auto found =
      issuers->check(signedBy("k1", claims(R"(,"org":{"id":"acme"},"roles":["dev","boss","x"])")));
  REQUIRE(found);
  CHECK(found->orgId == kOrg);
  CHECK(found->role == Role::owner);
  CHECK(issuers->check(signedBy("k1", claims(R"(,"org":{"id":"acme"})")))->role == Role::developer);
  CHECK(codeOf(signedBy("k1", claims(R"(,"org":{"id":"other"})"))) == "no_organisation");
  CHECK(codeOf(signedBy("k1", claims(R"(,"org":{"id":["acme","other"]})"))) == "no_organisation");
  CHECK(codeOf(signedBy("k1", claims())) == "no_organisation");
}

TEST_CASE("Settings that can't work are named") {
  IssuerSettings settings;
  settings.algorithms = {JwsAlgorithm::rs256};
  settings.organisation = kOrg;
  CHECK(identity::faultOf(settings).empty());
  settings.organisationClaim = "org";
  CHECK(identity::faultOf(settings).rfind("organisation", 0) == 0);
  settings.organisation.clear();
  CHECK(identity::faultOf(settings).empty());
  settings.roles = {{"x", Role::admin}};
  CHECK(identity::faultOf(settings).rfind("roles", 0) == 0);
  settings.roles.clear();
  settings.algorithms = {JwsAlgorithm::hs256};
  CHECK(identity::faultOf(settings).rfind("algorithms", 0) == 0);
  settings.algorithms.clear();
  CHECK(identity::faultOf(settings).rfind("algorithms", 0) == 0);
}
