#include "stripe/currencies.hpp"
#include "stripe/listing.hpp"
#include "stripe/operations.hpp"
#include "stripe/payment_flow.hpp"
#include "stripe/payment_methods.hpp"
#include "stripe/render.hpp"

namespace simulators::stripe {
namespace {

Currency currencyParameter(const Call& call) {
  std::string code(call.params.text("currency"));
  for (auto& c : code) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!isCurrency(code)) {
    throw invalidParameter("currency",
                           "Invalid currency: " + code +
                               ". Stripe currently supports these currencies: " + currencyList());
  }
  return {code[0], code[1], code[2]};
}

void checkAmount(std::int64_t amount, std::string_view currency) {
  if (amount < 1) {
    throw invalidParameter("amount", "This value must be greater than or equal to 1.",
                           "parameter_invalid_integer");
  }
  if (amount > kAmountMax) {
    throw invalidParameter("amount",
                           "Amount must be no more than " + formatAmount(kAmountMax, currency),
                           "amount_too_large");
  }
  if (amount < amountMin(currency)) {
    throw invalidParameter("amount",
                           "Amount must be at least " + formatAmount(amountMin(currency), currency),
                           "amount_too_small");
  }
  if (const auto step = amountStep(currency); amount % step != 0) {
    throw invalidParameter("amount",
                           "Invalid amount: amounts in " + std::string(currency) +
                               " must be divisible by " + std::to_string(step) + ".",
                           "invalid_charge_amount");
  }
}

JsonText transferJson(const FormNode& transfer, const JsonText& before) {
  const auto* destination = transfer.child("destination");
  const auto* amount = transfer.child("amount");
  JsonDocument previous;
  previous.Parse(before.empty() ? "{}" : before.c_str());
  JsonWriter json;
  json.beginObject();
  json.field("destination", destination ? std::string_view(destination->value)
                                        : jsonText(previous, "destination"));
  if (amount) json.field("amount", readInteger(amount->value).value_or(0));
  json.endObject();
  return json.text();
}

void applyMethodTypes(const Call& call, PaymentDetails& details) {
  const auto* automatic = call.params.node("automatic_payment_methods");
  const bool typed = call.params.has("payment_method_types");
  if (automatic && typed) {
    throw invalidParameter("payment_method_types",
                           "You may only specify one of these parameters: "
                           "automatic_payment_methods, payment_method_types.",
                           "parameters_exclusive");
  }
  if (typed) {
    details.methodTypes = call.params.list("payment_method_types");
    details.automaticMethods.clear();
  }
  if (!automatic) return;
  const auto* enabled = automatic->child("enabled");
  if (!enabled || enabled->value != "true") {
    details.automaticMethods.clear();
    return;
  }
  const auto* redirects = automatic->child("allow_redirects");
  JsonWriter json;
  json.beginObject();
  json.field("allow_redirects", redirects ? std::string_view(redirects->value) : "always");
  json.field("enabled", true);
  json.endObject();
  details.automaticMethods = json.text();
}

// Whether a request changes what PaymentDetails holds.
bool changesDetails(const Call& call) {
  static constexpr std::string_view kNames[] = {"description",
                                                "receipt_email",
                                                "statement_descriptor",
                                                "transfer_group",
                                                "on_behalf_of",
                                                "statement_descriptor_suffix",
                                                "setup_future_usage",
                                                "capture_method",
                                                "confirmation_method",
                                                "shipping",
                                                "transfer_data",
                                                "application_fee_amount",
                                                "payment_method_types",
                                                "payment_method_options",
                                                "automatic_payment_methods",
                                                "excluded_payment_method_types"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return call.params.has(name); });
}

void applyDetails(const Call& call, Payment& payment) {
  static const auto kUsual = std::make_shared<const PaymentDetails>();
  if (!payment.details) payment.details = kUsual;
  if (!changesDetails(call)) return;
  const auto& params = call.params;
  auto details = *payment.details;
  applyText(details.description, params, "description");
  applyText(details.receiptEmail, params, "receipt_email");
  applyText(details.statementDescriptor, params, "statement_descriptor");
  applyText(details.statementDescriptorSuffix, params, "statement_descriptor_suffix");
  applyText(details.transferGroup, params, "transfer_group");
  applyText(details.onBehalfOf, params, "on_behalf_of");
  applyText(details.setupFutureUsage, params, "setup_future_usage");
  applyText(details.captureMethod, params, "capture_method");
  applyText(details.confirmationMethod, params, "confirmation_method");
  if (const auto* shipping = params.node("shipping")) {
    details.shipping = shipping->children.empty() ? "" : shippingJson(*shipping);
  }
  if (const auto* transfer = params.node("transfer_data")) {
    details.transferData = transferJson(*transfer, details.transferData);
  }
  if (params.has("application_fee_amount")) {
    details.applicationFee = params.integer("application_fee_amount");
  }
  if (const auto* options = params.node("payment_method_options")) {
    const auto* card = options->child("card");
    const auto* secure = card ? card->child("request_three_d_secure") : nullptr;
    if (secure) details.requestThreeDSecure = secure->value;
  }
  if (params.has("excluded_payment_method_types")) {
    details.excludedTypes = params.list("excluded_payment_method_types");
  }
  applyMethodTypes(call, details);
  payment.details = std::make_shared<const PaymentDetails>(std::move(details));
}

