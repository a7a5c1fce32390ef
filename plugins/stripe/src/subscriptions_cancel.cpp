// subscriptions.cancel: DELETE /v1/subscriptions/{id} at once, a POST for the end of the period.
#include <utility>

#include "operations.hpp"
#include "subscription.hpp"

namespace stripe {

namespace {

bool shows(const sdk::Subscription& subscription, const sdk::SubscriptionCancel& in) {
  return subscription.status == sdk::SubscriptionStatus::Canceled ||
         (in.atPeriodEnd.value_or(false) && subscription.cancelAtPeriodEnd);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                      const sdk::Call& call) {
  auto path = objectPath("subscriptions", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  const bool atPeriodEnd = in.atPeriodEnd.value_or(false);
  if (atPeriodEnd) form.add("cancel_at_period_end", true);
  form.addNested({"cancellation_details", "comment"}, in.reason);
  // Stripe's SDK sends the parameters of a DELETE in the query.
  return atPeriodEnd ? post(std::move(*path), std::move(form), call, "subscriptions.update")
                     : deletion(std::move(*path), form.take(), "subscriptions.cancel");
}

sdk::Result<sdk::Subscription> parseSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (!subscription || shows(*subscription, in)) return subscription;
  return sdk::Error::badResponse("Stripe does not say that the subscription is canceled");
}

sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in) {
  return buildSubscriptionGet({in.providerId});
}

sdk::Result<sdk::Subscription> judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (!subscription || shows(*subscription, in)) return subscription;
  return sdk::Error::neverHappened("the subscription was not canceled");
}

}  // namespace stripe
