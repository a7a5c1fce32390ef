#include "identity/jws.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "base/text.hpp"
#include "vault/crypto.hpp"
#include "vault/signature.hpp"

using namespace unigate;
using identity::JwsAlgorithm;
using identity::JwsKey;
using identity::parseCompactJws;

namespace {

// The Wycheproof file, or nothing (said on the console) where the corpora are absent.
std::optional<json::Document> vectors() {
  const char* corpora = std::getenv("UNIGATE_CORPORA");
  const std::string name = "json_web_signature_test.json";
  std::ifstream file(std::string(corpora == nullptr ? "" : corpora) + "/wycheproof/" + name);
  if (!file) {
    std::cout << "skipped: " << name << " is not there (UNIGATE_CORPORA)\n";
    return std::nullopt;
  }
  std::stringstream text;
  text << file.rdbuf();
  json::ReadError error;
  std::optional<json::Document> document(std::in_place);
  REQUIRE(document->parse(text.str(), error));
  return document;
}

json::Document parsed(const std::string& text) {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(text, error));
  return document;
}

// A member left out.
std::string without(json::View object, std::string_view name) {
  json::Writer out;
  out.beginObject();
  for (const auto& member : object.members()) {
    if (member.name != name) out.member(member.name, member.value);
  }
  return out.endObject().take();
}

std::optional<JwsKey> keyOf(json::View group) {
  if (const auto jwk = group["public"]; jwk.exists()) return JwsKey::fromJwk(jwk);
  const auto jwk = group["private"];
  const auto algorithm = identity::jwsAlgorithmFromText(jwk["alg"].stringOr(""));
  const auto secret = base::fromBase64Url(jwk["k"].stringOr(""));
  REQUIRE(algorithm);
  REQUIRE(secret);
  return JwsKey::fromSecret(std::string(jwk["kid"].stringOr("")), *algorithm,
                            vault::SecretString(std::string_view(*secret)));
}

bool accepts(const std::optional<JwsKey>& key, std::string_view text) {
  const auto token = parseCompactJws(text);
  return token && key && key->verifies(*token);
}

// Where the vectors can't be followed, and why. 367 and 370 are, byte for byte, the valid 357.
const std::map<std::int64_t, std::string> kContradictory = {
    {346, "the key is for another algorithm"},  {347, "the key is for another algorithm"},
    {350, "the key is for another algorithm"},  {351, "the key is for another algorithm"},
    {367, "the same token as the valid 357"},   {370, "the same token as the valid 357"},
    {372, "called valid, but is no base64url"}, {373, "called valid, but is no base64url"},
};

const std::string kSecret = "0123456789abcdef0123456789abcdef";

std::string signedWith(const std::string& header, const std::string& payload,
                       const std::string& secret = kSecret) {
  const auto text = base::toBase64Url(header) + "." + base::toBase64Url(payload);
  return text + "." + base::toBase64Url(vault::hmacSha256(secret, text));
}

std::optional<JwsKey> secretKey() {
  return JwsKey::fromSecret("k1", JwsAlgorithm::hs256,
                            vault::SecretString(std::string_view(kSecret)));
}

}  // namespace

TEST_CASE("Accepts and refuses the Wycheproof vectors of JWS as they say") {
  const auto document = vectors();
  if (!document) return;
  int checked = 0;
  int contradictory = 0;
  for (const auto group : document->root()["testGroups"].items()) {
    const auto key = keyOf(group);
    for (const auto test : group["tests"].items()) {
      const auto id = test["tcId"].int64Or(0);
      CAPTURE(id, test["comment"].stringOr(""));
      const auto text = test["jws"].stringOr("");
      const bool valid = test["result"].stringOr("") == "valid";
      ++checked;
      if (kContradictory.count(id) == 0) {
        CHECK(accepts(key, text) == valid);
        continue;
      }
      ++contradictory;
      CHECK(accepts(key, text) != valid);
      // What they test besides still holds: the signature is right once the key's own word is not
      // in the way.
      if (kContradictory.at(id) == "the key is for another algorithm") {
        const auto open = parsed(without(group["public"], "alg"));
        CHECK(accepts(JwsKey::fromJwk(open.root()), text));
      }
    }
  }
  CHECK(checked == document->root()["numberOfTests"].int64Or(0));
  CHECK(contradictory == 8);
}