// Objects that this simulator never has any of, so every reference to one misses.
void refuseUnknownReferences(const Call& call) {
  for (const auto& [name, kind] :
       {std::pair{"confirmation_token", "confirmation_token"}, std::pair{"mandate", "mandate"},
        std::pair{"payment_method_configuration", "payment_method_configuration"},
        std::pair{"customer_account", "account"}}) {
    if (call.params.has(name)) throw resourceMissing(kind, call.params.text(name), name, false);
  }
}

void refuseConfirmOnlyParameters(const Call& call) {
  for (const auto* name : {"return_url", "off_session", "error_on_requires_action", "mandate_data",
                           "use_stripe_sdk"}) {
    if (!call.params.has(name)) continue;
    throw invalidParameter(name,
                           "You can only pass `" + std::string(name) + "` with `confirm=true`.",
                           "payment_intent_invalid_parameter");
  }
}

Confirmation confirmationOf(const Call& call) {
  Confirmation confirmation;
  const auto offSession = call.params.text("off_session");
  confirmation.offSession = !offSession.empty() && offSession != "false";
  confirmation.refuseAction = call.params.flag("error_on_requires_action");
  confirmation.returnUrl = call.params.text("return_url");
  return confirmation;
}

ApiError unexpectedState(const Call& call, const Payment& payment, std::string message) {
  ApiError error;
  error.code = "payment_intent_unexpected_state";
  error.message = std::move(message);
  error.paymentJson = paymentJson(call.account, payment);
  return error;
}

void checkCanConfirm(const Call& call, const Payment& payment) {
  if (payment.method == kNone) {
    throw unexpectedState(
        call, payment,
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
        "either update the PaymentIntent with a payment method and then confirm it again, or "
        "confirm it again directly with a payment method or ConfirmationToken.");
  }
  const auto& types = payment.details->methodTypes;
  if (std::find(types.begin(), types.end(), "card") == types.end()) {
    auto error = unexpectedState(call, payment,
                                 "The PaymentMethod provided (card) is not allowed for this "
                                 "PaymentIntent. Please attach a different PaymentMethod, or "
                                 "update the allowed payment_method_types for this PaymentIntent.");
    error.code = "payment_intent_incompatible_payment_method";
    throw error;
  }
}

bool isOpen(PaymentStatus status) {
  return status == PaymentStatus::kRequiresPaymentMethod ||
         status == PaymentStatus::kRequiresConfirmation || status == PaymentStatus::kRequiresAction;
}

std::string statusOf(const Payment& payment) {
  return std::string(statusName(payment.status));
}

// Parameters that may change while the payment is open only.
void checkCanUpdate(const Call& call, const Payment& payment) {
  if (isOpen(payment.status)) return;
  for (const auto* name :
       {"amount", "currency", "payment_method", "payment_method_data", "customer", "capture_method",
        "setup_future_usage", "payment_method_types"}) {
    if (!call.params.has(name)) continue;
    throw unexpectedState(
        call, payment,
        "This PaymentIntent's " + std::string(name) +
            " could not be updated because it has a "
            "status of " +
            statusOf(payment) + ". You may only update the " + name +
            " of a PaymentIntent with one of the following statuses: requires_payment_method, "
            "requires_confirmation, requires_action.");
  }
}

}  // namespace

Answer createPayment(Call& call) {
  Payment payment;
  payment.currency = currencyParameter(call);
  payment.amount = call.params.integer("amount").value_or(0);
  checkAmount(payment.amount, text(payment.currency));
  const bool confirm = call.params.flag("confirm");
  refuseUnknownReferences(call);
  if (!confirm) refuseConfirmOnlyParameters(call);
  payment.created = call.now();
  applyDetails(call, payment);
  applyMetadata(payment.metadata, call.params.node("metadata"));
  payment.customer = customerParameter(call);
  payment.method = methodParameter(call, payment.customer);
  if (payment.method != kNone) payment.status = PaymentStatus::kRequiresConfirmation;
  if (confirm && payment.method == kNone) {
    auto error = invalidParameter(
        "payment_method",
        "You cannot confirm this PaymentIntent because it's missing a payment method. To confirm "
        "the PaymentIntent with a customer's saved payment method, specify `payment_method` and "
        "`customer`.");
    error.code = "parameter_missing";
    throw error;
  }
  if (confirm) payment.index = static_cast<Index>(call.account.payments.size());
  if (confirm) checkCanConfirm(call, payment);
  const auto stored = call.account.payments.add(std::move(payment));
  call.event("payment_intent.created", stored);
  if (!confirm) return answer(call, stored);
  return answer(call, confirmPayment(call, *stored, confirmationOf(call)));
}

