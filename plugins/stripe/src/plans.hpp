// Plans, which are recurring prices at Stripe. Used by the plan and the subscription operations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire.hpp"

namespace stripe {

// How often a plan charges, in Stripe's words: a quarter is three months.
struct Recurrence {
  std::string interval;  // day, week, month or year
  std::int64_t count = 1;

  bool operator==(const Recurrence&) const = default;
};

Recurrence recurrenceOf(const sdk::PlanCreate& plan);

// The recurrence of a price object; empty for one that doesn't recur or in words of tomorrow.
std::optional<Recurrence> recurrenceOf(json::View price);

// Unix seconds of `count` intervals after `startUnixS`. As at Stripe, the day of the month is kept
// where the month has it, else it is the month's last.
std::int64_t after(std::int64_t startUnixS, const Recurrence& recurrence, std::int64_t count);

// The request that makes a price of a plan.
sdk::Result<sdk::HttpRequest> priceRequest(const sdk::PlanCreate& plan, const sdk::Call& call,
                                           std::string_view keySuffix);

// Reads a price; an error if it is no plan: it doesn't recur, or costs no whole amount of minor
// units for a unit (tiers, fractions of a cent).
sdk::Result<sdk::Plan> planOf(json::View price);

// True for a price that has the form of a plan.
bool isPlan(json::View price);

}  // namespace stripe
