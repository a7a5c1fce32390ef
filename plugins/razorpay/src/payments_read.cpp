// payments.get, payments.list: orders with their payments.
#include <utility>

#include "operations.hpp"

namespace razorpay {

sdk::Step startPaymentGet(OrderState& state, const sdk::ProviderRef& in, const sdk::Call& call) {
  state.orderId = in.providerId;
  return askOrder(in.providerId, "provider_id", call);
}

sdk::Step nextPaymentGet(OrderState& state, const sdk::HttpResponse& response,
                         const sdk::Call& call) {
  if (state.orderRead) {
    json::Document document;
    std::vector<json::View> payments;
    if (auto problem = readPayments(response, document, payments)) return std::move(*problem);
    return together(state, payments, call);
  }
  if (auto problem = keepOrder(state, response)) return std::move(*problem);
  json::Document order;
  json::ReadError error;
  if (order.parse(state.orderText, error) && isUntouched(order.root())) {
    return together(state, {}, call);
  }
  return askPaymentsOf(state.orderId, call);
}

sdk::Result<sdk::HttpRequest> buildPaymentsList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in);
  if (!query) return std::move(query).error();
  query->add("expand[]", "payments");
  return get("/v1/orders", query->take(), call, "orders.all");
}

sdk::Result<sdk::Page<sdk::Payment>> parsePaymentsList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call) {
  const auto ofCustomer = [&in](const sdk::Payment& payment) {
    return !in.customerProviderId || payment.customerProviderId == in.customerProviderId;
  };
  return readPage<sdk::Payment>(
      response, in, [&](json::View order) { return paymentOfListed(order, contextOf(call)); },
      ofCustomer);
}

}  // namespace razorpay
