// payments.create: POST /v2/checkout/orders. A saved way to pay is looked at first, because PayPal
// wants to be told its kind.
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

constexpr std::size_t kTextCharsMax = 127;
constexpr std::size_t kDescriptorCharsMax = 22;

std::optional<sdk::Error> check(const sdk::PaymentCreate& in) {
  if (in.connection && *in.connection != "api_key") {
    return sdk::Error::notSupported("connection",
                                    "this adapter pays with the account's own key: use api_key");
  }
  if (in.paymentMethod && !in.confirm) {
    return sdk::Error::invalidRequest(
        "confirm",
        "PayPal charges a saved payment method at once: send confirm true, or leave "
        "payment_method out and let the payer approve");
  }
  if (in.confirm && !in.paymentMethod) {
    return sdk::Error::invalidRequest(
        "payment_method",
        "without a saved payment_method the payer must approve at PayPal first: leave confirm out, "
        "send the payer to next_action.url and confirm then");
  }
  if (auto bad = tooLong("description", in.description.value_or(""), kTextCharsMax)) return bad;
  if (auto bad = tooLong("reference", in.reference, kTextCharsMax)) return bad;
  return tooLong("statement_descriptor", in.statementDescriptor.value_or(""), kDescriptorCharsMax);
}

}  // namespace

sdk::Result<std::string> orderBody(const OrderFields& in) {
  const auto amount = toPaypal(in.amount, in.currency);
  if (!amount) return amount.error();
  json::Writer out;
  out.beginObject().member("intent", in.authorize ? "AUTHORIZE" : "CAPTURE");
  out.key("purchase_units").beginArray().beginObject();
  writeMoney(out, "amount", *amount, in.currency);
  if (!in.operationId.empty()) out.member("custom_id", in.operationId);
  // PayPal refuses an invoice_id that stands on two transactions, so it is the client's alone.
  if (!in.reference.empty() && in.reference != in.operationId) {
    out.member("invoice_id", in.reference);
  }
  memberIf(out, "description", in.description);
  memberIf(out, "soft_descriptor", in.descriptor);
  out.endObject().endArray();
  const bool wallet = in.sourceKind.empty();
  if (!wallet || in.returnUrl || in.email) {
    out.key("payment_source").beginObject();
    out.key(wallet ? "paypal" : in.sourceKind).beginObject();
    if (!wallet) out.member("vault_id", in.vaultId);
    // The payer of a saved way to pay is known already.
    if (wallet) memberIf(out, "email_address", in.email);
    if (in.returnUrl && in.sourceKind != "venmo") {
      out.key("experience_context").beginObject();
      out.member("return_url", *in.returnUrl).member("cancel_url", *in.returnUrl);
      out.endObject();
    }
    out.endObject().endObject();
  }
  out.endObject();
  return out.take();
}

sdk::Step startPaymentCreate(PaymentCreating& state, const sdk::PaymentCreate& in,
                             const sdk::Call& call) {
  if (auto bad = check(in)) return std::move(*bad);
  OrderFields& fields = state.fields;
  fields.amount = in.amount;
  fields.currency = in.currency;
  fields.authorize = in.captureMethod == sdk::CaptureMethod::Manual;
  fields.operationId = in.operationId;
  fields.reference = in.reference;
  fields.description = in.description;
  fields.descriptor = in.statementDescriptor;
  fields.returnUrl = in.returnUrl;
  fields.email = in.customerEmail;
  // Whatever is wrong with the input is said before anything is sent.
  const auto body = orderBody(fields);
  if (!body) return body.error();
  if (!in.paymentMethod) return createOrder(*body, call);
  fields.vaultId = *in.paymentMethod;
  auto path = objectPath("/v3/vault/payment-tokens", fields.vaultId, "payment_method");
  if (!path) return std::move(path).error();
  state.readsToken = true;
  return get(std::move(*path), {}, "payment_tokens.get");
}

sdk::HttpRequest createOrder(std::string body, const sdk::Call& call) {
  return post("/v2/checkout/orders", std::move(body), call.idempotencyKey, "orders.create");
}

sdk::Step nextPaymentCreate(PaymentCreating& state, const sdk::HttpResponse& response,
                            const sdk::Call& call) {
  if (!state.readsToken) return createdPayment(state.fields, response, call);
  state.readsToken = false;
  json::Document token;
  if (auto problem = readAnswer(response, call, token)) {
    if (problem->field.empty()) problem->field = "payment_method";
    return std::move(*problem);
  }
  for (const json::Member& source : token["payment_source"].members()) {
    if (source.name == "paypal" || source.name == "card" || source.name == "venmo" ||
        source.name == "apple_pay") {
      state.fields.sourceKind = std::string(source.name);
    }
  }
  if (state.fields.sourceKind.empty()) {
    return sdk::Error::notSupported("payment_method",
                                    "PayPal has not said of what kind this payment method is");
  }
  auto body = orderBody(state.fields);
  if (!body) return std::move(body).error();
  return createOrder(std::move(*body), call);
}

sdk::Step createdPayment(const OrderFields& fields, const sdk::HttpResponse& response,
                         const sdk::Call& call) {
  sdk::Result<Order> order = readOrder(response, call, {});
  if (!order) return std::move(order).error();
  sdk::Payment& payment = order->payment;
  if (payment.amount != fields.amount || payment.currency != money::upper(fields.currency) ||
      order->authorizes != fields.authorize) {
    return sdk::Error::badResponse("PayPal answered with another amount, currency or intent");
  }
  if (payment.status == sdk::PaymentStatus::Failed && payment.failure) {
    return declinedBy(*payment.failure).withResource(sdk::toJson(payment));
  }
  return sdk::done(payment);
}

}  // namespace paypal
