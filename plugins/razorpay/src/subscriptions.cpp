// subscriptions.create, subscriptions.get, subscriptions.list: /v1/subscriptions.
#include <limits>
#include <utility>

#include "operations.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

constexpr std::int64_t kDayS = 86'400;

std::optional<sdk::Error> whatRazorpayCannot(const sdk::SubscriptionCreate& in) {
  if (!in.totalCount) {
    return sdk::Error::invalidRequest(
        "total_count", "Razorpay has no endless subscriptions: send total_count, the charges");
  }
  if (in.paymentMethod) {
    return sdk::Error::notSupported(
        "payment_method", "at Razorpay the payer authorises the subscription: use next_action");
  }
  if (in.planProviderId.has_value() == in.plan.has_value()) {
    return sdk::Error::invalidRequest("plan_provider_id", "send either plan_provider_id or plan");
  }
  if (in.trialDays.value_or(0) > 10'000) {
    return sdk::Error::invalidRequest("trial_days", "'trial_days' is longer than Razorpay takes");
  }
  return std::nullopt;
}

// When the first charge is due. A trial counts from the operation's own time, so that every attempt
// says the same.
std::optional<std::int64_t> startOf(const sdk::SubscriptionCreate& in, const sdk::Call& call) {
  const std::int64_t trial = in.trialDays.value_or(0) * kDayS;
  if (trial == 0) return in.startUnixS;
  return in.startUnixS.value_or(in.operationCreatedUnixS.value_or(call.nowUnixMs / 1000)) + trial;
}

sdk::Result<std::string> subscriptionRest(const sdk::SubscriptionCreate& in,
                                          const sdk::Call& call) {
  json::Writer body;
  body.beginObject().member("total_count", *in.totalCount);
  if (in.quantity) body.member("quantity", *in.quantity);
  if (in.customerNotify) body.member("customer_notify", *in.customerNotify);
  if (const auto start = startOf(in, call)) body.member("start_at", *start);
  if (in.customerEmail || in.customerPhone) {
    body.key("notify_info").beginObject();
    if (in.customerPhone) body.member("notify_phone", *in.customerPhone);
    if (in.customerEmail) body.member("notify_email", *in.customerEmail);
    body.endObject();
  }
  if (auto problem = addNotes(body, in.metadata,
                              {{kOperationKey, in.operationId},
                               {kCustomerKey, in.customerProviderId.value_or("")},
                               {kDescriptionKey, in.description.value_or("")},
                               {"unigate_customer_name", in.customerName.value_or("")}})) {
    return std::move(*problem);
  }
  body.endObject();
  return body.take();
}

sdk::Step sendSubscription(SubscribeState& state, std::string_view planId, const sdk::Call& call) {
  state.subscribing = true;
  json::Writer id;
  id.value(planId);
  // The plan's id goes in front of what was written before it was known.
  return post("/v1/subscriptions", "{\"plan_id\":" + id.take() + "," + state.rest.substr(1), call,
              "subscriptions.create");
}

}  // namespace

sdk::Result<sdk::Subscription> subscriptionOf(json::View object, const Context& context) {
  sdk::Subscription subscription;
  if (auto problem = readCommon(object, "subscription", context, subscription)) {
    return std::move(*problem);
  }
  const auto word = object["status"].string();
  if (!word) return unusable("subscription", "status");
  subscription.status = sdk::mapStatus(kSubscriptionWords, *word);
  subscription.planProviderId = textOf(object["plan_id"]);
  subscription.customerProviderId = textOf(object["customer_id"]);
  if (!subscription.customerProviderId) {
    subscription.customerProviderId = textOf(object["notes"][kCustomerKey]);
  }
  subscription.quantity = secondsOf(object["quantity"]).value_or(1);
  subscription.totalCount = secondsOf(object["total_count"]);
  subscription.paidCount = fromRazorpay(object["paid_count"]);
  subscription.currentPeriodStartUnixS = secondsOf(object["current_start"]);
  subscription.currentPeriodEndUnixS = secondsOf(object["current_end"]);
  subscription.startUnixS = secondsOf(object["start_at"]);
  subscription.endedUnixS = secondsOf(object["ended_at"]);
  if (subscription.status == sdk::SubscriptionStatus::Canceled) {
    subscription.canceledUnixS = subscription.endedUnixS;
  }
  const auto page = textOf(object["short_url"]);
  if (page && *word == "created") {
    sdk::NextAction action;
    action.type = sdk::NextAction::Type::Redirect;
    action.url = page;
    action.providerType = "razorpay_subscription";
    action.expiresUnixS = secondsOf(object["expire_by"]);
    action.data.emplace_back("subscription_id", subscription.providerId);
    if (!context.keyId.empty()) action.data.emplace_back("key_id", std::string(context.keyId));
    subscription.nextAction = std::move(action);
  }
  return subscription;
}

