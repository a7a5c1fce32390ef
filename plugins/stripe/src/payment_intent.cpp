#include "payment_intent.hpp"

#include <algorithm>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "next_action.hpp"
#include "status.hpp"

namespace stripe {

namespace {

sdk::Error notUnderstood(std::string_view what) {
  return sdk::Error::badResponse("Stripe's payment_intent has no usable " + std::string(what));
}

// What was paid back, as far as the charge tells. What is released of an authorisation counts as
// refunded there, yet no money came back: after a partial capture the two can't be told apart.
std::optional<sdk::Error> readRefunded(json::View field, sdk::Payment& payment) {
  if (payment.amountCaptured == 0) {
    payment.amountRefunded = 0;
    return std::nullopt;
  }
  if (field.isNothing()) return std::nullopt;  // the charge was not expanded
  const auto number = field.int64();
  const auto refunded =
      number ? fromStripe(*number, payment.currency) : std::optional<std::int64_t>();
  const bool whole = payment.amountCaptured == payment.amount;
  if (!refunded || *refunded < 0 || *refunded > payment.amount) {
    return notUnderstood("amount_refunded");
  }
  if (whole || *refunded == 0) payment.amountRefunded = refunded;
  return std::nullopt;
}

// Amounts and currency in our minor units.
std::optional<sdk::Error> readAmounts(json::View intent, sdk::Payment& payment) {
  payment.currency = money::upper(intent["currency"].stringOr(""));
  if (!money::findCurrency(payment.currency)) return notUnderstood("currency");
  const auto amount = intent["amount"].int64();
  const auto converted =
      amount ? fromStripe(*amount, payment.currency) : std::optional<std::int64_t>();
  if (!converted || *converted < 0) return notUnderstood("amount");
  payment.amount = *converted;
  // Absent in objects of old API versions where nothing was captured.
  const json::View receivedField = intent["amount_received"];
  const bool paid = payment.status == sdk::PaymentStatus::Succeeded;
  if (receivedField.isNothing() && !paid) {
    payment.amountRefunded = 0;
    return std::nullopt;
  }
  const auto received = receivedField.int64();
  const auto captured =
      received ? fromStripe(*received, payment.currency) : std::optional<std::int64_t>();
  if (!captured || *captured < 0) return notUnderstood("amount_received");
  payment.amountCaptured = *captured;
  return readRefunded(intent["latest_charge"]["amount_refunded"], payment);
}

}  // namespace

sdk::Result<sdk::Payment> paymentOf(json::View intent) {
  sdk::Payment payment;
  if (intent["object"].stringOr("") != "payment_intent") return notUnderstood("type");
  payment.providerId = std::string(intent["id"].stringOr(""));
  if (payment.providerId.empty()) return notUnderstood("id");
  const auto status = intent["status"].string();
  if (!status) return notUnderstood("status");
  const json::View lastError = intent["last_payment_error"];
  payment.status = paymentStatus(*status, lastError.isObject());
  if (auto problem = readAmounts(intent, payment)) return std::move(*problem);

  payment.captureMethod = intent["capture_method"].stringOr("") == "manual"
                              ? sdk::CaptureMethod::Manual
                              : sdk::CaptureMethod::Automatic;
  const json::View action = intent["next_action"];
  if (payment.status == sdk::PaymentStatus::RequiresAction && action.isObject()) {
    payment.nextAction = nextActionOf(action);
  }
  if (payment.status == sdk::PaymentStatus::Failed) payment.failure = failureOf(lastError);
  payment.clientSecret = textOf(intent["client_secret"]);
  payment.paymentMethod = idOf(intent["payment_method"]);
  payment.customerProviderId = idOf(intent["customer"]);
  payment.description = textOf(intent["description"]);
  payment.reference = textOf(intent["metadata"][kReferenceKey]);
  if (!payment.reference) payment.reference = textOf(intent["metadata"][kOperationKey]);
  payment.metadata = clientMetadata(intent);
  payment.livemode = intent["livemode"].booleanOr(false);
  payment.createdUnixS = std::max<std::int64_t>(0, intent["created"].int64Or(0));
  return payment;
}

sdk::Result<sdk::Payment> readPayment(const sdk::HttpResponse& response,
                                      std::string_view providerId) {
  json::Document document;
  if (auto problem = readAnswer(response, "payment_intent", document)) return std::move(*problem);
  sdk::Result<sdk::Payment> payment = paymentOf(document.root());
  if (payment && !providerId.empty() && payment->providerId != providerId) {
    return sdk::Error::badResponse("Stripe answered with another payment");
  }
  return payment;
}

}  // namespace stripe
