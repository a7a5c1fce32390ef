// The operations of the four providers as money-safety has them: what each gives to find a lost
// answer, how the manifests declare it, and how the provider behaves.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/operation.hpp"

namespace unigate::simulation {

struct Kind {
  std::string_view name;
  std::string_view provider;
  std::string_view currency;
  engine::RecoveryMode recovery;
  std::int64_t windowMs;   // as the manifest declares it
  std::int64_t keyLifeMs;  // how long the provider keeps a key; 0: it knows none
  bool keepsRefusals;      // the same key replays a refusal
  bool keepsErrors;        // the same key replays a 500
  bool canBeAskedFor;      // the adapter has a query
  bool showsUnfinished;    // a query finds what is still being worked on
};

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

using engine::RecoveryMode;

inline constexpr std::array<Kind, 15> kKinds{{
    {"payments.create", "stripe", "USD", RecoveryMode::native, kDayMs, kDayMs, true, true, true,
     true},
    {"refunds.create", "stripe", "EUR", RecoveryMode::native, kDayMs, kDayMs, true, true, true,
     false},
    {"payments.create", "paypal", "EUR", RecoveryMode::native, 6 * kHourMs, 6 * kHourMs, false,
     false, true, false},
    {"payments.capture", "paypal", "USD", RecoveryMode::native, 45 * kDayMs, 45 * kDayMs, false,
     false, true, true},
    {"subscriptions.create", "paypal", "USD", RecoveryMode::native, 3 * kDayMs, 3 * kDayMs, false,
     false, true, false},
    {"payment_methods.attach", "paypal", "USD", RecoveryMode::native, 3 * kHourMs, 3 * kHourMs,
     false, false, true, false},
    {"setup_intents.create", "paypal", "USD", RecoveryMode::native, 3 * kHourMs, 3 * kHourMs, false,
     false, false, false},
    {"payouts.create", "paypal", "GBP", RecoveryMode::native, 30 * kDayMs, 30 * kDayMs, true, false,
     true, true},
    {"payments.cancel", "paypal", "EUR", RecoveryMode::query, 0, 0, false, false, true, false},
    {"payments.create", "razorpay", "INR", RecoveryMode::query, 0, 0, false, false, true, false},
    {"payments.capture", "razorpay", "INR", RecoveryMode::queryFirst, 0, 0, false, false, true,
     true},
    {"refunds.create", "razorpay", "INR", RecoveryMode::native, kDayMs, kDayMs, false, false, true,
     false},
    {"payouts.create", "razorpay", "INR", RecoveryMode::native, kDayMs, 365 * kDayMs, true, false,
     true, true},
    {"messages.create", "twilio", "USD", RecoveryMode::atMostOnce, 0, 0, false, false, true, false},
    {"webhook.none", "other", "USD", RecoveryMode::none, 0, 0, false, false, false, false},
}};

}  // namespace unigate::simulation
