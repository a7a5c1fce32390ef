// subscriptions.update: GET, then POST /v1/subscriptions/{id}. What changes plan or quantity must
// name the item, which only the subscription tells. Reading again after a crash tells the same, so
// the write is the same too.
#include "subscriptions_update.hpp"

#include <utility>

#include "operations.hpp"
#include "reading.hpp"
#include "subscription.hpp"

namespace stripe {

namespace {

using Waiting = SubscriptionChange::Waiting;

constexpr std::int64_t kTotalCountMax = 1200;

bool needsReading(const sdk::SubscriptionUpdate& in) {
  return in.planProviderId || in.quantity || in.totalCount;
}

sdk::Result<std::string> subscriptionPath(const sdk::SubscriptionUpdate& in) {
  return objectPath("subscriptions", in.providerId, "provider_id");
}

sdk::Step write(const SubscriptionChange& state, const sdk::Call& call) {
  const sdk::SubscriptionUpdate& in = state.input;
  auto path = subscriptionPath(in);
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  if (in.planProviderId || in.quantity) {
    form.addNested({"items", "0", "id"}, state.item);
    form.addNested({"items", "0", "price"}, in.planProviderId);
    form.addNested({"items", "0", "quantity"}, in.quantity);
  }
  if (state.end) form.add("cancel_at", *state.end);
  // Nothing is charged or given back before the next period.
  if (in.atPeriodEnd.value_or(false)) form.add("proration_behavior", "none");
  const std::string total = in.totalCount ? std::to_string(*in.totalCount) : std::string();
  if (auto problem = addMetadata(form, in.metadata, {{kTotalCountKey, total}})) {
    return std::move(*problem);
  }
  return post(std::move(*path), std::move(form), call, "subscriptions.update");
}

// Takes from the subscription what the write needs.
std::optional<sdk::Error> learn(SubscriptionChange& state, json::View object) {
  const sdk::SubscriptionUpdate& in = state.input;
  const json::View items = object["items"];
  if (items["data"].size() != 1 || items["has_more"].booleanOr(false)) {
    return sdk::Error::notSupported(in.planProviderId ? "plan_provider_id" : "quantity",
                                    "the subscription has several items; change it at Stripe");
  }
  const json::View item = items["data"][std::size_t{0}];
  state.item = std::string(item["id"].stringOr(""));
  state.recurrence = recurrenceOf(item["price"]);
  if (state.item.empty()) return unusable("subscription", "item");
  const bool comparesPlans = in.planProviderId && in.atPeriodEnd.value_or(false);
  if (!state.recurrence && (in.totalCount || comparesPlans)) {
    return unusable("subscription", "interval");
  }
  if (!in.totalCount) return std::nullopt;
  const auto start = secondsOf(object["start_date"]);
  if (!start) return unusable("subscription", "start");
  const std::int64_t trialEnd = secondsOf(object["trial_end"]).value_or(*start);
  state.end = after(std::max(*start, trialEnd), *state.recurrence, *in.totalCount);
  return std::nullopt;
}

sdk::Step afterSubscription(SubscriptionChange& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, "subscription", document)) return std::move(*problem);
  if (document["id"].stringOr("") != state.input.providerId) {
    return sdk::Error::badResponse("Stripe answered with another subscription");
  }
  if (auto problem = learn(state, document.root())) return std::move(*problem);
  if (!state.input.planProviderId || !state.input.atPeriodEnd.value_or(false)) {
    return write(state, call);
  }
  state.waiting = Waiting::ForPlan;
  return get("/v1/prices/" + *state.input.planProviderId, {}, "prices.retrieve");
}

// Stripe charges at once when the interval changes, whatever is said of prorations.
sdk::Step afterPlan(SubscriptionChange& state, const sdk::HttpResponse& response,
                    const sdk::Call& call) {
  json::Document price;
  if (auto problem = readAnswer(response, "price", price)) return std::move(*problem);
  if (recurrenceOf(price.root()) != state.recurrence) {
    return sdk::Error::notSupported(
        "at_period_end",
        "Stripe changes to a plan of another interval at once: send at_period_end false");
  }
  state.waiting = Waiting::ForChange;
  return write(state, call);
}

}  // namespace

sdk::Step startSubscriptionUpdate(SubscriptionChange& state, const sdk::SubscriptionUpdate& in,
                                  const sdk::Call& call) {
  state.input = in;
  auto path = subscriptionPath(in);
  if (!path) return std::move(path).error();
  if (in.planProviderId) {
    auto plan = objectPath("prices", *in.planProviderId, "plan_provider_id");
    if (!plan) return std::move(plan).error();
  }
  if (in.totalCount && (in.planProviderId || *in.totalCount < 1 || *in.totalCount > kTotalCountMax))
    return sdk::Error::invalidRequest(
        "total_count", "'total_count' must be 1 to 1200 and can't change together with the plan");
  state.waiting = needsReading(in) ? Waiting::ForSubscription : Waiting::ForChange;
  if (!needsReading(in)) return write(state, call);
  // What the write would refuse is refused before anything is sent.
  sdk::FormEncoder scratch;
  if (auto problem = addMetadata(scratch, in.metadata, {})) return std::move(*problem);
  return get(std::move(*path), {}, "subscriptions.retrieve");
}

sdk::Step nextSubscriptionUpdate(SubscriptionChange& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call) {
  if (state.waiting == Waiting::ForSubscription) {
    state.waiting = Waiting::ForChange;
    return afterSubscription(state, response, call);
  }
  if (state.waiting == Waiting::ForPlan) return afterPlan(state, response, call);
  return readSubscription(response, state.input.providerId);
}

sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in) {
  return buildSubscriptionGet({in.providerId});
}

sdk::Result<sdk::Subscription> judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionUpdate& in) {
  sdk::Result<sdk::Subscription> subscription = readSubscription(response, in.providerId);
  if (!subscription) return subscription;
  const bool shows = (!in.planProviderId || subscription->planProviderId == in.planProviderId) &&
                     (!in.quantity || subscription->quantity == *in.quantity) &&
                     (!in.totalCount || subscription->totalCount == in.totalCount) &&
                     showsMetadata(subscription->metadata, in.metadata);
  if (shows) return subscription;
  return sdk::Error::neverHappened("the subscription was not changed");
}

}  // namespace stripe
