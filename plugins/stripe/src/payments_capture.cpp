// payments.capture: POST /v1/payment_intents/{id}/capture.
#include <utility>

#include "amounts.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

sdk::Result<sdk::HttpRequest> buildPaymentCapture(const sdk::PaymentCapture& in,
                                                  const sdk::Call& call) {
  auto path = objectPath("payment_intents", in.providerId, "provider_id", "/capture");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  if (in.amount) {
    const auto amount = toStripe(*in.amount, in.currency);
    if (!amount) return amount.error();
    form.add("amount_to_capture", *amount);
  }
  if (auto problem = addPlatformFee(form, in.platformFee, in.currency)) return std::move(*problem);
  return post(std::move(*path), std::move(form), call, "payment_intents.capture");
}

sdk::Result<sdk::Payment> parsePaymentCapture(const sdk::HttpResponse& response,
                                              const sdk::PaymentCapture& in) {
  return readPayment(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askPaymentCapture(const sdk::PaymentCapture& in) {
  return buildPaymentGet({in.providerId});
}

// Stripe captures a payment once, so its state tells whether this capture was carried out.
sdk::Result<sdk::Payment> judgePaymentCapture(const sdk::HttpResponse& response,
                                              const sdk::PaymentCapture& in) {
  sdk::Result<sdk::Payment> payment = readPayment(response, in.providerId);
  if (!payment) return payment;
  const auto refused = [&](const char* why) {
    return sdk::Error::declined(sdk::Category::InvalidState, why)
        .withResource(sdk::toJson(*payment))
        .proven();
  };
  switch (payment->status) {
    case sdk::PaymentStatus::RequiresCapture:
      return sdk::Error::neverHappened("the payment was not captured");
    case sdk::PaymentStatus::Succeeded:
      if (in.amount && *in.amount != payment->amountCaptured) {
        return refused("the payment was captured with another amount");
      }
      return payment;
    case sdk::PaymentStatus::Processing:
      return payment;
    default:
      return refused("the payment is in no state that follows a capture");
  }
}

}  // namespace stripe
