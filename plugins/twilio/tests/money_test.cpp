// Prices and balances: what Twilio writes comes out exactly, in every currency.
#include <unigate/money.hpp>

#include "support.hpp"
#include "wire.hpp"

using namespace twilio_test;
namespace money = unigate::money;

namespace {

constexpr const char* kSettings = R"({"account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";

std::string balanceOf(const std::string& balance, std::string_view currency) {
  Driver driver(plugin(), kSettings);
  REQUIRE(driver.begin("balance.get", "{}").kind == UG_STEP_HTTP);
  const SeenStep step = driver.respond(
      200, "{\"balance\":\"" + balance + "\",\"currency\":\"" + std::string(currency) + "\"}");
  return step.kind == UG_STEP_DONE ? step.resultJson : std::string();
}

}  // namespace

TEST_CASE("A balance in any currency comes out to the last minor unit") {
  for (const money::Currency& currency : money::kCurrencies) {
    for (const std::int64_t minor :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{99}, std::int64_t{12345},
          std::int64_t{-987654321}, std::int64_t{1} << 52}) {
      const std::string text = money::toDecimal(minor, currency.exponent);
      INFO(currency.code << " " << text);
      const json::Document result = parsed(balanceOf(text, currency.code));
      const json::View available = result["available"][std::size_t{0}];
      CHECK(available["amount"].int64() == minor);
      CHECK(available["currency"].stringOr("") == currency.code);
      CHECK_FALSE(available["exact"].exists());
    }
  }
}

TEST_CASE("Parts of a minor unit are kept as text and never rounded up") {
  for (const money::Currency& currency : money::kCurrencies) {
    for (const std::int64_t minor : {0, 1, 250}) {
      const std::string point = currency.exponent == 0 ? "." : "";
      const std::string text = money::toDecimal(minor, currency.exponent) + point + "0075";
      INFO(currency.code << " " << text);
      const json::Document up = parsed(balanceOf(text, currency.code));
      CHECK(up["available"][std::size_t{0}]["amount"].int64() == minor);
      CHECK(up["available"][std::size_t{0}]["exact"].stringOr("") == text);
      const json::Document down = parsed(balanceOf("-" + text, currency.code));
      CHECK(down["available"][std::size_t{0}]["amount"].int64() == -minor - 1);
      CHECK(down["available"][std::size_t{0}]["exact"].stringOr("") == "-" + text);
    }
  }
}

TEST_CASE("A balance that is no amount is no balance") {
  for (const char* text : {"", "-", ".", "1.", "1,5", "1e5", "0x1", " 1", "1.2.3", "--1", "1.0075x",
                           "99999999999999999999", "99999999999999999999.0075"}) {
    INFO(text);
    CHECK(balanceOf(text, "USD").empty());
  }
  CHECK(balanceOf("1.00", "ZZZ").empty());
}

TEST_CASE("A price is what we pay, exactly as written") {
  const auto cost = [](const std::string& price, const std::string& unit) {
    const json::Document document = parsed("{\"p\":\"" + price + "\",\"u\":\"" + unit + "\"}");
    return twilio::costOf(document["p"], document["u"]);
  };
  CHECK(cost("-0.00750", "USD")->value == "0.00750");
  CHECK(cost("-0.00750", "usd")->currency == "USD");
  CHECK(cost("0.5", "USD")->value == "-0.5");
  CHECK(cost("0.00000", "USD")->value == "0.00000");
  CHECK(cost("-0", "USD")->value == "0");
  CHECK(cost("-3", "JPY")->value == "3");
  CHECK_FALSE(cost("-0.0075", "").has_value());
  CHECK_FALSE(cost("", "USD").has_value());
  for (const money::Currency& currency : money::kCurrencies) {
    CHECK(cost("-1.2345678", std::string(currency.code))->value == "1.2345678");
  }
}
