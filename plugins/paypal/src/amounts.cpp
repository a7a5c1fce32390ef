#include "amounts.hpp"

#include <algorithm>
#include <array>

namespace paypal {

namespace {

// Currencies with a minor unit that PayPal does not take: a decimal point is an error.
constexpr std::array<std::string_view, 2> kWholeUnits = {"HUF", "TWD"};
constexpr std::int32_t kDecimalsMax = 3;

bool isWholeUnits(std::string_view currency) {
  return std::find(kWholeUnits.begin(), kWholeUnits.end(), currency) != kWholeUnits.end();
}

}  // namespace

sdk::Result<std::string> toPaypal(std::int64_t minor, std::string_view currency,
                                  std::string_view field) {
  const auto known = money::findCurrency(currency);
  if (!known || known->exponent > kDecimalsMax) {
    return sdk::Error::invalidRequest("currency",
                                      "PayPal takes no amounts in " + std::string(currency));
  }
  if (!isWholeUnits(known->code)) return money::toDecimal(minor, known->exponent);
  constexpr std::int64_t kMinorOfUnit = 100;
  if (minor % kMinorOfUnit != 0) {
    return sdk::Error::invalidRequest(
        std::string(field), "PayPal takes whole " + std::string(known->code) + " only: '" +
                                std::string(field) + "' must be a multiple of 100, such as " +
                                std::to_string(minor / kMinorOfUnit * kMinorOfUnit));
  }
  return money::toDecimal(minor / kMinorOfUnit, 0);
}

std::optional<std::int64_t> fromPaypal(std::string_view decimal, std::string_view currency) {
  const auto known = money::findCurrency(currency);
  if (!known) return std::nullopt;
  return money::fromDecimal(decimal, known->exponent);
}

std::optional<sdk::Money> moneyOf(json::View amount) {
  const std::string_view code = amount["currency_code"].stringOr(amount["currency"].stringOr(""));
  const auto decimal =
      amount["value"].isNothing() ? amount["total"].string() : amount["value"].string();
  const auto known = money::findCurrency(code);
  if (!known || !decimal) return std::nullopt;
  const auto minor = fromPaypal(*decimal, known->code);
  if (!minor) return std::nullopt;
  return sdk::Money{*minor, std::string(known->code)};
}

void writeMoney(json::Writer& out, std::string_view name, std::string_view decimal,
                std::string_view currency) {
  out.key(name).beginObject();
  out.member("currency_code", money::upper(currency)).member("value", decimal).endObject();
}

}  // namespace paypal
