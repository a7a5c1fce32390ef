// payments.confirm: POST /v2/checkout/orders/{id}/capture or /authorize, as the order's intent
// says.
#include <utility>

#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

// The end of a confirmation by what the order says of itself.
sdk::Step confirmed(Order order) {
  sdk::Payment& payment = order.payment;
  if (payment.status == sdk::PaymentStatus::Failed && payment.failure) {
    return declinedBy(*payment.failure).withResource(sdk::toJson(payment)).proven();
  }
  return sdk::done(payment);
}

sdk::Step takeMoney(PaymentConfirming& state, const sdk::Call& call) {
  const bool authorizes = state.order.authorizes;
  auto path = objectPath("/v2/checkout/orders", state.providerId, "provider_id",
                         authorizes ? "/authorize" : "/capture");
  if (!path) return std::move(path).error();
  std::string body;
  if (!state.sourceKind.empty()) {
    json::Writer out;
    out.beginObject().key("payment_source").beginObject();
    out.key(state.sourceKind).beginObject().member("vault_id", state.vaultId).endObject();
    out.endObject().endObject();
    body = out.take();
  }
  state.stage = PaymentConfirming::Stage::Moved;
  return post(std::move(*path), std::move(body), call.idempotencyKey,
              authorizes ? "orders.authorize" : "orders.capture");
}

sdk::Step afterLook(PaymentConfirming& state, const sdk::HttpResponse& response,
                    const sdk::Call& call) {
  sdk::Result<Order> order = readOrder(response, call, state.providerId);
  if (!order) return std::move(order).error();
  // Confirmed before, by this operation or another: what PayPal holds is the answer.
  if (order->status == "COMPLETED") return confirmed(std::move(*order));
  if (order->status == "VOIDED") {
    return sdk::Error::declined(sdk::Category::InvalidState, "the order was voided")
        .withResource(sdk::toJson(order->payment))
        .proven();
  }
  if (state.refusedAsDone) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "PayPal says that the order was confirmed, and does not show how");
  }
  state.order = std::move(*order);
  if (state.vaultId.empty()) return takeMoney(state, call);
  auto path = objectPath("/v3/vault/payment-tokens", state.vaultId, "payment_method");
  if (!path) return std::move(path).error();
  state.stage = PaymentConfirming::Stage::Token;
  return get(std::move(*path), {}, "payment_tokens.get");
}

sdk::Step afterToken(PaymentConfirming& state, const sdk::HttpResponse& response,
                     const sdk::Call& call) {
  json::Document token;
  if (auto problem = readAnswer(response, call, token)) {
    if (problem->field.empty()) problem->field = "payment_method";
    return std::move(*problem);
  }
  for (const json::Member& source : token["payment_source"].members()) {
    state.sourceKind = std::string(source.name);
  }
  if (state.sourceKind.empty()) {
    return sdk::Error::notSupported("payment_method",
                                    "PayPal has not said of what kind this payment method is");
  }
  return takeMoney(state, call);
}

sdk::Step afterMove(PaymentConfirming& state, const sdk::HttpResponse& response,
                    const sdk::Call& call) {
  if (response.is2xx()) {
    sdk::Result<Order> order = readOrder(response, call, state.providerId);
    if (!order) return std::move(order).error();
    if (order->payment.amount != state.order.payment.amount ||
        order->payment.currency != state.order.payment.currency) {
      return sdk::Error::badResponse("PayPal answered with another amount or currency");
    }
    return confirmed(std::move(*order));
  }
  sdk::Error error = errorOf(response, call);
  const std::string& code = error.providerCode;
  if (code == "ORDER_ALREADY_CAPTURED" || code == "ORDER_ALREADY_AUTHORIZED" ||
      code == "ORDER_ALREADY_COMPLETED" || code == "ORDER_COMPLETED_OR_VOIDED") {
    // It was done meanwhile: PayPal tells how.
    state.stage = PaymentConfirming::Stage::Look;
    state.refusedAsDone = true;
    return getOrder(state.providerId);
  }
  if (code == "ORDER_NOT_APPROVED" || code == "PAYER_ACTION_REQUIRED") {
    // The page for the payer stands in the order that was read before, or in the refusal.
    sdk::Payment payment = state.order.payment;
    json::Document body;
    if (response.json(body)) {
      if (auto action = approvalOf(body.root())) payment.nextAction = std::move(action);
    }
    if (payment.nextAction) payment.status = sdk::PaymentStatus::RequiresAction;
    error.resourceJson = sdk::toJson(payment);
  }
  return error;
}

}  // namespace

sdk::Step startPaymentConfirm(PaymentConfirming& state, const sdk::PaymentConfirm& in) {
  state.providerId = in.providerId;
  state.vaultId = in.paymentMethod.value_or("");
  if (!state.vaultId.empty()) {
    auto path = objectPath("/v3/vault/payment-tokens", state.vaultId, "payment_method");
    if (!path) return std::move(path).error();
  }
  return getOrder(in.providerId);
}

sdk::Step nextPaymentConfirm(PaymentConfirming& state, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  switch (state.stage) {
    case PaymentConfirming::Stage::Look:
      return afterLook(state, response, call);
    case PaymentConfirming::Stage::Token:
      return afterToken(state, response, call);
    case PaymentConfirming::Stage::Moved:
      break;
  }
  return afterMove(state, response, call);
}

sdk::Result<sdk::HttpRequest> askPaymentConfirm(const sdk::PaymentConfirm& in) {
  return getOrder(in.providerId);
}

sdk::Step judgePaymentConfirm(const sdk::HttpResponse& response, const sdk::PaymentConfirm& in,
                              const sdk::Call& call) {
  sdk::Result<Order> order = readOrder(response, call, in.providerId);
  if (!order) return std::move(order).error();
  if (order->status == "COMPLETED") return confirmed(std::move(*order));
  if (order->status == "VOIDED") {
    return sdk::Error::declined(sdk::Category::InvalidState, "the order was voided")
        .withResource(sdk::toJson(order->payment))
        .proven();
  }
  return sdk::Error::neverHappened("the order was not captured");
}

}  // namespace paypal
