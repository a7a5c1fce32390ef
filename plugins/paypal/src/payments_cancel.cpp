// payments.cancel: POST /v2/payments/authorizations/{id}/void, after a look at the order. PayPal
// has no call that takes back an order which nobody paid: it lapses by itself.
#include <utility>

#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

sdk::Step voidAuthorization(const Order& order, const sdk::Call& call) {
  const Part* authorization = authorizationOf(order);
  auto path = objectPath("/v2/payments/authorizations", authorization->id, "provider_id", "/void");
  if (!path) return std::move(path).error();
  return post(std::move(*path), {}, call.idempotencyKey, "authorizations.void");
}

sdk::Error refused(const Order& order, std::string why) {
  return sdk::Error::declined(sdk::Category::InvalidState, std::move(why))
      .withResource(sdk::toJson(order.payment))
      .proven();
}

}  // namespace

sdk::Step startPaymentCancel(PaymentCanceling& state, const sdk::PaymentCancel& in) {
  state.providerId = in.providerId;
  return getOrder(in.providerId);
}

sdk::Step nextPaymentCancel(PaymentCanceling& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (!state.looked) {
    state.looked = true;
    sdk::Result<Order> order = readOrder(response, call, state.providerId);
    if (!order) return std::move(order).error();
    if (order->payment.status == sdk::PaymentStatus::Canceled) return sdk::done(order->payment);
    if (order->authorizations.empty()) {
      return refused(*order, order->captures.empty()
                                 ? "PayPal can't cancel an order that is not paid: it lapses by "
                                   "itself; don't confirm it"
                                 : "the payment was captured: refund it");
    }
    state.order = std::move(*order);
    return voidAuthorization(state.order, call);
  }
  if (!response.is2xx()) return errorOf(response, call);
  const Part* authorization = authorizationOf(state.order);
  std::string status = "VOIDED";
  if (response.status() != 204) {
    json::Document document;
    if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
    if (document["id"].stringOr("") != authorization->id) {
      return sdk::Error::badResponse("PayPal answered with another authorization");
    }
    status = std::string(document["status"].stringOr(""));
  }
  const std::string id = authorization->id;
  for (Part& each : state.order.authorizations) {
    if (each.id == id) each.status = status;
  }
  settle(state.order);
  return sdk::done(state.order.payment);
}

sdk::Result<sdk::HttpRequest> askPaymentCancel(const sdk::PaymentCancel& in) {
  return getOrder(in.providerId);
}

sdk::Step judgePaymentCancel(const sdk::HttpResponse& response, const sdk::PaymentCancel& in,
                             const sdk::Call& call) {
  const sdk::Result<Order> order = readOrder(response, call, in.providerId);
  if (!order) return order.error();
  if (order->payment.status == sdk::PaymentStatus::Canceled) return sdk::done(order->payment);
  if (order->payment.status == sdk::PaymentStatus::Succeeded) {
    return refused(*order, "the payment has succeeded");
  }
  return sdk::Error::neverHappened("the payment was not canceled");
}

}  // namespace paypal
