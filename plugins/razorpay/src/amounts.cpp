#include "amounts.hpp"

#include <string>

namespace razorpay {

sdk::Result<std::int64_t> toRazorpay(std::int64_t amount, std::string_view currency) {
  const auto known = money::findCurrency(currency);
  if (!known || known->exponent > 3) {
    return sdk::Error::notSupported("currency",
                                    "Razorpay takes no payments in " + std::string(currency));
  }
  // 295.991 KWD is sent as 295990: Razorpay keeps two decimals of three.
  if (known->exponent == 3 && amount % 10 != 0) {
    return sdk::Error::invalidRequest(
        "amount", "Razorpay takes " + std::string(known->code) + " in multiples of 10 minor units");
  }
  return amount;
}

std::optional<std::int64_t> fromRazorpay(json::View field) {
  const auto amount = field.int64();
  return amount && *amount >= 0 ? amount : std::nullopt;
}

std::optional<std::string> currencyOf(json::View field) {
  std::string code = money::upper(field.stringOr(""));
  if (!money::findCurrency(code)) return std::nullopt;
  return code;
}

}  // namespace razorpay
