#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <unigate/money.hpp>

#include "base/random.hpp"

using namespace unigate;

namespace {
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_CASE("Round-trips every amount in every currency through decimal text") {
  base::SeededRandom random(42);
  for (const money::Currency& currency : money::kCurrencies) {
    INFO(currency.code);
    for (const std::int64_t edge : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
                                    std::int64_t{99}, std::int64_t{100}, kMost, kLeast}) {
      CHECK(money::fromDecimal(money::toDecimal(edge, currency.exponent), currency.exponent) ==
            edge);
    }
    for (int i = 0; i < 200; ++i) {
      // All magnitudes alike, both signs.
      const auto bits = random.below(UINT64_MAX) >> random.below(64);
      const auto amount = static_cast<std::int64_t>(bits);
      const std::string text = money::toDecimal(amount, currency.exponent);
      CHECK(money::fromDecimal(text, currency.exponent) == amount);
      const auto point = text.find('.');
      const std::size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
      CHECK(decimals == static_cast<std::size_t>(currency.exponent));
    }
  }
}

TEST_CASE("Keeps the currency list sorted, upper-case and without twins") {
  CHECK(std::is_sorted(money::kCurrencies.begin(), money::kCurrencies.end(),
                       [](const auto& a, const auto& b) { return a.code < b.code; }));
  for (std::size_t i = 0; i < money::kCurrencies.size(); ++i) {
    const auto& currency = money::kCurrencies[i];
    CHECK(currency.code.size() == 3);
    CHECK(currency.exponent >= 0);
    CHECK(currency.exponent <= 4);
    if (i > 0) CHECK(money::kCurrencies[i - 1].code != currency.code);
  }
}

TEST_CASE("Knows the exponents that catch people out") {
  const std::vector<std::pair<const char*, int>> known = {
      {"JPY", 0}, {"KRW", 0}, {"ISK", 0}, {"CLP", 0}, {"UGX", 0}, {"VND", 0}, {"HUF", 2},
      {"TWD", 2}, {"BHD", 3}, {"KWD", 3}, {"TND", 3}, {"CLF", 4}, {"UYW", 4}, {"USD", 2}};
  for (const auto& [code, exponent] : known) {
    INFO(code);
    REQUIRE(money::findCurrency(code));
    CHECK(money::findCurrency(code)->exponent == exponent);
  }
  CHECK(money::findCurrency("usd")->code == "USD");
  for (const char* code : {"", "US", "USDX", "XXX", "XAU", "ZZZ", "U$D"})
    CHECK_FALSE(money::findCurrency(code));
}

TEST_CASE("Writes decimal text exactly") {
  CHECK(money::toDecimal(1050, 2) == "10.50");
  CHECK(money::toDecimal(-5, 2) == "-0.05");
  CHECK(money::toDecimal(0, 2) == "0.00");
  CHECK(money::toDecimal(7, 0) == "7");
  CHECK(money::toDecimal(1, 4) == "0.0001");
  CHECK(money::toDecimal(kLeast, 2) == "-92233720368547758.08");
}

TEST_CASE("Reads the odd spellings of decimals exactly") {
  CHECK(money::fromDecimal("10.5", 2) == 1050);
  CHECK(money::fromDecimal(".5", 2) == 50);
  CHECK(money::fromDecimal("-.05", 2) == -5);
  CHECK(money::fromDecimal("-0", 2) == 0);
  CHECK(money::fromDecimal("0010", 2) == 1000);
  CHECK(money::fromDecimal("1.50000000", 2) == 150);
  CHECK(money::fromDecimal("5.000", 0) == 5);
}

TEST_CASE("Refuses to round, to overflow and to guess") {
  for (const char* text : {"",
                           "-",
                           ".",
                           "1.",
                           "+1",
                           "1,5",
                           "1e3",
                           "1E3",
                           " 1",
                           "1 ",
                           "0x10",
                           "1.005",
                           "--1",
                           "1.-5",
                           "1..5",
                           "1.5.5",
                           "NaN",
                           "inf",
                           "\xd9\xa1",
                           "1_000",
                           "92233720368547758.08",
                           "-92233720368547758.09",
                           "99999999999999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(money::fromDecimal(text, 2));
  }
  CHECK_FALSE(money::fromDecimal("0.5", 0));
  CHECK(money::fromDecimal("92233720368547758.07", 2) == kMost);
  CHECK_FALSE(money::fromDecimal(std::string_view("1\0", 2), 2));
}
