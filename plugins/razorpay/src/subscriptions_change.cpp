// subscriptions.update, .cancel, .pause, .resume. Razorpay has no keys for them; what became of one
// is read off the subscription.
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

using sdk::SubscriptionStatus;

sdk::Result<std::string> path(std::string_view id, std::string_view tail = {}) {
  return objectPath("/v1/subscriptions/", id, "provider_id", tail);
}

sdk::Result<sdk::HttpRequest> ask(const std::string& id, const sdk::Call& call) {
  return buildSubscriptionGet({id}, call);
}

sdk::Result<sdk::Subscription> answered(const sdk::HttpResponse& response, std::string_view id,
                                        const sdk::Call& call) {
  return readOne<sdk::Subscription>(response, call, subscriptionOf, id);
}

// One POST with one field, for pause and resume.
sdk::Result<sdk::HttpRequest> now(const sdk::SubscriptionPause& in, std::string_view tail,
                                  std::string_view field, const sdk::Call& call,
                                  std::string label) {
  auto where = path(in.providerId, tail);
  if (!where) return std::move(where).error();
  json::Writer body;
  body.beginObject().member(field, "now").endObject();
  return post(std::move(*where), body.take(), call, std::move(label));
}

sdk::Result<sdk::HttpRequest> sendUpdate(const sdk::SubscriptionUpdate& in,
                                         const std::optional<std::int64_t>& remaining,
                                         const sdk::Call& call) {
  auto where = path(in.providerId);
  if (!where) return std::move(where).error();
  json::Writer body;
  body.beginObject();
  if (in.planProviderId) body.member("plan_id", *in.planProviderId);
  if (in.quantity) body.member("quantity", *in.quantity);
  if (remaining) body.member("remaining_count", *remaining);
  body.member("schedule_change_at", in.atPeriodEnd.value_or(false) ? "cycle_end" : "now");
  body.endObject();
  return send(sdk::Method::Patch, std::move(*where), body.take(), call, "subscriptions.update");
}

}  // namespace

// Razorpay counts the charges that are left, so the paid ones are read first where the number of
// all is to be changed.
sdk::Step startSubscriptionUpdate(UpdateState& state, const sdk::SubscriptionUpdate& in,
                                  const sdk::Call& call) {
  if (!in.metadata.empty()) {
    return sdk::Error::notSupported("metadata",
                                    "Razorpay sets a subscription's notes only when it is created");
  }
  if (!in.planProviderId && !in.quantity && !in.totalCount) {
    return sdk::Error::invalidRequest(
        "plan_provider_id", "send plan_provider_id, quantity or total_count: nothing is to change");
  }
  state.in = in;
  if (in.totalCount) {
    state.reading = true;
    return ask(in.providerId, call);
  }
  return sendUpdate(in, std::nullopt, call);
}

sdk::Step nextSubscriptionUpdate(UpdateState& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  auto subscription = answered(response, state.in.providerId, call);
  if (!subscription || !state.reading) return subscription;
  state.reading = false;
  const std::int64_t remaining = *state.in.totalCount - subscription->paidCount.value_or(0);
  if (remaining < 1) {
    return sdk::Error::invalidRequest(
        "total_count", "'total_count' must be above the charges that were made already");
  }
  return sendUpdate(state.in, remaining, call);
}

sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in,
                                                    const sdk::Call& call) {
  return ask(in.providerId, call);
}

// A change that waits for the end of the cycle shows only as "something is scheduled".
sdk::Result<sdk::Subscription> judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionUpdate& in,
                                                       const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, "subscription", document)) return std::move(*problem);
  auto subscription = answered(response, in.providerId, call);
  if (!subscription) return subscription;
  const bool scheduled =
      in.atPeriodEnd.value_or(false) && document["has_scheduled_changes"].booleanOr(false);
  const bool shows = (!in.planProviderId || subscription->planProviderId == in.planProviderId) &&
                     (!in.quantity || subscription->quantity == *in.quantity) &&
                     (!in.totalCount || subscription->totalCount == in.totalCount);
  if (shows || scheduled) return subscription;
  // The same values again change nothing more.
  return sdk::Error::neverHappened("the subscription was not changed");
}

sdk::Result<sdk::HttpRequest> buildSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                      const sdk::Call& call) {
  auto where = path(in.providerId, "/cancel");
  if (!where) return std::move(where).error();
  std::string body;
  if (in.atPeriodEnd.value_or(false)) body = R"({"cancel_at_cycle_end":1})";
  return post(std::move(*where), std::move(body), call, "subscriptions.cancel");
}

sdk::Result<sdk::Subscription> parseSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in,
                                                       const sdk::Call& call) {
  auto subscription = answered(response, in.providerId, call);
  if (!subscription) return subscription;
  const bool ended = subscription->status == SubscriptionStatus::Canceled;
  if (in.atPeriodEnd.value_or(false)) {
    subscription->cancelAtPeriodEnd = !ended;
  } else if (!ended && subscription->status != SubscriptionStatus::Completed &&
             subscription->status != SubscriptionStatus::Expired) {
    return sdk::Error::badResponse("Razorpay does not say that the subscription is cancelled");
  }
  return subscription;
}

sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                    const sdk::Call& call) {
  return ask(in.providerId, call);
}

sdk::Result<sdk::Subscription> judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in,
                                                       const sdk::Call& call) {
  auto subscription = answered(response, in.providerId, call);
  if (!subscription || subscription->status == SubscriptionStatus::Canceled) return subscription;
  // Asking twice for the end of the cycle is the same as asking once.
  return sdk::Error::neverHappened("the subscription was not cancelled");
}

sdk::Result<sdk::HttpRequest> buildSubscriptionPause(const sdk::SubscriptionPause& in,
                                                     const sdk::Call& call) {
  return now(in, "/pause", "pause_at", call, "subscriptions.pause");
}

sdk::Result<sdk::HttpRequest> buildSubscriptionResume(const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call) {
  return now(in, "/resume", "resume_at", call, "subscriptions.resume");
}

sdk::Result<sdk::Subscription> parseSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call) {
  return answered(response, in.providerId, call);
}

sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in,
                                                   const sdk::Call& call) {
  return ask(in.providerId, call);
}

sdk::Result<sdk::Subscription> judgeSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call) {
  auto subscription = answered(response, in.providerId, call);
  if (!subscription || subscription->status == SubscriptionStatus::Paused) return subscription;
  return sdk::Error::neverHappened("the subscription was not paused");
}

sdk::Result<sdk::Subscription> judgeSubscriptionResume(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionPause& in,
                                                       const sdk::Call& call) {
  auto subscription = answered(response, in.providerId, call);
  if (!subscription || subscription->status != SubscriptionStatus::Paused) return subscription;
  return sdk::Error::neverHappened("the subscription was not resumed");
}

}  // namespace razorpay
