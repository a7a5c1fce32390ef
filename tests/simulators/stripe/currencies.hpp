// Which currencies Stripe takes and which amounts in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace simulators::stripe {

// Expects lower case.
bool isCurrency(std::string_view code);
std::string currencyList();

// The least amount of a charge, in the smallest unit; 1 where Stripe names none.
std::int64_t amountMin(std::string_view currency);
inline constexpr std::int64_t kAmountMax = 99'999'999;

// What an amount must be divisible by: 10 with three decimals (the last digit is 0), 100 for the
// currencies without decimals that Stripe still counts in hundredths.
std::int64_t amountStep(std::string_view currency);

// "$0.50 usd", for messages.
std::string formatAmount(std::int64_t amount, std::string_view currency);

}  // namespace simulators::stripe
