#include "stripe/render.hpp"

#include <array>

namespace simulators::stripe {
namespace {

constexpr std::array<std::string_view, 6> kAddressFields{"city",  "country",     "line1",
                                                         "line2", "postal_code", "state"};

std::string_view valueOf(const FormNode* node, std::string_view name) {
  const auto* found = node ? node->child(name) : nullptr;
  return found ? std::string_view(found->value) : std::string_view();
}

void writeAddress(JsonWriter& json, const FormNode* address) {
  json.beginObject();
  for (const auto field : kAddressFields) json.textOrNull(field, valueOf(address, field));
  json.endObject();
}

void writeMetadata(JsonWriter& json, const Metadata& metadata) {
  json.beginObject("metadata");
  for (const auto& [key, value] : metadata) json.field(key, value);
  json.endObject();
}

void writeTexts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.beginArray(name);
  for (const auto& text : texts) json.value(text);
  json.endArray();
}

void idOrNull(JsonWriter& json, std::string_view name, Index index, const std::string& id) {
  json.key(name);
  index == kNone ? json.null() : json.value(id);
}

// The property as an id, as null or, if expanded, as the object.
template <typename Id, typename Write>
void reference(JsonWriter& json, std::string_view name, Index index, const Expansion* expansion,
               Id id, Write write) {
  json.key(name);
  if (index == kNone) return json.null();
  expansion ? write(expansion) : json.value(id());
}

void customerReference(JsonWriter& json, const Account& account, Index index,
                       const Expansion* expand) {
  reference(
      json, "customer", index, expanded(expand, "customer"),
      [&] { return account.customerId(index); },
      [&](const Expansion*) {
        const auto& customer = *account.customers.at(index);
        customer.deleted ? writeDeletedCustomer(json, account, customer)
                         : writeCustomer(json, account, customer);
      });
}

void methodReference(JsonWriter& json, const Account& account, Index index,
                     const Expansion* expand) {
  reference(
      json, "payment_method", index, expanded(expand, "payment_method"),
      [&] { return account.methodId(index); },
      [&](const Expansion* below) {
        writeMethod(json, account, *account.methods.at(index), below);
      });
}

void paymentReference(JsonWriter& json, const Account& account, Index index,
                      const Expansion* expand) {
  reference(
      json, "payment_intent", index, expanded(expand, "payment_intent"),
      [&] { return account.paymentId(index); },
      [&](const Expansion* below) {
        writePayment(json, account, *account.payments.at(index), below);
      });
}

void writeFailure(JsonWriter& json, const Account& account, const Failure& failure) {
  json.beginObject("last_payment_error");
  if (!failure.decline.adviceCode.empty()) json.field("advice_code", failure.decline.adviceCode);
  if (failure.charge != kNone) json.field("charge", account.chargeId(failure.charge));
  json.field("code", failure.decline.code);
  if (!failure.decline.declineCode.empty()) {
    json.field("decline_code", failure.decline.declineCode);
  }
  std::string page(failure.decline.code);
  for (auto& c : page) c = c == '_' ? '-' : c;
  json.field("doc_url", "https://stripe.com/docs/error-codes/" + page);
  json.field("message", failure.decline.message);
  if (failure.method) {
    json.key("payment_method");
    writeMethod(json, account, *failure.method, nullptr);
  }
  json.field("type", failure.type);
  json.endObject();
}

void writeNextAction(JsonWriter& json, const NextAction& action) {
  json.beginObject("next_action");
  if (action.returnUrl.empty()) {
    json.field("type", "use_stripe_sdk");
    json.beginObject("use_stripe_sdk");
    json.field("type", "three_d_secure_redirect");
    json.field("stripe_js", action.url);
    json.endObject();
  } else {
    json.beginObject("redirect_to_url");
    json.field("return_url", action.returnUrl);
    json.field("url", action.url);
    json.endObject();
    json.field("type", "redirect_to_url");
  }
  json.endObject();
}

void writeOptions(JsonWriter& json, const PaymentDetails& details) {
  json.beginObject("payment_method_options");
  json.beginObject("card");
  for (const auto name : {"installments", "mandate_options", "network"}) json.nullField(name);
  json.field("request_three_d_secure", details.requestThreeDSecure);
  json.endObject();
  json.endObject();
}

void writeChecks(JsonWriter& json) {
  json.beginObject("checks");
  json.nullField("address_line1_check");
  json.nullField("address_postal_code_check");
  json.field("cvc_check", "pass");
  json.endObject();
}

void writeOutcome(JsonWriter& json, const Charge& charge) {
  json.beginObject("outcome");
  const bool failed = charge.failure != nullptr;
  json.textOrNull("advice_code", failed ? charge.failure->decline.adviceCode : "");
  json.nullField("network_advice_code");
  json.nullField("network_decline_code");
  json.field("network_status", failed ? "declined_by_network" : "approved_by_network");
  json.textOrNull("reason", failed ? charge.failure->decline.declineCode : "");
  json.field("risk_level", "normal");
  json.field("risk_score", 20);
  json.field("seller_message",
             failed ? "The bank did not approve the payment." : "Payment complete.");
  json.field("type", failed ? "issuer_declined" : "authorized");
  json.endObject();
}

void writeThreeDSecure(JsonWriter& json, const Account& account, const Charge& charge) {
  if (!charge.authenticated) return json.nullField("three_d_secure");
  json.beginObject("three_d_secure");
  json.field("authentication_flow", "challenge");
  json.field("electronic_commerce_indicator", "05");
  json.nullField("exemption_indicator");
  json.field("result", "authenticated");
  json.nullField("result_reason");
  json.field("transaction_id", account.ids.derived("3ds", charge.index, 36));
  json.field("version", "2.2.0");
  json.endObject();
}

void writeCardDetails(JsonWriter& json, const Account& account, const Charge& charge) {
  const auto& card = testCard(charge.card);
  json.beginObject("payment_method_details");
  json.beginObject("card");
  charge.failure ? json.nullField("amount_authorized")
                 : json.field("amount_authorized", charge.amount);
  json.textOrNull("authorization_code",
                  charge.failure ? "" : account.ids.derived("authorization", charge.index, 6));
  json.field("brand", card.brand);
  writeChecks(json);
  json.field("country", "US");
  json.field("exp_month", charge.expiryMonth);
  json.field("exp_year", charge.expiryYear);
  for (const auto feature :
       {"extended_authorization", "incremental_authorization", "multicapture"}) {
    json.beginObject(feature);
    json.field("status",
               std::string_view(feature) == "extended_authorization" ? "disabled" : "unavailable");
    json.endObject();
  }
  json.field("fingerprint", account.ids.derived("fingerprint", charge.card, 16));
  json.field("funding", card.funding);
  json.nullField("installments");
  json.field("last4", card.last4());
  json.nullField("mandate");
  json.field("network", card.brand);
  json.beginObject("network_token");
  json.field("used", false);
  json.endObject();
  json.nullField("network_transaction_id");
  json.beginObject("overcapture");
  json.field("maximum_amount_capturable", charge.amount);
  json.field("status", "unavailable");
  json.endObject();
  json.field("regulated_status", "unregulated");
  writeThreeDSecure(json, account, charge);
  json.nullField("transaction_link_id");
  json.nullField("wallet");
  json.endObject();
  json.field("type", "card");
  json.endObject();
}

// `source`: id of the charge or refund; `amount`: positive into the account.
void writeTransaction(JsonWriter& json, const std::string& id, const std::string& source,
                      std::int64_t amount, std::int64_t created, std::string_view currency) {
  json.beginObject();
  json.field("id", id);
  json.field("object", "balance_transaction");
  json.field("amount", amount);
  json.field("available_on", created);
  json.field("balance_type", "payments");
  json.field("created", created);
  json.field("currency", currency);
  json.nullField("description");
  json.nullField("exchange_rate");
  json.field("fee", 0);
  json.beginArray("fee_details");
  json.endArray();
  json.field("net", amount);
  json.field("reporting_category", amount < 0 ? "refund" : "charge");
  json.field("source", source);
  json.field("status", "pending");
  json.field("type", amount < 0 ? "refund" : "charge");
  json.endObject();
}

void writeRefundList(JsonWriter& json, const Account& account, const Charge& charge) {
  json.beginObject("refunds");
  json.field("object", "list");
  json.beginArray("data");
  for (auto refund = charge.refunds.rbegin(); refund != charge.refunds.rend(); ++refund) {
    writeRefund(json, account, *account.refunds.at(*refund), nullptr);
  }
  json.endArray();
  json.field("has_more", false);
  json.field("url", "/v1/charges/" + account.chargeId(charge.index) + "/refunds");
  json.endObject();
}

std::string_view emptyBilling() {
  static const JsonText kEmpty = billingJson(nullptr);
  return kEmpty;
}

}  // namespace

