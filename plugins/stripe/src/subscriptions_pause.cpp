// subscriptions.pause and .resume. Stripe pauses by not collecting invoices (pause_collection); its
// status `paused` is another thing, a trial that ended without a payment method, and has a resume
// of its own.
#include <utility>

#include "operations.hpp"
#include "subscription.hpp"

namespace stripe {

namespace {

using sdk::SubscriptionStatus;

sdk::Error notRunning(const sdk::Subscription& subscription) {
  return sdk::Error::declined(sdk::Category::InvalidState,
                              "a subscription that is " +
                                  std::string(sdk::wordOf(subscription.status)) +
                                  " can't be paused or resumed")
      .withResource(sdk::toJson(subscription));
}

bool runs(SubscriptionStatus status) {
  return status == SubscriptionStatus::Active || status == SubscriptionStatus::Trialing ||
         status == SubscriptionStatus::PastDue || status == SubscriptionStatus::Unpaid;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildSubscriptionPause(const sdk::SubscriptionPause& in,
                                                     const sdk::Call& call) {
  auto path = objectPath("subscriptions", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  // What falls due in the meantime is never collected.
  form.addNested({"pause_collection", "behavior"}, "void");
  if (in.reason) form.addNested({"metadata", "unigate_pause_reason"}, *in.reason);
  return post(std::move(*path), std::move(form), call, "subscriptions.update");
}

sdk::Result<sdk::Subscription> parseSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (subscription && runs(subscription->status)) {
    return sdk::Error::badResponse("Stripe does not say that the subscription is paused");
  }
  return subscription;
}

sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in) {
  return buildSubscriptionGet({in.providerId});
}

sdk::Result<sdk::Subscription> judgeSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (!subscription || subscription->status == SubscriptionStatus::Paused) return subscription;
  if (!runs(subscription->status)) return notRunning(*subscription).proven();
  return sdk::Error::neverHappened("the subscription was not paused");
}

sdk::Step startSubscriptionResume(Resumption& state, const sdk::SubscriptionPause& in) {
  state.subscription = in.providerId;
  return buildSubscriptionGet({in.providerId});
}

// Reads which pause it is; one that runs already is what was asked for, be it by an earlier
// attempt.
sdk::Step nextSubscriptionResume(Resumption& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, state.subscription);
  if (!subscription) return subscription;
  if (state.wrote || runs(subscription->status)) return subscription;
  if (subscription->status != SubscriptionStatus::Paused) return notRunning(*subscription);
  json::Document document;
  response.json(document);
  state.wrote = true;
  const std::string path = "/v1/subscriptions/" + state.subscription;
  if (document["status"].stringOr("") == "paused") {
    return post(path + "/resume", {}, call, "subscriptions.resume", "-r");
  }
  sdk::FormEncoder form;
  form.add("pause_collection", "");
  return post(path, std::move(form), call, "subscriptions.update");
}

sdk::Result<sdk::Subscription> judgeSubscriptionResume(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionPause& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (!subscription || runs(subscription->status)) return subscription;
  if (subscription->status != SubscriptionStatus::Paused) {
    return notRunning(*subscription).proven();
  }
  return sdk::Error::neverHappened("the subscription was not resumed");
}

}  // namespace stripe
