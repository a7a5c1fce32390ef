// Between our minor units (ISO 4217 exponents) and what Stripe counts in, which differs for some
// currencies. Source: docs.stripe.com/currencies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire.hpp"

namespace stripe {

// What to send for `amount` minor units. Refuses what Stripe can't represent, never rounds.
sdk::Result<std::int64_t> toStripe(std::int64_t amount, std::string_view currency);

// The same for a payout, which Stripe makes in whole units for some currencies that it charges in
// hundredths.
sdk::Result<std::int64_t> toStripePayout(std::int64_t amount, std::string_view currency);

// Adds what the platform keeps of a connected account's payment: down to what Stripe can count in,
// nothing where that is 0.
std::optional<sdk::Error> addPlatformFee(sdk::FormEncoder& form, std::optional<std::int64_t> fee,
                                         std::string_view currency);

// Minor units of what Stripe says; empty if it is not a whole number of them.
std::optional<std::int64_t> fromStripe(std::int64_t amount, std::string_view currency);

}  // namespace stripe
