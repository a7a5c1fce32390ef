#include "onboarding/sealed_token.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>
#include <string>

namespace unigate::onboarding {
namespace {

struct Fixture {
  base::SystemRandom random;
  base::ManualClock clock;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<TokenSealer> sealer;
  const TokenOwner owner{"org_1", "usr_1"};

  Fixture() {
    ::setenv("ONBOARDING_TEST_KEY", std::string(64, 'a').c_str(), 1);
    auto opened = vault::Vault::open("env:ONBOARDING_TEST_KEY", random);
    REQUIRE(opened);
    vault = std::move(*opened);
    sealer = std::make_unique<TokenSealer>(*vault, clock, random);
  }

  std::string token(const std::string& value = "ak_test_abcdefgh1") const {
    PastedCredentials pasted;
    pasted["acme"]["test"].emplace_back("secret_key", vault::SecretString(std::string_view(value)));
    auto sealed = sealer->seal(owner, pasted);
    REQUIRE(sealed);
    return *sealed;
  }

  std::string codeOf(const TokenOwner& who, const std::string& text) const {
    const auto opened = sealer->open(who, text);
    return opened ? "opened" : opened.error().code;
  }
};

TEST_CASE_METHOD(Fixture, "Opens for who pasted, with what was pasted") {
  const auto opened = sealer->open(owner, token());
  REQUIRE(opened);
  const CredentialValues& values = opened->at("acme").at("test");
  REQUIRE(values.size() == 1);
  CHECK(values.front().first == "secret_key");
  CHECK(values.front().second.reveal() == "ak_test_abcdefgh1");
}

TEST_CASE_METHOD(Fixture, "Says nothing of its content and differs each time") {
  CHECK(token().find("acme") == std::string::npos);
  CHECK(token() != token());
}

TEST_CASE_METHOD(Fixture, "Opens for nobody else") {
  const std::string sealed = token();
  CHECK(codeOf({"org_2", "usr_1"}, sealed) == "onboarding_token_invalid");
  CHECK(codeOf({"org_1", "usr_2"}, sealed) == "onboarding_token_invalid");
}

TEST_CASE_METHOD(Fixture, "Ends after ten minutes") {
  const std::string sealed = token();
  clock.advanceMs(kTokenLifeMs - 1);
  CHECK(codeOf(owner, sealed) == "opened");
  clock.advanceMs(1);
  CHECK(codeOf(owner, sealed) == "onboarding_token_expired");
}

TEST_CASE_METHOD(Fixture, "Refuses every changed, cut and foreign text") {
  const std::string sealed = token();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(codeOf(owner, changed) == "onboarding_token_invalid");
    CHECK(codeOf(owner, sealed.substr(0, i)) == "onboarding_token_invalid");
  }
  CHECK(codeOf(owner, std::string(kTokenBytesMax + 1, 'A')) == "onboarding_token_invalid");

  ::setenv("ONBOARDING_TEST_KEY", std::string(64, 'b').c_str(), 1);
  auto other = vault::Vault::open("env:ONBOARDING_TEST_KEY", random);
  REQUIRE(other);
  CHECK_FALSE(TokenSealer(**other, clock, random).open(owner, sealed));
}

TEST_CASE_METHOD(Fixture, "Is bounded in size") {
  PastedCredentials pasted;
  pasted["acme"]["test"].emplace_back("secret_key",
                                      vault::SecretString(std::string(kTokenBytesMax, 'x')));
  const auto sealed = sealer->seal(owner, pasted);
  REQUIRE_FALSE(sealed);
  CHECK(sealed.error().status == 422);
}

}  // namespace
}  // namespace unigate::onboarding
