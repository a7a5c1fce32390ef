// payments.create: POST /v1/orders. The payment itself is made by Checkout in the payer's browser.
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

std::optional<sdk::Error> whatRazorpayCannot(const sdk::PaymentCreate& in) {
  if (in.connection && *in.connection != "api_key") {
    return sdk::Error::notSupported("connection",
                                    "this adapter pays with the account's own key: use api_key");
  }
  if (in.paymentMethod) {
    return sdk::Error::notSupported(
        "payment_method",
        "at Razorpay the payer chooses in Checkout: leave payment_method out and use next_action");
  }
  if (in.statementDescriptor) {
    return sdk::Error::notSupported("statement_descriptor",
                                    "Razorpay sets it in the account: leave it out");
  }
  return checkOperationId(in.operationId);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildPaymentCreate(const sdk::PaymentCreate& in,
                                                 const sdk::Call& call) {
  if (auto problem = whatRazorpayCannot(in)) return std::move(*problem);
  const auto amount = toRazorpay(in.amount, in.currency);
  if (!amount) return amount.error();
  json::Writer body;
  body.beginObject().member("amount", *amount).member("currency", in.currency);
  body.member("receipt", in.operationId);
  const bool manual = in.captureMethod == sdk::CaptureMethod::Manual;
  if (auto problem = addNotes(
          body, in.metadata,
          {{kOperationKey, in.operationId},
           {kReferenceKey, in.reference == in.operationId ? std::string_view() : in.reference},
           {kCaptureKey, manual ? "manual" : ""},
           {kDescriptionKey, in.description.value_or("")},
           {kCustomerKey, in.customerProviderId.value_or("")},
           {"unigate_customer_email", in.customerEmail.value_or("")},
           {"unigate_customer_name", in.customerName.value_or("")},
           {"unigate_customer_phone", in.customerPhone.value_or("")},
           {"unigate_return_url", in.returnUrl.value_or("")}})) {
    return std::move(*problem);
  }
  body.endObject();
  return post("/v1/orders", body.take(), call, "orders.create");
}

sdk::Result<sdk::Payment> parsePaymentCreate(const sdk::HttpResponse& response,
                                             const sdk::PaymentCreate& in, const sdk::Call& call) {
  sdk::Result<sdk::Payment> payment = readOne<sdk::Payment>(response, call, paymentOfListed);
  if (payment && (payment->amount != in.amount || payment->currency != in.currency)) {
    return sdk::Error::badResponse("Razorpay answered with another amount or currency");
  }
  return payment;
}

sdk::Step startOrderLookup(OrderState& state, const sdk::PaymentCreate& in, const sdk::Call& call) {
  if (in.operationId.empty() || checkOperationId(in.operationId)) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "the operation carries no id to look for");
  }
  state.orderId = in.operationId;  // the receipt, until the order is found
  sdk::FormEncoder query;
  query.add("receipt", in.operationId).add("count", kPageMax);
  return get("/v1/orders", query.take(), call, "orders.all");
}

sdk::Step nextOrderLookup(OrderState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call) {
  if (state.orderRead) return nextPaymentGet(state, response, call);
  json::Document document;
  if (auto problem = readAnswer(response, {}, document)) return std::move(*problem);
  if (!document["items"].isArray()) return sdk::Error::badResponse("Razorpay's answer is no list");
  for (const json::View order : document["items"].items()) {
    if (order["receipt"].stringOr("") != state.orderId) continue;
    const std::string_view noted = noteOf(order, kOperationKey);
    if (!noted.empty() && noted != state.orderId) continue;
    if (isUntouched(order)) return paymentOfListed(order, contextOf(call));
    state.orderId = std::string(order["id"].stringOr(""));
    if (!isRazorpayId(state.orderId)) return sdk::Error::badResponse("Razorpay's order has no id");
    state.orderText = json::toText(order);
    state.orderRead = true;
    return askPaymentsOf(state.orderId, call);
  }
  return sdk::Error::neverHappened("Razorpay has no order with this receipt");
}

}  // namespace razorpay