JsonText addressJson(const FormNode* address) {
  JsonWriter json;
  writeAddress(json, address);
  return json.text();
}

JsonText shippingJson(const FormNode& shipping) {
  JsonWriter json;
  json.beginObject();
  json.key("address");
  writeAddress(json, shipping.child("address"));
  for (const auto name : {"carrier", "name", "phone", "tracking_number"}) {
    json.textOrNull(name, valueOf(&shipping, name));
  }
  json.endObject();
  return json.text();
}

JsonText billingJson(const FormNode* billing) {
  JsonWriter json;
  json.beginObject();
  json.key("address");
  writeAddress(json, billing ? billing->child("address") : nullptr);
  for (const auto name : {"email", "name", "phone", "tax_id"}) {
    json.textOrNull(name, valueOf(billing, name));
  }
  json.endObject();
  return json.text();
}

void writePayment(JsonWriter& json, const Account& account, const Payment& payment,
                  const Expansion* expand, const Charge* latestCharge) {
  const auto& details = *payment.details;
  json.beginObject();
  json.field("id", account.paymentId(payment.index));
  json.field("object", "payment_intent");
  json.field("amount", payment.amount);
  json.field("amount_capturable", payment.amountCapturable());
  json.beginObject("amount_details");
  json.beginObject("tip");
  json.endObject();
  json.endObject();
  json.field("amount_received", payment.amountReceived);
  json.nullField("application");
  details.applicationFee ? json.field("application_fee_amount", *details.applicationFee)
                         : json.nullField("application_fee_amount");
  json.rawOrNull("automatic_payment_methods", details.automaticMethods);
  payment.canceledAt ? json.field("canceled_at", payment.canceledAt)
                     : json.nullField("canceled_at");
  json.textOrNull("cancellation_reason", details.cancellationReason);
  json.field("capture_method", details.captureMethod);
  json.field("client_secret", account.ids.clientSecret(payment.index));
  json.field("confirmation_method", details.confirmationMethod);
  json.field("created", payment.created);
  json.field("currency", text(payment.currency));
  customerReference(json, account, payment.customer, expand);
  json.nullField("customer_account");
  json.textOrNull("description", details.description);
  json.key("excluded_payment_method_types");
  if (details.excludedTypes.empty()) {
    json.null();
  } else {
    json.beginArray();
    for (const auto& type : details.excludedTypes) json.value(type);
    json.endArray();
  }
  payment.failure ? writeFailure(json, account, *payment.failure)
                  : json.nullField("last_payment_error");
  if (latestCharge) {
    json.key("latest_charge");
    writeCharge(json, account, *latestCharge, nullptr);
  } else {
    reference(
        json, "latest_charge", payment.latestCharge, expanded(expand, "latest_charge"),
        [&] { return account.chargeId(payment.latestCharge); },
        [&](const Expansion* below) {
          writeCharge(json, account, *account.charges.at(payment.latestCharge), below);
        });
  }
  json.field("livemode", account.livemode);
  json.nullField("managed_payments");
  writeMetadata(json, payment.metadata);
  payment.nextAction ? writeNextAction(json, *payment.nextAction) : json.nullField("next_action");
  json.textOrNull("on_behalf_of", details.onBehalfOf);
  methodReference(json, account, payment.method, expand);
  json.nullField("payment_method_configuration_details");
  writeOptions(json, details);
  writeTexts(json, "payment_method_types", details.methodTypes);
  json.nullField("processing");
  json.textOrNull("receipt_email", details.receiptEmail);
  json.nullField("review");
  json.textOrNull("setup_future_usage", details.setupFutureUsage);
  json.rawOrNull("shipping", details.shipping);
  json.nullField("source");
  json.textOrNull("statement_descriptor", details.statementDescriptor);
  json.textOrNull("statement_descriptor_suffix", details.statementDescriptorSuffix);
  json.field("status", statusName(payment.status));
  json.rawOrNull("transfer_data", details.transferData);
  json.textOrNull("transfer_group", details.transferGroup);
  json.endObject();
}

