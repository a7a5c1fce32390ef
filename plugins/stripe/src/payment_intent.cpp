#include "payment_intent.hpp"

#include <algorithm>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "status.hpp"

namespace stripe {

namespace {

std::optional<std::string> firstText(json::View object,
                                     std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto text = textOf(object[name])) return text;
  }
  return std::nullopt;
}

// Stripe puts the details of a next action under the name of its type. Types that carry a page or a
// code are shown, redirects are followed, all others need Stripe's own SDK.
sdk::NextAction nextActionOf(json::View action) {
  sdk::NextAction result;
  const std::string_view type = action["type"].stringOr("");
  const json::View details = action[type];
  result.providerType = std::string(type);
  if (type == "redirect_to_url" || type == "alipay_handle_redirect") {
    result.url = textOf(details["url"]);
    if (result.url) result.type = sdk::NextAction::Type::Redirect;
    return result;
  }
  result.url = firstText(
      details, {"hosted_instructions_url", "hosted_voucher_url", "hosted_verification_url"});
  result.code = firstText(details, {"data", "number", "reference"});
  if (!result.url) result.url = firstText(details, {"image_url_svg", "image_url_png"});
  if (result.url || result.code) result.type = sdk::NextAction::Type::DisplayCode;
  for (const std::string_view name : {"expires_at", "expires_after"}) {
    if (const auto seconds = details[name].int64(); seconds && *seconds >= 0) {
      result.expiresUnixS = *seconds;
    }
  }
  return result;
}

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
