// subscriptions.get: GET /v1/subscriptions/{id}; subscriptions.list: GET /v1/subscriptions. What a
// payer still has to confirm is expanded in one, not in a list.
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "subscription.hpp"

namespace stripe {

sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in) {
  auto path = objectPath("subscriptions", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.addNested({"expand", "0"}, "latest_invoice.confirmation_secret");
  query.addNested({"expand", "1"}, "pending_setup_intent");
  return get(std::move(*path), query.take(), "subscriptions.retrieve");
}

sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in) {
  return readSubscription(response, in.providerId);
}

// Without a status Stripe leaves out the canceled ones.
sdk::HttpRequest buildSubscriptionsList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("customer", in.customerProviderId).add("price", in.planProviderId);
  query.add("status", "all");
  return get("/v1/subscriptions", query.take(), "subscriptions.list");
}

sdk::Result<sdk::Page<sdk::Subscription>> parseSubscriptionsList(
    const sdk::HttpResponse& response) {
  return readPage(response, subscriptionOf);
}

}  // namespace stripe
