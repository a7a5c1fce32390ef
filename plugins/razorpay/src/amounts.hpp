// Between our minor units (ISO 4217 exponents) and what Razorpay counts in. They are the same, but
// for what Razorpay refuses. Source: api/orders/create.md of Razorpay's documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire.hpp"

namespace razorpay {

// What to send for `amount` minor units. Refuses what Razorpay can't represent, never rounds.
sdk::Result<std::int64_t> toRazorpay(std::int64_t amount, std::string_view currency);

// Minor units of what Razorpay says; empty for a number below 0 and for what is no integer.
std::optional<std::int64_t> fromRazorpay(json::View field);

// ISO 4217 code in upper case; empty if it is none.
std::optional<std::string> currencyOf(json::View field);

}  // namespace razorpay
