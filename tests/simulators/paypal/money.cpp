#include "paypal/money.hpp"

#include <algorithm>
#include <array>

namespace simulators::paypal {
namespace {

constexpr std::array<Currency, 25> kCurrencies{
    {{"AUD", 2, 2}, {"BRL", 2, 2}, {"CAD", 2, 2}, {"CNY", 2, 2}, {"CZK", 2, 2},
     {"DKK", 2, 2}, {"EUR", 2, 2}, {"GBP", 2, 2}, {"HKD", 2, 2}, {"HUF", 0, 2},
     {"ILS", 2, 2}, {"INR", 2, 2}, {"JPY", 0, 0}, {"MXN", 2, 2}, {"MYR", 2, 2},
     {"NOK", 2, 2}, {"NZD", 2, 2}, {"PHP", 2, 2}, {"PLN", 2, 2}, {"SEK", 2, 2},
     {"SGD", 2, 2}, {"THB", 2, 2}, {"TWD", 0, 2}, {"USD", 2, 2}, {"CHF", 2, 2}}};

constexpr std::size_t kDigitsMax = 15;
constexpr std::int64_t kFeeTenThousandths = 349;
constexpr std::int64_t kFixedFee = 49;

std::int64_t powerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool allDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const Currency* findCurrency(std::string_view code) {
  for (const auto& currency : kCurrencies) {
    if (currency.code == code) return &currency;
  }
  return nullptr;
}

std::string Money::value() const {
  if (!currency) return "0";
  const auto scale = powerOfTen(currency->isoExponent);
  const bool negative = units < 0;
  const auto size = negative ? -units : units;
  std::string text = (negative ? "-" : "") + std::to_string(size / scale);
  if (currency->decimals == 0) return text;
  auto fraction = std::to_string(size % scale);
  fraction.insert(0, static_cast<std::size_t>(currency->decimals) - fraction.size(), '0');
  return text + "." + fraction;
}

ReadMoney readMoney(std::string_view currencyCode, std::string_view value) {
  ReadMoney read;
  read.money.currency = findCurrency(currencyCode);
  if (!read.money.currency) return read.fault = MoneyFault::kCurrency, read;
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  const auto point = value.find('.');
  const auto whole = value.substr(0, point);
  const auto fraction =
      point == std::string_view::npos ? std::string_view() : value.substr(point + 1);
  const bool lacksDigits = point == std::string_view::npos ? whole.empty() : fraction.empty();
  if (lacksDigits || !allDigits(whole) || !allDigits(fraction)) {
    return read.fault = MoneyFault::kSyntax, read;
  }
  if (whole.size() > kDigitsMax) return read.fault = MoneyFault::kTooLarge, read;
  if (point != std::string_view::npos && read.money.currency->decimals == 0) {
    return read.fault = MoneyFault::kDecimals, read;
  }
  if (fraction.size() > static_cast<std::size_t>(read.money.currency->decimals)) {
    return read.fault = MoneyFault::kPrecision, read;
  }
  std::int64_t units = 0;
  for (const char c : whole) units = units * 10 + (c - '0');
  for (int i = 0; i < read.money.currency->isoExponent; ++i) {
    const auto place = static_cast<std::size_t>(i);
    units = units * 10 + (place < fraction.size() ? fraction[place] - '0' : 0);
  }
  read.money.units = negative ? -units : units;
  return read;
}

std::int64_t feeOf(const Money& gross) {
  const auto scale = powerOfTen(gross.currency->isoExponent);
  auto fee = gross.units * kFeeTenThousandths / 10'000 + kFixedFee * scale / 100;
  const auto unit = gross.currency->decimals == 0 ? scale : 1;
  fee -= fee % unit;
  return std::min(fee, gross.units);
}

}  // namespace simulators::paypal
