// payments.confirm: what Checkout handed to the payer's browser. The gateway has verified its
// signature; here it must belong to the order, and an authorised payment of an order that is to be
// captured automatically is captured.
#include <utility>

#include "errors.hpp"
#include "operations.hpp"

namespace razorpay {

namespace {

std::string_view valueOf(const sdk::Metadata& metadata, std::string_view name) {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return {};
}

sdk::Error foreignProof(std::string_view what) {
  return sdk::Error::invalidRequest("checkout_result", std::string(what));
}

// What the payment's state means for a confirmation.
sdk::Step endOf(sdk::Result<sdk::Payment> payment, bool proven) {
  if (payment && payment->failure) {
    sdk::Error error = declinedBy(*payment->failure).withResource(sdk::toJson(*payment));
    error.provenForAllAttempts = proven;
    return error;
  }
  return payment;
}

// The payments that decide: the one that Checkout told of, else all of the order's.
sdk::Step askPaid(ConfirmState& state, const sdk::Call& call) {
  if (state.paymentId.empty()) return askPaymentsOf(state.order.orderId, call);
  return askPayment(state.paymentId, "checkout_result", call);
}

// The same out of the answer. `document` owns them.
std::optional<sdk::Error> readPaid(const ConfirmState& state, const sdk::HttpResponse& response,
                                   json::Document& document, std::vector<json::View>& payments) {
  if (state.paymentId.empty()) return readPayments(response, document, payments);
  if (auto problem = readAnswer(response, "payment", document)) return problem;
  if (document["id"].stringOr("") != state.paymentId) {
    return sdk::Error::badResponse("Razorpay answered with another payment");
  }
  if (document["order_id"].stringOr("") != state.order.orderId) {
    return foreignProof("the checkout result is of another order");
  }
  payments = {document.root()};
  return std::nullopt;
}

bool isToCapture(const sdk::Payment& payment) {
  return payment.status == sdk::PaymentStatus::RequiresCapture &&
         payment.captureMethod == sdk::CaptureMethod::Automatic;
}

}  // namespace

sdk::Step startPaymentConfirm(ConfirmState& state, const sdk::PaymentConfirm& in,
                              const sdk::Call& call) {
  if (in.paymentMethod) {
    return sdk::Error::notSupported(
        "payment_method", "at Razorpay the payer pays in Checkout: send its checkout_result");
  }
  state.order.orderId = in.providerId;
  if (!in.checkoutResult.empty()) {
    state.paymentId = std::string(valueOf(in.checkoutResult, "razorpay_payment_id"));
    if (valueOf(in.checkoutResult, "razorpay_order_id") != in.providerId) {
      return foreignProof("razorpay_order_id in the checkout result is not this payment's order");
    }
    if (!isRazorpayId(state.paymentId)) {
      return foreignProof("the checkout result lacks razorpay_payment_id");
    }
  }
  return askOrder(in.providerId, "provider_id", call);
}

sdk::Step nextPaymentConfirm(ConfirmState& state, const sdk::HttpResponse& response,
                             const sdk::Call& call) {
  if (state.capturing) return readCapture(state.order, response, call);
  if (!state.order.orderRead) {
    if (auto problem = keepOrder(state.order, response)) return std::move(*problem);
    return askPaid(state, call);
  }
  json::Document document;
  std::vector<json::View> payments;
  if (auto problem = readPaid(state, response, document, payments)) return std::move(*problem);
  sdk::Result<sdk::Payment> payment = together(state.order, payments, call);
  if (!payment || !isToCapture(*payment)) return endOf(std::move(payment), false);
  state.capturing = true;
  return askCapture(decisivePayment(payments), call);
}

sdk::Step nextConfirmQuery(ConfirmState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call) {
  if (!state.order.orderRead) {
    if (auto problem = keepOrder(state.order, response)) return std::move(*problem);
    return askPaid(state, call);
  }
  json::Document document;
  std::vector<json::View> payments;
  if (auto problem = readPaid(state, response, document, payments)) return std::move(*problem);
  sdk::Result<sdk::Payment> payment = together(state.order, payments, call);
  if (payment && isToCapture(*payment)) {
    return sdk::Error::neverHappened("the payment was not captured");
  }
  return endOf(std::move(payment), true);
}

}  // namespace razorpay
