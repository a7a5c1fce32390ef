// PayPal's money: a decimal text and a currency code, with the currencies that PayPal supports and
// the three of them that take no decimals there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace simulators::paypal {

struct Currency {
  std::string_view code;
  int decimals;     // in PayPal's texts
  int isoExponent;  // of the smallest unit, for the ledger
};

// Nothing for a currency that PayPal does not support.
const Currency* findCurrency(std::string_view code);

struct Money {
  std::int64_t units = 0;              // of the ISO smallest unit
  const Currency* currency = nullptr;  // null: none could be read, and there are no units

  std::string code() const { return std::string(currency ? currency->code : ""); }
  std::string value() const;  // as PayPal writes it
};

enum class MoneyFault : std::uint8_t {
  kNone,
  kSyntax,
  kCurrency,
  kDecimals,
  kPrecision,
  kTooLarge
};

struct ReadMoney {
  MoneyFault fault = MoneyFault::kNone;
  Money money;
};

ReadMoney readMoney(std::string_view currencyCode, std::string_view value);

// What PayPal keeps of a received amount.
std::int64_t feeOf(const Money& gross);

}  // namespace simulators::paypal
