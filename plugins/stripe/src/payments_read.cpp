// payments.get: GET /v1/payment_intents/{id}; payments.list: GET /v1/payment_intents. The charge is
// expanded, because it alone tells what was refunded.
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

sdk::Result<sdk::HttpRequest> buildPaymentGet(const sdk::ProviderRef& in) {
  auto path = objectPath("payment_intents", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.addNested({"expand", "0"}, "latest_charge");
  return get(std::move(*path), query.take(), "payment_intents.retrieve");
}

sdk::Result<sdk::Payment> parsePaymentGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in) {
  return readPayment(response, in.providerId);
}

sdk::HttpRequest buildPaymentsList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("customer", in.customerProviderId);
  query.addNested({"expand", "0"}, "data.latest_charge");
  return get("/v1/payment_intents", query.take(), "payment_intents.list");
}

sdk::Result<sdk::Page<sdk::Payment>> parsePaymentsList(const sdk::HttpResponse& response) {
  return readPage(response, paymentOf);
}

}  // namespace stripe
