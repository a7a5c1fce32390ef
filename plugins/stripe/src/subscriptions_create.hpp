// What subscriptions.create remembers between its requests.
#pragma once

#include <optional>
#include <string>

#include "plans.hpp"

namespace stripe {

struct SubscriptionCreation {
  enum class Waiting { ForPlan, ForCustomer, ForPrice, ForSubscription };
  Waiting waiting = Waiting::ForSubscription;
  sdk::SubscriptionCreate input;
  std::string price;     // id; empty until it is made, or where the price goes with the item
  std::string customer;  // id; empty until it is made
  std::optional<Recurrence> recurrence;  // of the plan, once it is known
};

}  // namespace stripe
