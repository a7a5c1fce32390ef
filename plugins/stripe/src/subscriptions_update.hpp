// What subscriptions.update remembers between its requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plans.hpp"

namespace stripe {

struct SubscriptionChange {
  enum class Waiting { ForSubscription, ForPlan, ForChange };
  Waiting waiting = Waiting::ForChange;
  sdk::SubscriptionUpdate input;
  std::string item;                      // id of the subscription's one item
  std::optional<Recurrence> recurrence;  // of the present plan
  std::optional<std::int64_t> end;       // Unix seconds, for a number of charges
};

}  // namespace stripe