void writeCharge(JsonWriter& json, const Account& account, const Charge& charge,
                 const Expansion* expand) {
  const auto& details = *charge.details;
  const auto id = account.chargeId(charge.index);
  json.beginObject();
  json.field("id", id);
  json.field("object", "charge");
  json.field("amount", charge.amount);
  json.field("amount_captured", charge.amountCaptured);
  json.field("amount_refunded", charge.amountRefunded);
  json.nullField("application");
  json.nullField("application_fee");
  details.applicationFee ? json.field("application_fee_amount", *details.applicationFee)
                         : json.nullField("application_fee_amount");
  const auto transaction = account.ids.transaction(IdKind::kCharge, charge.index);
  reference(
      json, "balance_transaction", charge.captured() ? charge.index : kNone,
      expanded(expand, "balance_transaction"), [&] { return transaction; },
      [&](const Expansion*) {
        writeTransaction(json, transaction, id, charge.amountCaptured, charge.created,
                         text(charge.currency));
      });
  json.key("billing_details");
  json.raw(charge.billing ? std::string_view(*charge.billing) : emptyBilling());
  json.textOrNull("calculated_statement_descriptor",
                  charge.failure ? "" : std::string_view("SIMULATED"));
  json.field("captured", charge.captured());
  json.field("created", charge.created);
  json.field("currency", text(charge.currency));
  customerReference(json, account, charge.customer, expand);
  json.textOrNull("description", details.description);
  json.field("disputed", false);
  json.nullField("failure_balance_transaction");
  json.textOrNull("failure_code", charge.failure ? charge.failure->decline.code : "");
  json.textOrNull("failure_message", charge.failure ? charge.failure->decline.message : "");
  json.beginObject("fraud_details");
  json.endObject();
  json.field("livemode", account.livemode);
  writeMetadata(json, charge.metadata);
  json.textOrNull("on_behalf_of", details.onBehalfOf);
  writeOutcome(json, charge);
  json.field("paid", charge.failure == nullptr);
  paymentReference(json, account, charge.payment, expand);
  idOrNull(json, "payment_method", charge.method, account.methodId(charge.method));
  writeCardDetails(json, account, charge);
  json.textOrNull("receipt_email", details.receiptEmail);
  json.nullField("receipt_number");
  json.nullField("receipt_url");
  json.field("refunded", charge.amountRefunded == charge.amount);
  if (expanded(expand, "refunds")) writeRefundList(json, account, charge);
  json.nullField("review");
  json.rawOrNull("shipping", details.shipping);
  json.nullField("source");
  json.nullField("source_transfer");
  json.textOrNull("statement_descriptor", details.statementDescriptor);
  json.textOrNull("statement_descriptor_suffix", details.statementDescriptorSuffix);
  json.field("status", charge.failure ? "failed" : "succeeded");
  json.nullField("transfer_data");
  json.textOrNull("transfer_group", details.transferGroup);
  json.endObject();
}

