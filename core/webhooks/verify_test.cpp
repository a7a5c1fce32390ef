#include "webhooks/verify.hpp"

#include <catch2/catch.hpp>

namespace unigate::webhooks {
namespace {

// RFC 4231 test case 2 and its like, in every digest and encoding.
constexpr std::string_view kKey = "Jefe";
constexpr std::string_view kText = "what do ya want for nothing?";
constexpr std::string_view kHex256 =
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

Recipe hmacRecipe(std::string message, std::vector<std::string> expected) {
  Recipe recipe;
  recipe.kind = RecipeKind::hmac;
  recipe.digest = Digest::sha256;
  recipe.encoding = Encoding::hex;
  recipe.secret = "hook_secret";
  recipe.messages = {std::move(message)};
  recipe.expected = std::move(expected);
  return recipe;
}

Recipe good() {
  return hmacRecipe(std::string(kText), {std::string(kHex256)});
}

bool holds(const Recipe& recipe) {
  return !findHmacRefusal(recipe, {kKey}).has_value();
}

}  // namespace

TEST_CASE("HMAC is that of the published vectors") {
  CHECK(encodedHmac(Digest::sha256, Encoding::hex, kKey, kText) == kHex256);
  CHECK(encodedHmac(Digest::sha1, Encoding::hex, kKey, kText) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(encodedHmac(Digest::sha1, Encoding::base64, kKey, kText) == "7/zfauXrL6LSdBbV8YTfnCWafHk=");
  CHECK(encodedHmac(Digest::sha512, Encoding::hex, kKey, kText).substr(0, 32) ==
        "164b7a7bfcf819e2e395fbe73b56e0a3");
  CHECK(encodedHmac(Digest::sha256, Encoding::hex, kKey, "").size() == 64);
  CHECK(encodedHmac(Digest::unknown, Encoding::hex, kKey, kText).empty());
  CHECK(encodedHmac(Digest::sha256, Encoding::unknown, kKey, kText).empty());
}

TEST_CASE("Any expected value over any message is enough") {
  CHECK(holds(good()));
  Recipe recipe = good();
  recipe.messages.insert(recipe.messages.begin(), "another spelling of it");
  recipe.expected.insert(recipe.expected.begin(), std::string(64, '0'));
  CHECK(holds(recipe));
  recipe.messages.pop_back();
  CHECK_FALSE(holds(recipe));
}

TEST_CASE("A signature is compared as text, letter by letter") {
  std::string oneMore(kHex256);
  oneMore.push_back('0');
  std::string zeroEnded(kHex256);
  zeroEnded.push_back('\0');
  for (const std::string& spoilt : std::vector<std::string>{
           "", "5", oneMore, std::string(kHex256.substr(1)),
           "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
           "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
           "4bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", zeroEnded}) {
    INFO(spoilt);
    CHECK_FALSE(holds(hmacRecipe(std::string(kText), {spoilt})));
  }
  std::string longer(kText);
  longer.push_back(' ');
  CHECK_FALSE(holds(hmacRecipe(longer, {std::string(kHex256)})));
}

TEST_CASE("A secret that is missing or empty never verifies") {
  Recipe recipe = hmacRecipe("body", {encodedHmac(Digest::sha256, Encoding::hex, "", "body")});
  REQUIRE(recipe.expected[0].size() == 64);
  CHECK(findHmacRefusal(recipe, {}).value() == "credential \"hook_secret\" is not stored");
  CHECK(findHmacRefusal(recipe, {""}).has_value());
  CHECK(findHmacRefusal(recipe, {"", "other"}).has_value());
}

TEST_CASE("During a rotation either secret verifies") {
  CHECK_FALSE(findHmacRefusal(good(), {"new one", kKey}).has_value());
  CHECK_FALSE(findHmacRefusal(good(), {"", kKey}).has_value());
  CHECK(findHmacRefusal(good(), {"new one", "newer one"}).has_value());
}

TEST_CASE("No signature, no message and an unknown algorithm are refused") {
  CHECK_FALSE(holds(hmacRecipe(std::string(kText), {})));
  Recipe recipe = good();
  recipe.messages.clear();
  CHECK_FALSE(holds(recipe));
  recipe = good();
  recipe.digest = Digest::unknown;
  CHECK_FALSE(holds(recipe));
  recipe = good();
  recipe.encoding = Encoding::unknown;
  CHECK_FALSE(holds(recipe));
}

TEST_CASE("All plain digests must hold") {
  Recipe recipe = good();
  CHECK_FALSE(findDigestRefusal(recipe).has_value());
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  recipe.digestChecks = {{Digest::sha256, Encoding::hex, "abc", abc}};
  CHECK_FALSE(findDigestRefusal(recipe).has_value());
  recipe.digestChecks.push_back({Digest::sha256, Encoding::hex, "abd", abc});
  CHECK(findDigestRefusal(recipe).has_value());
  recipe.digestChecks = {{Digest::unknown, Encoding::hex, "abc", abc}};
  CHECK(findDigestRefusal(recipe).has_value());
  recipe.digestChecks = {{Digest::sha256, Encoding::hex, "abc",
                          "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"}};
  CHECK(findDigestRefusal(recipe).has_value());
}

TEST_CASE("The signed time may be as old as the tolerance and no older") {
  Recipe recipe = good();
  recipe.toleranceS = 300;
  const std::int64_t now = 1'785'000'000;
  const auto refusedAt = [&](std::int64_t timestamp, std::optional<std::uint32_t> tolerance) {
    recipe.timestampUnixS = timestamp;
    return findTimeRefusal(recipe, now * 1000 + 999, tolerance).has_value();
  };
  CHECK_FALSE(refusedAt(now, {}));
  CHECK_FALSE(refusedAt(now - 300, {}));
  CHECK(refusedAt(now - 301, {}));
  CHECK_FALSE(refusedAt(now + 60, {}));
  CHECK_FALSE(refusedAt(INT64_MAX, {}));
  CHECK_FALSE(refusedAt(now - 590, 600));
  CHECK(refusedAt(now - 30, 10));
  CHECK(refusedAt(0, {}));
  CHECK(refusedAt(-1, {}));
  CHECK(refusedAt(INT64_MIN, {}));
  recipe.toleranceS = 0;
  CHECK_FALSE(refusedAt(1, 10));
}

}  // namespace unigate::webhooks