TEST_CASE("A token of a known secret is read and verified") {
  const auto text = signedWith(R"({"alg":"HS256","kid":"k1","typ":"JWT"})", R"({"sub":"a"})");
  const auto token = parseCompactJws(text);
  REQUIRE(token);
  CHECK(token->keyId == "k1");
  CHECK(token->type == "JWT");
  CHECK(token->payload == R"({"sub":"a"})");
  CHECK(secretKey()->verifies(*token));
}

TEST_CASE("Any one character changed makes a token false") {
  const auto text = signedWith(R"({"alg":"HS256","kid":"k1"})", R"({"sub":"a"})");
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char other : {'A', 'z', '.', '=', ' ', '+', '/', '\0', '\xff'}) {
      if (text[at] == other) continue;
      auto changed = text;
      changed[at] = other;
      CAPTURE(at, other);
      CHECK_FALSE(accepts(secretKey(), changed));
    }
  }
}

TEST_CASE("Headers that could mislead are refused, or have no effect") {
  const std::string payload = R"({"sub":"a"})";
  for (const std::string header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})",
        R"({"alg":"HS256","alg":"none"})", R"({"alg":"HS256","crit":["exp"]})",
        R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","b64":false})", R"({"alg":["HS256"]})",
        R"({"kid":"k1"})", R"([])", R"(null)", R"({"alg":"HS256"}x)", R"({"alg":"HS256","kid":1})",
        R"({"alg":"HS256","kid":null})"}) {
    CAPTURE(header);
    CHECK_FALSE(accepts(secretKey(), signedWith(header, payload)));
  }
  // A key of the sender's own, or an address to fetch it at, changes nothing.
  const std::string stranger(32, 'x');
  const auto embedded =
      R"({"alg":"HS256","kid":"k1","jku":"https://evil.example/k","x5u":"https://evil.example/c",)"
      R"("jwk":{"kty":"oct","k":")" +
      base::toBase64Url(stranger) + R"("}})";
  CHECK_FALSE(accepts(secretKey(), signedWith(embedded, payload, stranger)));
  CHECK(accepts(secretKey(), signedWith(embedded, payload)));
}

TEST_CASE("A public key is no secret: HMAC over it proves nothing") {
  const std::string seed(32, 's');
  const auto publicKey = vault::ed25519PublicKey(seed);
  const auto jwk = parsed(R"({"kty":"OKP","crv":"Ed25519","kid":"k1","x":")" +
                          base::toBase64Url(publicKey) + R"("})");
  const auto key = JwsKey::fromJwk(jwk.root());
  REQUIRE(key);
  CHECK_FALSE(accepts(key, signedWith(R"({"alg":"HS256","kid":"k1"})", "{}", publicKey)));
  const auto text =
      base::toBase64Url(R"({"alg":"EdDSA","kid":"k1"})") + "." + base::toBase64Url("{}");
  CHECK(accepts(key, text + "." + base::toBase64Url(vault::ed25519Sign(seed, text))));
  CHECK_FALSE(accepts(key, text + "." + base::toBase64Url(std::string(64, '\0'))));
}

TEST_CASE("Keys that are weak, private, symmetric or for something else are left out") {
  for (
      const std::string jwk :
      {R"({"kty":"oct","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"})",
       R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
       R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
       // Of the right length, but no point of the curve.
       R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})",
       R"({"kty":"OKP","crv":"X25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})", R"({})",
       R"([])", R"(7)"}) {
    CAPTURE(jwk);
    const auto document = parsed(jwk);
    CHECK_FALSE(JwsKey::fromJwk(document.root()));
  }
  CHECK_FALSE(
      JwsKey::fromSecret("k", JwsAlgorithm::hs256, vault::SecretString(std::string_view("short"))));
  CHECK_FALSE(
      JwsKey::fromSecret("k", JwsAlgorithm::rs256, vault::SecretString(std::string_view(kSecret))));
}

TEST_CASE("A set of keys is read without those that can't be used") {
  const auto point = base::toBase64Url(vault::ed25519PublicKey(std::string(32, 's')));
  const auto keys = identity::parseJwkSet(
      R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"good","x":")" + point +
      R"("},{"kty":"oct","kid":"secret","k":"AAAA"},{"kty":"OKP","crv":"Ed25519","kid":"enc","use":"enc","x":")" +
      point + R"("},{"kty":"OKP","crv":"Ed25519","kid":"private","d":"AAAA","x":")" + point +
      R"("}]})");
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(keys->front().id() == "good");
  CHECK_FALSE(identity::parseJwkSet("[]"));
  CHECK_FALSE(identity::parseJwkSet("<html>"));
  CHECK_FALSE(identity::parseJwkSet(R"({"keys":[],"keys":[]})"));
}