// An inline plan is made first. Should an earlier attempt have made it, it is used again: the notes
// of the plan carry our operation.
sdk::Step startSubscribe(SubscribeState& state, const sdk::SubscriptionCreate& in,
                         const sdk::Call& call) {
  if (auto problem = whatRazorpayCannot(in)) return std::move(*problem);
  auto rest = subscriptionRest(in, call);
  if (!rest) return std::move(rest).error();
  state.rest = std::move(*rest);
  if (in.planProviderId) {
    if (!isRazorpayId(*in.planProviderId)) {
      return sdk::Error::invalidRequest("plan_provider_id",
                                        "'plan_provider_id' is no id of Razorpay");
    }
    return sendSubscription(state, *in.planProviderId, call);
  }
  sdk::PlanCreate plan = *in.plan;
  plan.operationId = in.operationId;
  if (plan.trialDays.value_or(0) > 0) {
    return sdk::Error::notSupported("plan", "send trial_days of the subscription, not of its plan");
  }
  state.plan = std::move(plan);
  auto request = buildPlanCreate(*state.plan, call);
  if (!request) return std::move(request).error();
  if (call.attempt <= 1) return std::move(*request);
  state.lookup.path = "/v1/plans";
  state.lookup.label = "plans.all";
  state.lookup.operationId = in.operationId;
  state.lookup.createdUnixS = in.operationCreatedUnixS;
  state.lookup.found = foundAs<planOf>;
  state.lookingForPlan = true;
  return startLookup(state.lookup, call);
}

sdk::Step nextSubscribe(SubscribeState& state, const sdk::HttpResponse& response,
                        const sdk::Call& call) {
  if (state.subscribing) return readOne<sdk::Subscription>(response, call, subscriptionOf);
  if (!state.lookingForPlan) {
    auto plan = parsePlanCreate(response, *state.plan, call);
    if (!plan) return std::move(plan).error();
    return sendSubscription(state, plan->providerId, call);
  }
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  const json::View plan = findOurs(document["items"], state.lookup.operationId);
  if (plan.exists()) return sendSubscription(state, plan["id"].stringOr(""), call);
  sdk::Step step = nextLookup(state.lookup, response, call);
  if (step.request() != nullptr) return step;
  if (step.error() == nullptr || !step.error()->provenForAllAttempts) return step;
  state.lookingForPlan = false;
  return buildPlanCreate(*state.plan, call);
}

sdk::Step startSubscriptionLookup(Lookup& lookup, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call) {
  lookup.path = "/v1/subscriptions";
  lookup.label = "subscriptions.all";
  lookup.operationId = in.operationId;
  lookup.createdUnixS = in.operationCreatedUnixS;
  if (in.planProviderId) lookup.filter.add("plan_id", *in.planProviderId);
  lookup.found = foundAs<subscriptionOf>;
  return startLookup(lookup, call);
}

sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in,
                                                   const sdk::Call& call) {
  auto path = objectPath("/v1/subscriptions/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "subscriptions.fetch");
}

sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call) {
  return readOne<sdk::Subscription>(response, call, subscriptionOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildSubscriptionsList(const sdk::ListQuery& in,
                                                     const sdk::Call& call) {
  auto query = listQuery(in);
  if (!query) return std::move(query).error();
  query->add("plan_id", in.planProviderId);
  return get("/v1/subscriptions", query->take(), call, "subscriptions.all");
}

sdk::Result<sdk::Page<sdk::Subscription>> parseSubscriptionsList(const sdk::HttpResponse& response,
                                                                 const sdk::ListQuery& in,
                                                                 const sdk::Call& call) {
  return readPage<sdk::Subscription>(
      response, in, [&](json::View object) { return subscriptionOf(object, contextOf(call)); },
      [&in](const sdk::Subscription& subscription) {
        return !in.customerProviderId || subscription.customerProviderId == in.customerProviderId;
      });
}

}  // namespace razorpay
