// payments.capture: POST /v1/payments/{id}/capture. Razorpay has no key for it, so the order's
// payments are asked for before every send, and only an authorised one is captured.
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

sdk::Error notCapturable(const sdk::Result<sdk::Payment>& payment) {
  sdk::Error error = sdk::Error::declined(sdk::Category::InvalidState,
                                          "the order has no authorised payment to capture");
  if (payment) error.resourceJson = sdk::toJson(*payment);
  return error;
}

// The amount and currency that were asked for must be what is authorised.
std::optional<sdk::Error> checkAmount(const CaptureState& state, json::View payment) {
  if (currencyOf(payment["currency"]) != state.currency) {
    return sdk::Error::invalidRequest("currency", "the payment is in another currency");
  }
  const auto authorised = fromRazorpay(payment["amount"]);
  if (!authorised || (state.amount && *state.amount != *authorised)) {
    return sdk::Error::invalidRequest(
        "amount",
        "Razorpay captures all that is authorised, no more and no less: leave amount out");
  }
  return std::nullopt;
}

sdk::Step begin(CaptureState& state, const sdk::PaymentCapture& in, const sdk::Call& call) {
  state.order.orderId = in.providerId;
  state.amount = in.amount;
  state.currency = in.currency;
  return askOrder(in.providerId, "provider_id", call);
}

}  // namespace

sdk::Step startPaymentCapture(CaptureState& state, const sdk::PaymentCapture& in,
                              const sdk::Call& call) {
  if (in.amount) {
    if (const auto amount = toRazorpay(*in.amount, in.currency); !amount) return amount.error();
  }
  return begin(state, in, call);
}

sdk::Step nextPaymentCapture(CaptureState& state, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  if (state.capturing) return readCapture(state.order, response, call);
  if (!state.order.orderRead) {
    if (auto problem = keepOrder(state.order, response)) return std::move(*problem);
    return askPaymentsOf(state.order.orderId, call);
  }
  json::Document document;
  std::vector<json::View> payments;
  if (auto problem = readPayments(response, document, payments)) return std::move(*problem);
  sdk::Result<sdk::Payment> payment = together(state.order, payments, call);
  if (!payment) return payment;
  const json::View decisive = decisivePayment(payments);
  // Razorpay or an earlier attempt captured it: what was asked for is done.
  if (isCaptured(decisive)) {
    if (auto problem = checkAmount(state, decisive)) return std::move(*problem);
    return payment;
  }
  if (payment->status != sdk::PaymentStatus::RequiresCapture) return notCapturable(payment);
  if (auto problem = checkAmount(state, decisive)) return std::move(*problem);
  state.capturing = true;
  return askCapture(decisive, call);
}

sdk::Step startCaptureQuery(CaptureState& state, const sdk::PaymentCapture& in,
                            const sdk::Call& call) {
  return begin(state, in, call);
}

sdk::Step nextCaptureQuery(CaptureState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.order.orderRead) {
    if (auto problem = keepOrder(state.order, response)) return std::move(*problem);
    return askPaymentsOf(state.order.orderId, call);
  }
  json::Document document;
  std::vector<json::View> payments;
  if (auto problem = readPayments(response, document, payments)) return std::move(*problem);
  sdk::Result<sdk::Payment> payment = together(state.order, payments, call);
  if (!payment) return payment;
  if (isCaptured(decisivePayment(payments))) return payment;
  if (payment->status == sdk::PaymentStatus::RequiresCapture) {
    return sdk::Error::neverHappened("the payment was not captured");
  }
  return notCapturable(payment).proven();
}

}  // namespace razorpay
