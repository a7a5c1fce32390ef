#include "identity/access_tokens.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/text.hpp"
#include "vault/crypto.hpp"

using namespace unigate;
using identity::AccessTokens;

namespace {

struct Fixture {
  std::string folder = (std::filesystem::temp_directory_path() / "tokens-test-XXXXXX").string();
  base::ManualClock clock;
  base::SystemRandom random;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<AccessTokens> tokens;

  Fixture() {
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    vault = openVault("kek");
    tokens = std::make_unique<AccessTokens>(*vault, clock, random, "here");
  }
  ~Fixture() { std::filesystem::remove_all(folder); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::unique_ptr<vault::Vault> openVault(const std::string& name) {
    REQUIRE(vault::createKekFile(folder + "/" + name, random));
    return std::move(*vault::Vault::open("file:" + folder + "/" + name, random));
  }
  std::string issue() const { return tokens->issue("usr_1", "org_1", "ses_1"); }

  // The same header, another payload, signed with the real key.
  std::string resigned(const std::string& payload, const std::string& header = {}) const {
    const auto original = issue();
    const auto text =
        (header.empty() ? original.substr(0, original.find('.')) : base::toBase64Url(header)) +
        "." + base::toBase64Url(payload);
    const auto key = vault->deriveKey("access-token-signing");
    return text + "." + base::toBase64Url(vault::hmacSha256(key.reveal(), text));
  }
  std::string headerOf(const std::string& token) const {
    return *base::fromBase64Url(token.substr(0, token.find('.')));
  }
  std::string payloadOf(const std::string& token) const {
    const auto first = token.find('.') + 1;
    return *base::fromBase64Url(token.substr(first, token.rfind('.') - first));
  }
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE_METHOD(Fixture, "A token says whose it is, for a quarter of an hour") {
  const auto token = issue();
  const auto claims = tokens->check(token);
  REQUIRE(claims);
  CHECK(claims->userId == "usr_1");
  CHECK(claims->orgId == "org_1");
  CHECK(claims->sessionId == "ses_1");
  clock.advanceMs(15 * 60 * 1000 - 1);
  CHECK(tokens->check(token));
  clock.advanceMs(1);
  CHECK_FALSE(tokens->check(token));
}

TEST_CASE_METHOD(Fixture, "No two tokens are the same") {
  CHECK(issue() != issue());
}

TEST_CASE_METHOD(Fixture, "Another installation's key, name or kind of token is refused") {
  const auto other = openVault("other");
  CHECK_FALSE(AccessTokens(*other, clock, random, "here").check(issue()));
  CHECK_FALSE(AccessTokens(*vault, clock, random, "there").check(issue()));
  const auto again = AccessTokens(*vault, clock, random, "here").check(issue());
  CHECK(again);
}

TEST_CASE_METHOD(Fixture, "Each claim is looked at, even under a true signature") {
  const auto payload = payloadOf(issue());
  CHECK(tokens->check(resigned(payload)));
  const auto now = clock.unixMs() / 1000;
  const auto at = [](const char* name, std::int64_t time) {
    return std::string("\"") + name + "\":" + std::to_string(time);
  };
  const std::vector<std::string> bad = {
      replaced(payload, "\"iss\":\"here\"", "\"iss\":\"there\""),
      replaced(payload, "\"iss\":\"here\"", "\"iss\":[\"here\"]"),
      replaced(payload, "\"iss\":\"here\"", "\"issuer\":\"here\""),
      replaced(payload, "\"aud\":\"unigate\"", "\"aud\":\"another\""),
      replaced(payload, "\"aud\":\"unigate\"", "\"aud\":[]"),
      replaced(payload, "\"sub\":\"usr_1\"", "\"sub\":\"\""),
      replaced(payload, "\"sub\":\"usr_1\"", "\"sub\":7"),
      replaced(payload, "\"org\":\"org_1\"", "\"org\":\"\""),
      replaced(payload, "\"sid\":\"ses_1\"", "\"x\":\"ses_1\""),
      replaced(payload, at("exp", now + 900), at("exp", now)),
      replaced(payload, at("exp", now + 900), at("never", now + 900)),
      replaced(payload, at("exp", now + 900), "\"exp\":\"" + std::to_string(now + 900) + "\""),
      replaced(payload, at("nbf", now), at("nbf", now + 60)),
      replaced(payload, at("iat", now), at("iat", now + 60)),
      replaced(payload, at("iat", now), at("exp", now + 9'000)),  // exp twice
      "[]",
      "",
      payload + payload,
  };
  for (const auto& each : bad) {
    CAPTURE(each);
    CHECK_FALSE(tokens->check(resigned(each)));
  }
}

TEST_CASE_METHOD(Fixture, "The header must be ours to the letter") {
  const auto token = issue();
  const auto payload = payloadOf(token);
  const auto header = headerOf(token);
  CHECK(tokens->check(resigned(payload, header)));
  for (const auto& each :
       {replaced(header, "HS256", "none"), replaced(header, "HS256", "RS256"),
        replaced(header, "HS256", "HS512"), replaced(header, "at+jwt", "JWT"),
        replaced(header, "\"kid\":\"", "\"kid\":\"x"), replaced(header, "\"kid\":", "\"kid2\":"),
        replaced(header, "{", "{\"crit\":[\"exp\"],")}) {
    CAPTURE(each);
    CHECK_FALSE(tokens->check(resigned(payload, each)));
  }
  const auto unsigned_ =
      base::toBase64Url(replaced(header, "HS256", "none")) + "." + base::toBase64Url(payload) + ".";
  CHECK_FALSE(tokens->check(unsigned_));
}