void writeRefund(JsonWriter& json, const Account& account, const Refund& refund,
                 const Expansion* expand) {
  const auto id = account.refundId(refund.index);
  json.beginObject();
  json.field("id", id);
  json.field("object", "refund");
  json.field("amount", refund.amount);
  const auto transaction = account.ids.transaction(IdKind::kRefund, refund.index);
  reference(
      json, "balance_transaction", refund.release ? kNone : refund.index,
      expanded(expand, "balance_transaction"), [&] { return transaction; },
      [&](const Expansion*) {
        writeTransaction(json, transaction, id, -refund.amount, refund.created,
                         text(refund.currency));
      });
  reference(
      json, "charge", refund.charge, expanded(expand, "charge"),
      [&] { return account.chargeId(refund.charge); },
      [&](const Expansion* below) {
        writeCharge(json, account, *account.charges.at(refund.charge), below);
      });
  json.field("created", refund.created);
  json.field("currency", text(refund.currency));
  customerReference(json, account, refund.customer, expand);
  json.nullField("customer_account");
  json.beginObject("destination_details");
  json.beginObject("card");
  if (!refund.release) json.field("reference_status", "pending");
  if (!refund.release) json.field("reference_type", "acquirer_reference_number");
  json.field("type", refund.release ? "reversal" : "refund");
  json.endObject();
  json.field("type", "card");
  json.endObject();
  writeMetadata(json, refund.metadata);
  paymentReference(json, account, refund.payment, expand);
  methodReference(json, account, refund.method, expand);
  json.textOrNull("reason", refund.reason);
  json.nullField("receipt_number");
  json.nullField("source_transfer_reversal");
  json.field("status", "succeeded");
  json.nullField("transfer_reversal");
  json.endObject();
}

