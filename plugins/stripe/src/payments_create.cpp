// payments.create: POST /v1/payment_intents.
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

namespace {

// The parts that need a decision; the rest is copied by buildPaymentCreate.
void addHowToPay(sdk::FormEncoder& form, const sdk::PaymentCreate& in) {
  form.add("capture_method",
           in.captureMethod == sdk::CaptureMethod::Manual ? "manual" : "automatic");
  form.add("payment_method", in.paymentMethod);
  if (!in.confirm) return;
  form.add("confirm", true);
  if (in.returnUrl) {
    form.add("return_url", *in.returnUrl);
  } else {
    // Without a page to return to, Stripe refuses to confirm as long as a method that redirects is
    // possible.
    form.addNested({"automatic_payment_methods", "enabled"}, "true");
    form.addNested({"automatic_payment_methods", "allow_redirects"}, "never");
  }
}

// The charge is the platform's; what is left of it after the fee goes to the connected account.
std::optional<sdk::Error> addConnectedAccount(sdk::FormEncoder& form,
                                              const sdk::PaymentCreate& in) {
  if (!in.connectedAccountProviderId) {
    return sdk::Error::invalidRequest("connected_account_provider_id",
                                      "'connected_account_provider_id' is missing");
  }
  // The id goes into the form, yet the same rule holds: it must be one of Stripe's.
  if (auto path =
          objectPath("accounts", *in.connectedAccountProviderId, "connected_account_provider_id");
      !path) {
    return std::move(path).error();
  }
  form.addNested({"transfer_data", "destination"}, *in.connectedAccountProviderId);
  return addPlatformFee(form, in.platformFee, in.currency);
}

// What a payment that was found again means: the same as the answer that was lost.
sdk::Step foundPayment(json::View object, const Lookup& lookup) {
  sdk::Result<sdk::Payment> payment = paymentOf(object);
  if (payment && lookup.confirm && payment->failure) {
    return declinedBy(*payment->failure).withResource(sdk::toJson(*payment)).proven();
  }
  return payment;
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildPaymentCreate(const sdk::PaymentCreate& in,
                                                 const sdk::Call& call) {
  const auto amount = toStripe(in.amount, in.currency);
  if (!amount) return amount.error();
  sdk::FormEncoder form;
  form.add("amount", *amount).add("currency", money::lower(in.currency));
  addHowToPay(form, in);
  if (in.connection == "connect") {
    if (auto problem = addConnectedAccount(form, in)) return std::move(*problem);
  }
  form.add("customer", in.customerProviderId).add("description", in.description);
  // statement_descriptor itself is an error for cards; the suffix is right for all methods.
  form.add("statement_descriptor_suffix", in.statementDescriptor);
  // Not receipt_email: in live mode it would send the customer a mail.
  if (auto problem = addMetadata(
          form, in.metadata,
          {{kOperationKey, in.operationId},
           {kReferenceKey, in.reference == in.operationId ? std::string_view() : in.reference},
           {"unigate_customer_email", in.customerEmail.value_or("")},
           {"unigate_customer_name", in.customerName.value_or("")},
           {"unigate_customer_phone", in.customerPhone.value_or("")}})) {
    return std::move(*problem);
  }
  return post("/v1/payment_intents", std::move(form), call, "payment_intents.create");
}

sdk::Result<sdk::Payment> parsePaymentCreate(const sdk::HttpResponse& response,
                                             const sdk::PaymentCreate& in) {
  sdk::Result<sdk::Payment> payment = readPayment(response, {});
  if (payment && (payment->amount != in.amount || payment->currency != in.currency)) {
    return sdk::Error::badResponse("Stripe answered with another amount or currency");
  }
  return payment;
}

sdk::Step startPaymentLookup(Lookup& lookup, const sdk::PaymentCreate& in) {
  lookup.path = "/v1/payment_intents";
  lookup.label = "payment_intents.list";
  lookup.operationId = in.operationId;
  lookup.confirm = in.confirm;
  lookup.found = foundPayment;
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

}  // namespace stripe
