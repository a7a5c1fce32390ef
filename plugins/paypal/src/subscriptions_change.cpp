// subscriptions.update (revise), .pause (suspend), .resume (activate) and .cancel: PayPal answers
// without the subscription, so it is read after the change. None of them takes a key; each can be
// asked about.
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

using sdk::SubscriptionStatus;

sdk::Step readAfter(const SubscriptionChanging& state) {
  return buildSubscriptionGet({state.providerId});
}

// A post of {reason} to the subscription's action.
sdk::Step act(SubscriptionChanging& state, const std::string& providerId, std::string_view action,
              const std::optional<std::string>& reason, std::string_view fallback) {
  state.providerId = providerId;
  if (auto bad = tooLong("reason", reason.value_or(""), 128)) return std::move(*bad);
  auto path =
      objectPath("/v1/billing/subscriptions", providerId, "provider_id", "/" + std::string(action));
  if (!path) return std::move(path).error();
  json::Writer out;
  // PayPal wants a reason.
  out.beginObject().member("reason", reason && !reason->empty() ? *reason : std::string(fallback));
  out.endObject();
  return post(std::move(*path), out.take(), {}, "subscriptions." + std::string(action));
}

// What the subscription's state says of a change that ends in one of the states.
sdk::Step judge(const sdk::HttpResponse& response, const std::string& providerId,
                const sdk::Call& call, SubscriptionStatus wanted, const char* notDone) {
  sdk::Result<sdk::Subscription> seen =
      readOne<sdk::Subscription>(response, call, providerId, subscriptionOf);
  if (!seen || seen->status == wanted) return seen;
  return sdk::Error::neverHappened(notDone);
}

}  // namespace

sdk::Step startSubscriptionUpdate(SubscriptionChanging& state, const sdk::SubscriptionUpdate& in) {
  state.providerId = in.providerId;
  if (in.totalCount) {
    return sdk::Error::notSupported("total_count",
                                    "PayPal can't change the number of charges of a subscription");
  }
  if (in.atPeriodEnd == false) {
    return sdk::Error::notSupported("at_period_end",
                                    "at PayPal a change always waits for the next period");
  }
  if (!in.planProviderId && !in.quantity) {
    return sdk::Error::invalidRequest("plan_provider_id",
                                      "PayPal changes the plan or the quantity: send one of them");
  }
  if (in.quantity && *in.quantity < 1) {
    return sdk::Error::invalidRequest("quantity", "'quantity' must be 1 or more");
  }
  if (in.planProviderId) {
    if (auto plan = objectPath("", *in.planProviderId, "plan_provider_id"); !plan) {
      return std::move(plan).error();
    }
  }
  auto path = objectPath("/v1/billing/subscriptions", in.providerId, "provider_id", "/revise");
  if (!path) return std::move(path).error();
  json::Writer out;
  out.beginObject();
  memberIf(out, "plan_id", in.planProviderId);
  if (in.quantity) out.member("quantity", std::to_string(*in.quantity));
  out.endObject();
  return post(std::move(*path), out.take(), {}, "subscriptions.revise");
}

sdk::Step nextSubscriptionUpdate(SubscriptionChanging& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  if (!state.changed) {
    json::Document document;
    if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
    state.changed = true;
    state.nextAction = approvalOf(document.root());
    return readAfter(state);
  }
  sdk::Result<sdk::Subscription> now =
      readOne<sdk::Subscription>(response, call, state.providerId, subscriptionOf);
  // The payer must approve the change before it holds.
  if (now && !now->nextAction) now->nextAction = state.nextAction;
  return now;
}

sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in) {
  return buildSubscriptionGet({in.providerId});
}

// To ask for the same change twice does no harm, so one that does not show may be sent again.
sdk::Step judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionUpdate& in, const sdk::Call& call) {
  sdk::Result<sdk::Subscription> seen =
      readOne<sdk::Subscription>(response, call, in.providerId, subscriptionOf);
  if (!seen) return std::move(seen).error();
  const bool samePlan = !in.planProviderId || seen->planProviderId == *in.planProviderId;
  const bool sameQuantity = !in.quantity || seen->quantity == *in.quantity;
  if (samePlan && sameQuantity) return sdk::done(*seen);
  return sdk::Error::neverHappened("the subscription does not show the change");
}

sdk::Step startSubscriptionCancel(SubscriptionChanging& state, const sdk::SubscriptionCancel& in) {
  if (in.atPeriodEnd.value_or(false)) {
    return sdk::Error::notSupported(
        "at_period_end", "PayPal cancels a subscription at once: leave at_period_end out");
  }
  return act(state, in.providerId, "cancel", in.reason, "Canceled by the merchant");
}

sdk::Step startSubscriptionPause(SubscriptionChanging& state, const sdk::SubscriptionPause& in) {
  return act(state, in.providerId, "suspend", in.reason, "Paused by the merchant");
}

sdk::Step startSubscriptionResume(SubscriptionChanging& state, const sdk::SubscriptionPause& in) {
  return act(state, in.providerId, "activate", in.reason, "Resumed by the merchant");
}

sdk::Step nextSubscriptionAction(SubscriptionChanging& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  if (!state.changed) {
    if (!response.is2xx()) return errorOf(response, call);
    state.changed = true;
    return readAfter(state);
  }
  return readOne<sdk::Subscription>(response, call, state.providerId, subscriptionOf);
}

sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in) {
  return buildSubscriptionGet({in.providerId});
}

sdk::Step judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionCancel& in, const sdk::Call& call) {
  return judge(response, in.providerId, call, SubscriptionStatus::Canceled,
               "the subscription was not canceled");
}

sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in) {
  return buildSubscriptionGet({in.providerId});
}

sdk::Step judgeSubscriptionPause(const sdk::HttpResponse& response,
                                 const sdk::SubscriptionPause& in, const sdk::Call& call) {
  return judge(response, in.providerId, call, SubscriptionStatus::Paused,
               "the subscription was not paused");
}

sdk::Step judgeSubscriptionResume(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionPause& in, const sdk::Call& call) {
  return judge(response, in.providerId, call, SubscriptionStatus::Active,
               "the subscription was not resumed");
}

}  // namespace paypal
