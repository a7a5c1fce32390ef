// payments.cancel: POST /v1/payment_intents/{id}/cancel.
#include <algorithm>
#include <array>
#include <utility>

#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

namespace {

constexpr std::array<std::string_view, 4> kReasons = {"abandoned", "duplicate", "fraudulent",
                                                      "requested_by_customer"};

}  // namespace

sdk::Result<sdk::HttpRequest> buildPaymentCancel(const sdk::PaymentCancel& in,
                                                 const sdk::Call& call) {
  auto path = objectPath("payment_intents", in.providerId, "provider_id", "/cancel");
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  if (in.reason) {
    if (std::find(kReasons.begin(), kReasons.end(), *in.reason) == kReasons.end()) {
      return sdk::Error::invalidRequest("reason",
                                        "'reason' must be abandoned, duplicate, fraudulent or "
                                        "requested_by_customer at Stripe");
    }
    form.add("cancellation_reason", *in.reason);
  }
  return post(std::move(*path), std::move(form), call, "payment_intents.cancel");
}

sdk::Result<sdk::Payment> parsePaymentCancel(const sdk::HttpResponse& response,
                                             const sdk::PaymentCancel& in) {
  return readPayment(response, in.providerId);
}

sdk::Result<sdk::HttpRequest> askPaymentCancel(const sdk::PaymentCancel& in) {
  return buildPaymentGet({in.providerId});
}

sdk::Result<sdk::Payment> judgePaymentCancel(const sdk::HttpResponse& response,
                                             const sdk::PaymentCancel& in) {
  sdk::Result<sdk::Payment> payment = readPayment(response, in.providerId);
  if (!payment || payment->status == sdk::PaymentStatus::Canceled) return payment;
  if (payment->status == sdk::PaymentStatus::Succeeded) {
    return sdk::Error::declined(sdk::Category::InvalidState, "the payment has succeeded")
        .withResource(sdk::toJson(*payment))
        .proven();
  }
  return sdk::Error::neverHappened("the payment was not canceled");
}

}  // namespace stripe
