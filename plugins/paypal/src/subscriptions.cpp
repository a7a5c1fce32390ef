// subscriptions.create and .get: /v1/billing/subscriptions. A plan that comes with the input is
// made first.
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::SubscriptionStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<SubscriptionStatus>{"APPROVAL_PENDING", SubscriptionStatus::Pending},
    sdk::StatusName<SubscriptionStatus>{"APPROVED", SubscriptionStatus::Pending},
    sdk::StatusName<SubscriptionStatus>{"ACTIVE", SubscriptionStatus::Active},
    sdk::StatusName<SubscriptionStatus>{"SUSPENDED", SubscriptionStatus::Paused},
    sdk::StatusName<SubscriptionStatus>{"CANCELLED", SubscriptionStatus::Canceled},
    sdk::StatusName<SubscriptionStatus>{"CANCELED", SubscriptionStatus::Canceled},
    sdk::StatusName<SubscriptionStatus>{"EXPIRED", SubscriptionStatus::Expired},
};

std::optional<sdk::Error> check(const sdk::SubscriptionCreate& in) {
  using sdk::Error;
  if (in.planProviderId.has_value() == in.plan.has_value()) {
    return Error::invalidRequest("plan_provider_id", "send either plan_provider_id or plan");
  }
  if (in.planProviderId) {
    if (const auto path = objectPath("", *in.planProviderId, "plan_provider_id"); !path) {
      return path.error();
    }
    if (in.trialDays) {
      return Error::notSupported("trial_days",
                                 "at PayPal the trial is a part of the plan: send trial_days with "
                                 "plans.create or within plan");
    }
  }
  if (in.paymentMethod) {
    return Error::notSupported("payment_method",
                               "the payer chooses at PayPal how to pay: leave payment_method out");
  }
  if (in.quantity && *in.quantity < 1) {
    return Error::invalidRequest("quantity", "'quantity' must be 1 or more");
  }
  constexpr std::int64_t kCyclesMax = 999;
  if (in.totalCount && (*in.totalCount < 1 || *in.totalCount > kCyclesMax)) {
    return Error::invalidRequest("total_count", "PayPal takes 1 to 999 as total_count");
  }
  if (in.cancelUrl && !in.returnUrl) {
    return Error::invalidRequest("return_url", "PayPal takes cancel_url with return_url only");
  }
  return std::nullopt;
}

// PayPal's id of a payer, as opposed to a customer of the vault.
bool isPayerId(std::string_view id) {
  constexpr std::string_view kLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  return id.size() == 13 && id.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string subscriptionBody(const SubscriptionCreating& state) {
  const sdk::SubscriptionCreate& in = state.input;
  json::Writer out;
  out.beginObject().member("plan_id", state.planId);
  if (in.quantity) out.member("quantity", std::to_string(*in.quantity));
  if (!in.operationId.empty()) out.member("custom_id", in.operationId);
  if (in.startUnixS) out.member("start_time", timestamp::toRfc3339(*in.startUnixS));
  const bool knownPayer = in.customerProviderId && isPayerId(*in.customerProviderId);
  if (in.customerEmail || in.customerName || knownPayer) {
    out.key("subscriber").beginObject();
    if (in.customerName) {
      out.key("name").beginObject().member("full_name", *in.customerName).endObject();
    }
    memberIf(out, "email_address", in.customerEmail);
    if (knownPayer) out.member("payer_id", *in.customerProviderId);
    out.endObject();
  }
  if (in.returnUrl) {
    out.key("application_context").beginObject().member("return_url", *in.returnUrl);
    out.member("cancel_url", in.cancelUrl.value_or(*in.returnUrl)).endObject();
  }
  if (in.totalCount) {
    out.key("plan").beginObject().key("billing_cycles").beginArray().beginObject();
    out.member("sequence", state.regularSequence).member("total_cycles", *in.totalCount);
    out.endObject().endArray().endObject();
  }
  out.endObject();
  return out.take();
}

sdk::Step subscribe(SubscriptionCreating& state, const sdk::Call& call) {
  state.stage = SubscriptionCreating::Stage::Subscribed;
  return post("/v1/billing/subscriptions", subscriptionBody(state), call.idempotencyKey,
              "subscriptions.create");
}

sdk::Step afterPlanLook(SubscriptionCreating& state, const sdk::HttpResponse& response,
                        const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) {
    if (problem->field.empty()) problem->field = "plan_provider_id";
    return std::move(*problem);
  }
  state.regularSequence = regularSequenceOf(document.root());
  if (state.regularSequence < 1) {
    return sdk::Error::notSupported("total_count", "this plan has no regular billing cycle");
  }
  return subscribe(state, call);
}

