// payments.confirm: POST /v1/payment_intents/{id}/confirm.
#include <utility>

#include "errors.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

sdk::Result<sdk::HttpRequest> buildPaymentConfirm(const sdk::PaymentConfirm& in,
                                                  const sdk::Call& call) {
  auto path = objectPath("payment_intents", in.providerId, "provider_id", "/confirm");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  form.add("payment_method", in.paymentMethod).add("return_url", in.returnUrl);
  return post(std::move(*path), std::move(form), call, "payment_intents.confirm");
}

sdk::Result<sdk::Payment> parsePaymentConfirm(const sdk::HttpResponse& response,
                                              const sdk::PaymentConfirm& in) {
  return readPayment(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askPaymentConfirm(const sdk::PaymentConfirm& in) {
  return buildPaymentGet({in.providerId});
}

// A payment that still waits to be confirmed was not; one that moved on was.
sdk::Result<sdk::Payment> judgePaymentConfirm(const sdk::HttpResponse& response,
                                              const sdk::PaymentConfirm& in) {
  sdk::Result<sdk::Payment> payment = readPayment(response, in.providerId);
  if (!payment) return payment;
  switch (payment->status) {
    case sdk::PaymentStatus::RequiresConfirmation:
    case sdk::PaymentStatus::RequiresPaymentMethod:
      return sdk::Error::neverHappened("the payment was not confirmed");
    case sdk::PaymentStatus::Failed:
      return declinedBy(*payment->failure).withResource(sdk::toJson(*payment)).proven();
    default:
      return payment;
  }
}

}  // namespace stripe
