// subscriptions.create: POST /v1/subscriptions. A plan or a customer that is not there yet is made
// first. Each write has a key of its own, made of the operation's, so that an attempt after a crash
// finds what the one before made.
#include "subscriptions_create.hpp"

#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"
#include "subscription.hpp"

namespace stripe {

namespace {

using Waiting = SubscriptionCreation::Waiting;

constexpr std::int64_t kTotalCountMax = 1200;
constexpr std::int64_t kTrialDaysMax = 3650;
constexpr std::int64_t kSecondsMax = 100'000'000'000;
constexpr std::int64_t kDayS = 86'400;

bool hasContact(const sdk::SubscriptionCreate& in) {
  return in.customerEmail || in.customerName || in.customerPhone;
}

// True if the price goes with the subscription's item: Stripe takes one there for a product that it
// has.
bool priceInItem(const sdk::SubscriptionCreate& in) {
  return in.plan && in.plan->productProviderId;
}

// The end that makes a number of charges: the last period is whole or a little less, never more.
// Counted from when the operation was accepted, since every attempt must send the same.
std::int64_t endOf(const SubscriptionCreation& state) {
  const sdk::SubscriptionCreate& in = state.input;
  std::int64_t start = in.startUnixS.value_or(in.operationCreatedUnixS.value_or(0));
  const std::optional<std::int64_t> trial =
      in.trialDays ? in.trialDays : (in.plan ? in.plan->trialDays : std::nullopt);
  start += trial.value_or(0) * kDayS;
  return after(start, *state.recurrence, *in.totalCount);
}

void addWhen(sdk::FormEncoder& form, const SubscriptionCreation& state) {
  const sdk::SubscriptionCreate& in = state.input;
  const std::int64_t trialS = in.trialDays.value_or(0) * kDayS;
  if (in.startUnixS) {
    // Until then nothing is charged, which is what a trial is at Stripe.
    form.add("trial_end", *in.startUnixS + trialS);
  } else if (in.trialDays) {
    if (*in.trialDays > 0) form.add("trial_period_days", *in.trialDays);
  } else if (in.plan) {
    if (in.plan->trialDays.value_or(0) > 0) {
      form.add("trial_period_days", *in.plan->trialDays);
    }
  } else {
    form.add("trial_from_plan", true);
  }
  if (in.totalCount) {
    form.add("cancel_at", endOf(state));
    form.add("proration_behavior", "none");
  }
}

void addItem(sdk::FormEncoder& form, const SubscriptionCreation& state) {
  const sdk::SubscriptionCreate& in = state.input;
  if (!state.price.empty()) {
    form.addNested({"items", "0", "price"}, state.price);
  } else if (in.plan) {
    const sdk::PlanCreate& plan = *in.plan;
    const Recurrence recurrence = recurrenceOf(plan);
    const auto add = [&form](std::initializer_list<std::string_view> tail, const auto& value) {
      std::string name = "price_data";
      if (tail.size() == 1) form.addNested({"items", "0", name, *tail.begin()}, value);
      if (tail.size() == 2) {
        form.addNested({"items", "0", name, *tail.begin(), *(tail.begin() + 1)}, value);
      }
    };
    add({"currency"}, money::lower(plan.currency));
    add({"product"}, *plan.productProviderId);
    add({"unit_amount"}, toStripe(plan.amount, plan.currency).value());
    add({"recurring", "interval"}, recurrence.interval);
    if (recurrence.count != 1) add({"recurring", "interval_count"}, recurrence.count);
  }
  form.addNested({"items", "0", "quantity"}, in.quantity);
}

sdk::Result<sdk::HttpRequest> subscriptionRequest(const SubscriptionCreation& state,
                                                  const sdk::Call& call) {
  const sdk::SubscriptionCreate& in = state.input;
  sdk::FormEncoder form;
  form.add("customer", state.customer);
  addItem(form, state);
  addWhen(form, state);
  if (in.paymentMethod) {
    form.add("default_payment_method", *in.paymentMethod);
  } else {
    // Nothing to charge yet: the first invoice waits for the payer, see next_action.
    form.add("payment_behavior", "default_incomplete");
    form.addNested({"payment_settings", "save_default_payment_method"}, "on_subscription");
  }
  form.add("description", in.description);
  const std::string total = in.totalCount ? std::to_string(*in.totalCount) : std::string();
  if (auto problem = addMetadata(form, in.metadata,
                                 {{kOperationKey, in.operationId}, {kTotalCountKey, total}})) {
    return std::move(*problem);
  }
  form.addNested({"expand", "0"}, "latest_invoice.confirmation_secret");
  form.addNested({"expand", "1"}, "pending_setup_intent");
  return post("/v1/subscriptions", std::move(form), call, "subscriptions.create");
}

sdk::HttpRequest customerRequest(const sdk::SubscriptionCreate& in, const sdk::Call& call) {
  sdk::FormEncoder form;
  form.add("email", in.customerEmail).add("name", in.customerName).add("phone", in.customerPhone);
  // A payment method can pay for its own customer only, so it is attached here.
  form.add("payment_method", in.paymentMethod);
  form.addNested({"metadata", kOperationKey}, in.operationId);
  return post("/v1/customers", std::move(form), call, "customers.create", "-c");
}

std::optional<sdk::Error> refuseNumbers(const sdk::SubscriptionCreate& in) {
  const auto beyond = [](const std::optional<std::int64_t>& value, std::int64_t max) {
    return value && (*value < 0 || *value > max);
  };
  if (beyond(in.totalCount, kTotalCountMax) || in.totalCount.value_or(1) < 1) {
    return sdk::Error::invalidRequest("total_count", "'total_count' must be 1 to 1200 at Stripe");
  }
  if (beyond(in.trialDays, kTrialDaysMax) || (in.plan && beyond(in.plan->trialDays, kTrialDaysMax)))
    return sdk::Error::invalidRequest("trial_days", "'trial_days' must be 0 to 3650");
  if (beyond(in.startUnixS, kSecondsMax)) {
    return sdk::Error::invalidRequest("start_unix_s", "'start_unix_s' is no time of this age");
  }
  if (in.totalCount && (!in.operationCreatedUnixS || beyond(in.operationCreatedUnixS, kSecondsMax)))
    return sdk::Error::notSupported("total_count",
                                    "an end can't be counted from an unknown beginning");
  return std::nullopt;
}

// All that can be refused is refused before the first write.
std::optional<sdk::Error> refuse(SubscriptionCreation& state, const sdk::Call& call) {
  const sdk::SubscriptionCreate& in = state.input;
  if (in.plan.has_value() == in.planProviderId.has_value()) {
    return sdk::Error::invalidRequest("plan", "send either a plan's id or a 'plan' to make");
  }
  const auto check = [](std::string_view collection, const std::optional<std::string>& id,
                        std::string_view field) -> std::optional<sdk::Error> {
    if (!id) return std::nullopt;
    auto path = objectPath(collection, *id, field);
    if (path) return std::nullopt;
    return std::move(path).error();
  };
  if (auto problem = check("prices", in.planProviderId, "plan_provider_id")) return problem;
  if (auto problem = check("customers", in.customerProviderId, "customer_provider_id"))
    return problem;
  if (!in.customerProviderId && !hasContact(in)) {
    return sdk::Error::invalidRequest("customer",
                                      "Stripe needs a customer: send its id or an e-mail");
  }
  if (auto problem = refuseNumbers(in)) return problem;
  if (in.plan) {
    if (auto price = priceRequest(*in.plan, call, {}); !price) return std::move(price).error();
  }
  sdk::FormEncoder metadata;
  return addMetadata(metadata, in.metadata, {{kOperationKey, in.operationId}});
}

// The next request that is still needed, in the order: what is read, the customer, the price.
sdk::Step proceed(SubscriptionCreation& state, const sdk::Call& call) {
  const sdk::SubscriptionCreate& in = state.input;
  if (in.totalCount && !state.recurrence) {
    state.waiting = Waiting::ForPlan;
    return get("/v1/prices/" + state.price, {}, "prices.retrieve");
  }
  if (state.customer.empty()) {
    state.waiting = Waiting::ForCustomer;
    return customerRequest(in, call);
  }
  if (state.price.empty() && !priceInItem(in)) {
    state.waiting = Waiting::ForPrice;
    return priceRequest(*in.plan, call, "-p");
  }
  state.waiting = Waiting::ForSubscription;
  return subscriptionRequest(state, call);
}

// The id of what was made, or of what was read.
sdk::Result<std::string> madeId(const sdk::HttpResponse& response, std::string_view kind) {
  json::Document document;
  if (auto problem = readAnswer(response, kind, document)) return std::move(*problem);
  auto id = idOf(document.root());
  if (!id || !objectPath("x", *id, "id")) return unusable(kind, "id");
  return std::move(*id);
}

}  // namespace

sdk::Step startSubscriptionCreate(SubscriptionCreation& state, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call) {
  state.input = in;
  state.customer = in.customerProviderId.value_or("");
  state.price = in.planProviderId.value_or("");
  if (state.input.plan) {
    state.input.plan->operationId = in.operationId;
    state.recurrence = recurrenceOf(*in.plan);
  }
  if (auto problem = refuse(state, call)) return std::move(*problem);
  return proceed(state, call);
}

sdk::Step nextSubscriptionCreate(SubscriptionCreation& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  switch (state.waiting) {
    case Waiting::ForPlan: {
      json::Document price;
      if (auto problem = readAnswer(response, "price", price)) return std::move(*problem);
      state.recurrence = recurrenceOf(price.root());
      if (!state.recurrence) {
        return sdk::Error::invalidRequest("plan", "the price is no plan: it does not recur");
      }
      return proceed(state, call);
    }
    case Waiting::ForCustomer: {
      auto id = madeId(response, "customer");
      if (!id) return std::move(id).error();
      state.customer = std::move(*id);
      return proceed(state, call);
    }
    case Waiting::ForPrice: {
      auto id = madeId(response, "price");
      if (!id) return std::move(id).error();
      state.price = std::move(*id);
      return proceed(state, call);
    }
    case Waiting::ForSubscription:
      break;
  }
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, {});
  if (subscription && subscription->customerProviderId != state.customer) {
    return sdk::Error::badResponse("Stripe answered with another customer's subscription");
  }
  return subscription;
}

sdk::Step startSubscriptionLookup(Lookup& lookup, const sdk::SubscriptionCreate& in) {
  lookIn(lookup, "/v1/subscriptions", "subscriptions.list", in.operationId,
         foundAs<subscriptionOf>);
  sdk::FormEncoder filter;
  filter.add("customer", in.customerProviderId).add("status", "all");
  return startLookup(lookup, std::move(filter), in.operationCreatedUnixS);
}

}  // namespace stripe