sdk::Step afterPlanMade(SubscriptionCreating& state, const sdk::HttpResponse& response,
                        const sdk::Call& call) {
  const bool productOnly = state.plan.makesProduct;
  sdk::Step step = nextPlanCreate(state.plan, response, call);
  // The step after the product is the plan's request; the one after the plan is the plan itself.
  if (productOnly || step.done() == nullptr) return step;
  json::Document plan;
  json::ReadError error;
  if (!plan.parse(step.done()->resultJson, error)) {
    return sdk::Error::badResponse("PayPal's plan can't be understood");
  }
  state.planId = std::string(plan["provider_id"].stringOr(""));
  state.regularSequence = state.input.plan->trialDays.value_or(0) > 0 ? 2 : 1;
  return subscribe(state, call);
}

}  // namespace

sdk::Result<sdk::Subscription> subscriptionOf(json::View object, bool live) {
  sdk::Subscription made;
  made.providerId = std::string(object["id"].stringOr(""));
  if (made.providerId.empty()) return sdk::Error::badResponse("PayPal's subscription has no id");
  if (!object["status"].isString()) {
    return sdk::Error::badResponse("PayPal's subscription has no status");
  }
  made.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  made.planProviderId = textOf(object["plan_id"]);
  made.customerProviderId = textOf(object["subscriber"]["payer_id"]);
  if (const auto text = textOf(object["quantity"])) {
    const auto quantity = money::fromDecimal(*text, 0);
    if (!quantity || *quantity < 0) {
      return sdk::Error::badResponse("PayPal's subscription has no usable quantity");
    }
    made.quantity = *quantity;
  }
  const json::View billing = object["billing_info"];
  for (const json::View cycle : billing["cycle_executions"].items()) {
    if (cycle["tenure_type"].stringOr("") != "REGULAR") continue;
    const auto done = cycle["cycles_completed"].int64();
    if (done && *done >= 0) made.paidCount = done;
    if (cycle["total_cycles"].int64Or(0) > 0) made.totalCount = cycle["total_cycles"].int64();
  }
  if (const auto paid = moneyOf(billing["last_payment"]["amount"])) {
    made.amount = paid->amount;
    made.currency = paid->currency;
  }
  made.currentPeriodStartUnixS = timeOf(billing["last_payment"]["time"]);
  made.currentPeriodEndUnixS = timeOf(billing["next_billing_time"]);
  made.startUnixS = timeOf(object["start_time"]);
  const auto changed = timeOf(object["status_update_time"]);
  if (made.status == SubscriptionStatus::Canceled) made.canceledUnixS = changed;
  if (made.status == SubscriptionStatus::Canceled || made.status == SubscriptionStatus::Expired) {
    made.endedUnixS = changed;
  }
  if (object["status"].stringOr("") == "APPROVAL_PENDING") made.nextAction = approvalOf(object);
  made.livemode = live;
  made.createdUnixS = timeOrZero(object["create_time"]);
  return made;
}

sdk::Step startSubscriptionCreate(SubscriptionCreating& state, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call) {
  if (auto bad = check(in)) return std::move(*bad);
  state.input = in;
  if (in.plan) {
    sdk::PlanCreate plan = *in.plan;
    plan.operationId = in.operationId;
    if (in.trialDays) plan.trialDays = in.trialDays;
    state.input.plan = plan;
    state.stage = SubscriptionCreating::Stage::PlanMade;
    return startPlanCreate(state.plan, plan, call);
  }
  state.planId = *in.planProviderId;
  if (!in.totalCount) return subscribe(state, call);
  // Where the number of charges goes depends on whether the plan begins with a trial.
  state.stage = SubscriptionCreating::Stage::PlanLook;
  auto request = buildPlanGet({state.planId});
  if (!request) return std::move(request).error();
  return std::move(*request);
}

sdk::Step nextSubscriptionCreate(SubscriptionCreating& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  switch (state.stage) {
    case SubscriptionCreating::Stage::PlanLook:
      return afterPlanLook(state, response, call);
    case SubscriptionCreating::Stage::PlanMade:
      return afterPlanMade(state, response, call);
    case SubscriptionCreating::Stage::Subscribed:
      break;
  }
  sdk::Result<sdk::Subscription> made =
      readOne<sdk::Subscription>(response, call, {}, subscriptionOf);
  if (made && made->planProviderId.value_or(state.planId) != state.planId) {
    return sdk::Error::badResponse("PayPal answered with another plan");
  }
  return made;
}

sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v1/billing/subscriptions", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "subscriptions.get");
}

sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call) {
  return readOne<sdk::Subscription>(response, call, in.providerId, subscriptionOf);
}

}  // namespace paypal