Answer getPayment(Call& call) {
  const auto payment = pathPayment(call);
  if (call.params.has("client_secret") &&
      call.params.text("client_secret") != call.account.ids.clientSecret(payment->index)) {
    throw invalidParameter("client_secret",
                           "The client_secret provided does not match the client_secret "
                           "associated with the PaymentIntent.");
  }
  return answer(call, payment);
}

Answer updatePayment(Call& call) {
  auto payment = *pathPayment(call);
  refuseUnknownReferences(call);
  checkCanUpdate(call, payment);
  if (call.params.has("currency")) payment.currency = currencyParameter(call);
  if (call.params.has("amount")) payment.amount = call.params.integer("amount").value_or(0);
  if (call.params.has("amount") || call.params.has("currency")) {
    checkAmount(payment.amount, text(payment.currency));
    if (payment.status == PaymentStatus::kRequiresAction) {
      payment.status = PaymentStatus::kRequiresConfirmation;
      payment.nextAction = nullptr;
    }
  }
  if (call.params.has("customer")) payment.customer = customerParameter(call);
  if (const auto method = methodParameter(call, payment.customer); method != kNone) {
    payment.method = method;
    payment.status = PaymentStatus::kRequiresConfirmation;
    payment.nextAction = nullptr;
  }
  applyDetails(call, payment);
  applyMetadata(payment.metadata, call.params.node("metadata"));
  return answer(call, call.account.payments.put(std::move(payment)));
}

Answer confirmPaymentCall(Call& call) {
  auto payment = *pathPayment(call);
  refuseUnknownReferences(call);
  if (payment.status == PaymentStatus::kSucceeded) {
    throw unexpectedState(call, payment,
                          "You cannot confirm this PaymentIntent because it has already succeeded "
                          "after being previously confirmed.");
  }
  if (!isOpen(payment.status)) {
    throw unexpectedState(call, payment,
                          "You cannot confirm this PaymentIntent because it has a status of " +
                              statusOf(payment) +
                              ". Only a PaymentIntent with one of the "
                              "following statuses may be confirmed: requires_confirmation, "
                              "requires_action.");
  }
  if (const auto method = methodParameter(call, payment.customer); method != kNone) {
    payment.method = method;
  }
  applyDetails(call, payment);
  checkCanConfirm(call, payment);
  return answer(call, confirmPayment(call, std::move(payment), confirmationOf(call)));
}

Answer capturePaymentCall(Call& call) {
  auto payment = *pathPayment(call);
  if (payment.status != PaymentStatus::kRequiresCapture) {
    throw unexpectedState(
        call, payment,
        "This PaymentIntent could not be captured because it has a status of " + statusOf(payment) +
            ". Only a PaymentIntent with one of the following statuses may be captured: "
            "requires_capture.");
  }
  const auto amount = call.params.integer("amount_to_capture").value_or(payment.amount);
  if (amount < 1) {
    throw invalidParameter("amount_to_capture", "This value must be greater than or equal to 1.",
                           "parameter_invalid_integer");
  }
  if (amount > payment.amount) {
    auto error = unexpectedState(call, payment,
                                 "The amount to capture is greater than the amount you can capture "
                                 "for this PaymentIntent (" +
                                     formatAmount(payment.amount, text(payment.currency)) + ").");
    error.code = "amount_too_large";
    error.param = "amount_to_capture";
    throw error;
  }
  if (call.params.text("final_capture") == "false") {
    throw invalidParameter("final_capture",
                           "final_capture can only be false if multicapture is available for "
                           "this PaymentIntent.",
                           "payment_intent_invalid_parameter");
  }
  applyDetails(call, payment);
  applyMetadata(payment.metadata, call.params.node("metadata"));
  return answer(call, capturePayment(call, std::move(payment), amount));
}

Answer cancelPaymentCall(Call& call) {
  auto payment = *pathPayment(call);
  if (!isOpen(payment.status) && payment.status != PaymentStatus::kRequiresCapture) {
    throw unexpectedState(call, payment,
                          "You cannot cancel this PaymentIntent because it has a status of " +
                              statusOf(payment) +
                              ". Only a PaymentIntent with one of the "
                              "following statuses may be canceled: requires_payment_method, "
                              "requires_capture, requires_confirmation, requires_action, "
                              "processing.");
  }
  return answer(call, cancelPayment(call, std::move(payment),
                                    std::string(call.params.text("cancellation_reason"))));
}

Answer listPayments(Call& call) {
  const auto customer = customerParameter(call);
  return listAnswer(
      call, call.account.payments, "payment_intent",
      [&](const Payment& payment) { return customer == kNone || payment.customer == customer; },
      [&](std::string_view id) { return call.account.findPayment(id); },
      [&](JsonWriter& json, const Payment& payment) {
        writePayment(json, call.account, payment, &call.expand);
      });
}

}  // namespace simulators::stripe