void writeCustomer(JsonWriter& json, const Account& account, const Customer& customer) {
  json.beginObject();
  json.field("id", account.customerId(customer.index));
  json.field("object", "customer");
  json.rawOrNull("address", customer.address);
  json.field("balance", customer.balance);
  if (!customer.businessName.empty()) json.field("business_name", customer.businessName);
  json.field("created", customer.created);
  json.nullField("currency");
  json.nullField("customer_account");
  json.nullField("default_source");
  json.field("delinquent", false);
  json.textOrNull("description", customer.description);
  json.nullField("discount");
  json.textOrNull("email", customer.email);
  if (!customer.individualName.empty()) json.field("individual_name", customer.individualName);
  json.field("invoice_prefix", customer.invoicePrefix);
  json.beginObject("invoice_settings");
  json.rawOrNull("custom_fields", customer.customFields);
  idOrNull(json, "default_payment_method", customer.defaultMethod,
           account.methodId(customer.defaultMethod));
  json.textOrNull("footer", customer.footer);
  json.nullField("rendering_options");
  json.endObject();
  json.field("livemode", account.livemode);
  writeMetadata(json, customer.metadata);
  json.textOrNull("name", customer.name);
  json.field("next_invoice_sequence", customer.nextInvoiceSequence);
  json.textOrNull("phone", customer.phone);
  writeTexts(json, "preferred_locales", customer.locales);
  json.rawOrNull("shipping", customer.shipping);
  json.field("tax_exempt", customer.taxExempt);
  json.nullField("test_clock");
  json.endObject();
}

void writeDeletedCustomer(JsonWriter& json, const Account& account, const Customer& customer) {
  json.beginObject();
  json.field("id", account.customerId(customer.index));
  json.field("object", "customer");
  json.field("deleted", true);
  json.endObject();
}

void writeMethod(JsonWriter& json, const Account& account, const PaymentMethod& method,
                 const Expansion* expand) {
  const auto& card = testCard(method.card);
  json.beginObject();
  json.field("id", account.methodId(method.index));
  json.field("object", "payment_method");
  json.field("allow_redisplay", method.allowRedisplay);
  json.key("billing_details");
  json.raw(method.billing ? std::string_view(*method.billing) : emptyBilling());
  json.beginObject("card");
  json.field("brand", card.brand);
  writeChecks(json);
  json.field("country", "US");
  json.field("display_brand", card.brand);
  json.field("exp_month", method.expiryMonth);
  json.field("exp_year", method.expiryYear);
  json.field("fingerprint", account.ids.derived("fingerprint", method.card, 16));
  json.field("funding", card.funding);
  json.nullField("generated_from");
  json.field("last4", card.last4());
  json.beginObject("networks");
  json.beginArray("available");
  json.value(card.brand);
  json.endArray();
  json.nullField("preferred");
  json.endObject();
  json.field("regulated_status", "unregulated");
  json.beginObject("three_d_secure_usage");
  json.field("supported", true);
  json.endObject();
  json.nullField("wallet");
  json.endObject();
  json.field("created", method.created);
  customerReference(json, account, method.customer, expand);
  json.nullField("customer_account");
  json.field("livemode", account.livemode);
  writeMetadata(json, method.metadata);
  json.field("type", "card");
  json.endObject();
}

}  // namespace simulators::stripe
