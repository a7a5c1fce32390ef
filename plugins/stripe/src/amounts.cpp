#include "amounts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace stripe {

namespace {

// Counted in whole units.
constexpr std::array<std::string_view, 15> kZeroDecimal = {"BIF", "CLP", "DJF", "GNF", "JPY",
                                                           "KMF", "KRW", "MGA", "PYG", "RWF",
                                                           "VND", "VUV", "XAF", "XOF", "XPF"};
// Counted in thousandths, the last digit being 0.
constexpr std::array<std::string_view, 5> kThreeDecimal = {"BHD", "JOD", "KWD", "OMR", "TND"};
// Whole units by ISO 4217, yet counted in hundredths, the last two digits being 0.
constexpr std::array<std::string_view, 2> kWholeInHundredths = {"ISK", "UGX"};

// Charged in hundredths, paid out in whole units.
constexpr std::array<std::string_view, 2> kWholePayouts = {"HUF", "TWD"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& list, std::string_view code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

// Decimals that Stripe counts in; -1 for a currency that it does not take.
std::int32_t exponentAtStripe(const money::Currency& currency) {
  if (has(kZeroDecimal, currency.code)) return 0;
  if (has(kThreeDecimal, currency.code)) return 3;
  if (has(kWholeInHundredths, currency.code) || currency.exponent == 2) return 2;
  return -1;
}

// Minor units of which every amount is a multiple.
std::int64_t stepOf(const money::Currency& currency) {
  const std::int32_t exponent = exponentAtStripe(currency);
  if (exponent == 3) return 10;
  return exponent < currency.exponent ? 100 : 1;
}

sdk::Error mustBeMultiple(std::string_view currency, std::int64_t step) {
  return sdk::Error::invalidRequest("amount", "Stripe takes " + std::string(currency) +
                                                  " in multiples of " + std::to_string(step) +
                                                  " minor units");
}

}  // namespace

sdk::Result<std::int64_t> toStripe(std::int64_t amount, std::string_view currency) {
  const auto known = money::findCurrency(currency);
  const std::int32_t exponent = known ? exponentAtStripe(*known) : -1;
  if (exponent < 0) {
    return sdk::Error::notSupported("currency",
                                    "Stripe takes no payments in " + std::string(currency));
  }
  const std::int64_t step = stepOf(*known);
  if (amount % step != 0) return mustBeMultiple(currency, step);
  // MGA: hundredths by ISO 4217, whole units at Stripe
  if (exponent < known->exponent) return amount / 100;
  if (exponent == known->exponent) return amount;
  if (amount > std::numeric_limits<std::int64_t>::max() / 100) {
    return sdk::Error::invalidRequest("amount", "'amount' is larger than Stripe takes");
  }
  return amount * 100;
}

sdk::Result<std::int64_t> toStripePayout(std::int64_t amount, std::string_view currency) {
  if (has(kWholePayouts, money::upper(currency)) && amount % 100 != 0) {
    return mustBeMultiple(currency, 100);
  }
  return toStripe(amount, currency);
}

std::optional<sdk::Error> addPlatformFee(sdk::FormEncoder& form, std::optional<std::int64_t> fee,
                                         std::string_view currency) {
  const auto known = money::findCurrency(currency);
  if (!fee || !known) return std::nullopt;
  const auto amount = toStripe(*fee - *fee % stepOf(*known), currency);
  if (!amount) return amount.error();
  if (*amount > 0) form.add("application_fee_amount", *amount);
  return std::nullopt;
}

std::optional<std::int64_t> fromStripe(std::int64_t amount, std::string_view currency) {
  const auto known = money::findCurrency(currency);
  const std::int32_t exponent = known ? exponentAtStripe(*known) : -1;
  if (exponent < 0 || exponent == known->exponent) return amount;
  if (exponent > known->exponent) {
    if (amount % 100 != 0) return std::nullopt;
    return amount / 100;
  }
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 100;
  if (amount > kMax || amount < -kMax) return std::nullopt;
  return amount * 100;
}

}  // namespace stripe
