#include "subscription.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "reading.hpp"

namespace stripe {

namespace {

using sdk::SubscriptionStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<SubscriptionStatus>{"incomplete", SubscriptionStatus::Pending},
    sdk::StatusName<SubscriptionStatus>{"incomplete_expired", SubscriptionStatus::Expired},
    sdk::StatusName<SubscriptionStatus>{"trialing", SubscriptionStatus::Trialing},
    sdk::StatusName<SubscriptionStatus>{"active", SubscriptionStatus::Active},
    sdk::StatusName<SubscriptionStatus>{"past_due", SubscriptionStatus::PastDue},
    sdk::StatusName<SubscriptionStatus>{"unpaid", SubscriptionStatus::Unpaid},
    sdk::StatusName<SubscriptionStatus>{"paused", SubscriptionStatus::Paused},
    sdk::StatusName<SubscriptionStatus>{"canceled", SubscriptionStatus::Canceled},
};

// A subscription whose invoices are not collected keeps its status at Stripe; for us it is paused.
SubscriptionStatus statusOf(std::string_view word, json::View pauseCollection) {
  const SubscriptionStatus status = sdk::mapStatus(kStatuses, word);
  const bool runs = status == SubscriptionStatus::Active ||
                    status == SubscriptionStatus::Trialing ||
                    status == SubscriptionStatus::PastDue || status == SubscriptionStatus::Unpaid;
  return runs && pauseCollection.isObject() ? SubscriptionStatus::Paused : status;
}

// How the payer confirms: the first invoice's page, and what Stripe's SDK in a browser needs.
std::optional<sdk::NextAction> nextActionOf(json::View object, SubscriptionStatus status) {
  const json::View invoice = object["latest_invoice"];
  const json::View setup = object["pending_setup_intent"];
  sdk::NextAction action;
  if (status == SubscriptionStatus::Pending) {
    action.url = wordOfField(invoice["hosted_invoice_url"]);
    if (auto secret = wordOfField(invoice["confirmation_secret"]["client_secret"])) {
      action.data.emplace_back("client_secret", std::move(*secret));
    }
    action.providerType = "confirm_payment";
  } else if (const std::string_view waits = setup["status"].stringOr("");
             waits.starts_with("requires_")) {
    if (auto secret = wordOfField(setup["client_secret"])) {
      action.data.emplace_back("client_secret", std::move(*secret));
    }
    action.providerType = "confirm_setup";
  }
  if (!action.url && action.data.empty()) return std::nullopt;
  action.type = action.url ? sdk::NextAction::Type::Redirect : sdk::NextAction::Type::Sdk;
  return action;
}

// The one item that a unified subscription has; of several the plan and the amount are not told.
std::optional<sdk::Error> readItem(json::View items, sdk::Subscription& subscription) {
  const json::View item = items["data"][std::size_t{0}];
  subscription.currentPeriodStartUnixS = secondsOf(item["current_period_start"]);
  subscription.currentPeriodEndUnixS = secondsOf(item["current_period_end"]);
  if (items["data"].size() != 1 || items["has_more"].booleanOr(false)) return std::nullopt;
  const json::View price = item["price"];
  subscription.planProviderId = idOf(price);
  const auto quantity = item["quantity"].int64();
  if (quantity && *quantity >= 1) subscription.quantity = *quantity;
  const auto unit = price["unit_amount"].int64();
  if (!unit || !quantity || *quantity < 0 || !subscription.currency) return std::nullopt;
  const auto amount = amountOf(price["unit_amount"], *subscription.currency);
  if (!amount) return unusable("subscription", "amount");
  constexpr std::int64_t kAmountMax = std::int64_t{1} << 53;
  if (*quantity > 0 && *amount > kAmountMax / *quantity) return std::nullopt;
  subscription.amount = *amount * *quantity;
  return std::nullopt;
}

}  // namespace

sdk::Result<sdk::Subscription> subscriptionOf(json::View object) {
  sdk::Subscription subscription;
  if (auto problem = readCommon(object, "subscription", subscription)) return std::move(*problem);
  const auto status = object["status"].string();
  if (!status) return unusable("subscription", "status");
  subscription.status = statusOf(*status, object["pause_collection"]);
  subscription.currency = currencyOf(object["currency"]);
  if (auto problem = readItem(object["items"], subscription)) return std::move(*problem);
  subscription.customerProviderId = idOf(object["customer"]);
  subscription.paymentMethod = idOf(object["default_payment_method"]);
  // Where versions before 2025 have it.
  if (!subscription.currentPeriodStartUnixS) {
    subscription.currentPeriodStartUnixS = secondsOf(object["current_period_start"]);
    subscription.currentPeriodEndUnixS = secondsOf(object["current_period_end"]);
  }
  subscription.trialEndUnixS = secondsOf(object["trial_end"]);
  subscription.startUnixS = secondsOf(object["start_date"]);
  subscription.endedUnixS = secondsOf(object["ended_at"]);
  subscription.canceledUnixS = secondsOf(object["canceled_at"]);
  subscription.cancelAtPeriodEnd = object["cancel_at_period_end"].booleanOr(false);
  const std::string_view count = object["metadata"][kTotalCountKey].stringOr("");
  std::int64_t total = 0;
  const auto [end, problem] = std::from_chars(count.data(), count.data() + count.size(), total);
  if (!count.empty() && problem == std::errc() && end == count.data() + count.size() && total > 0) {
    subscription.totalCount = total;
  }
  subscription.nextAction = nextActionOf(object, subscription.status);
  return subscription;
}

sdk::Result<sdk::Subscription> readSubscription(const sdk::HttpResponse& response,
                                                std::string_view providerId) {
  return readOne(response, "subscription", subscriptionOf, providerId);
}

}  // namespace stripe
