#include "order.hpp"

#include <utility>

#include "errors.hpp"
#include "status.hpp"

namespace razorpay {

namespace {

using sdk::PaymentStatus;

constexpr std::string_view kOrder = "order";
constexpr std::string_view kPayment = "payment";

// What was captured and paid back by the payments of an order.
struct Sums {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
};

// `amount_refunded` never exceeds the amount; no sum of an order's payments exceeds 64 bits unless
// somebody made it up.
std::optional<sdk::Error> addUp(json::View payment, const std::string& currency, Sums& sums) {
  const auto amount = fromRazorpay(payment["amount"]);
  if (!amount) return unusable(kPayment, "amount");
  if (!isCaptured(payment)) return std::nullopt;
  if (currencyOf(payment["currency"]) != currency) return unusable(kPayment, "currency");
  const auto refunded = payment["amount_refunded"].isNothing()
                            ? std::optional<std::int64_t>(0)
                            : fromRazorpay(payment["amount_refunded"]);
  if (!refunded || *refunded > *amount) return unusable(kPayment, "amount_refunded");
  if (__builtin_add_overflow(sums.captured, *amount, &sums.captured) ||
      __builtin_add_overflow(sums.refunded, *refunded, &sums.refunded)) {
    return unusable(kPayment, "amount");
  }
  return std::nullopt;
}

// What Checkout in the browser needs to take the payment.
sdk::NextAction checkoutOf(json::View order, const sdk::Payment& payment, const Context& context) {
  sdk::NextAction action;
  action.type = sdk::NextAction::Type::Sdk;
  action.providerType = "razorpay_checkout";
  const auto put = [&](const char* name, std::string_view value) {
    if (!value.empty()) action.data.emplace_back(name, std::string(value));
  };
  put("key_id", context.keyId);
  put("order_id", payment.providerId);
  put("amount", std::to_string(payment.amount));
  put("currency", payment.currency);
  put("description", payment.description.value_or(""));
  put("customer_id", payment.customerProviderId.value_or(""));
  put("prefill_name", noteOf(order, "unigate_customer_name"));
  put("prefill_email", noteOf(order, "unigate_customer_email"));
  put("prefill_contact", noteOf(order, "unigate_customer_phone"));
  put("callback_url", noteOf(order, "unigate_return_url"));
  return action;
}

// What the payment that decides says of the way it was paid, and why it failed.
void addPaidWith(json::View decisive, sdk::Payment& payment) {
  payment.paymentMethod = textOf(decisive["token_id"]);
  if (!payment.customerProviderId) payment.customerProviderId = textOf(decisive["customer_id"]);
  if (!payment.description) payment.description = textOf(decisive["description"]);
  if (payment.status == PaymentStatus::Failed) payment.failure = failureOf(decisive);
}

// The order's status with what its payments tell.
PaymentStatus statusOf(json::View order, json::View decisive, const Sums& sums,
                       std::int64_t amount) {
  const PaymentStatus ofOrder = sdk::mapStatus(kOrderWords, order["status"].stringOr(""));
  if (!decisive.isObject() || ofOrder == PaymentStatus::Succeeded) return ofOrder;
  // A part was paid (an order that takes parts): the rest is still to come.
  if (sums.captured > 0 && sums.captured < amount) return PaymentStatus::RequiresPaymentMethod;
  return sdk::mapStatus(kPaymentWords, decisive["status"].stringOr(""));
}

std::optional<sdk::Error> readOrder(json::View order, const Context& context,
                                    sdk::Payment& payment) {
  if (auto problem = readCommon(order, kOrder, context, payment)) return problem;
  if (auto problem = readMoney(order, kOrder, payment)) return problem;
  if (!order["status"].isString()) return unusable(kOrder, "status");
  payment.captureMethod = noteOf(order, kCaptureKey) == "manual" ? sdk::CaptureMethod::Manual
                                                                 : sdk::CaptureMethod::Automatic;
  payment.reference = referenceOf(order);
  if (!payment.reference) payment.reference = textOf(order["receipt"]);
  payment.description = textOf(order["notes"][kDescriptionKey]);
  if (!payment.description) payment.description = textOf(order["description"]);
  payment.customerProviderId = textOf(order["notes"][kCustomerKey]);
  if (!payment.customerProviderId) payment.customerProviderId = textOf(order["customer_id"]);
  return std::nullopt;
}

}  // namespace

bool isCaptured(json::View payment) {
  const std::string_view status = payment["status"].stringOr("");
  return status == "captured" || status == "refunded";
}

json::View decisivePayment(const std::vector<json::View>& payments) {
  const auto rank = [](json::View payment) {
    if (isCaptured(payment)) return 2;
    return payment["status"].stringOr("") == "authorized" ? 1 : 0;
  };
  json::View best;
  for (const json::View payment : payments) {
    const bool better = !best.exists() || rank(payment) > rank(best) ||
                        (rank(payment) == rank(best) &&
                         payment["created_at"].int64Or(0) > best["created_at"].int64Or(0));
    if (better) best = payment;
  }
  return best;
}

bool isUntouched(json::View order) {
  return order["status"].stringOr("") == "created" && order["attempts"].int64() == 0 &&
         order["amount_paid"].int64Or(0) == 0;
}

sdk::Result<sdk::Payment> paymentOf(json::View order, const std::vector<json::View>& payments,
                                    bool paymentsKnown, const Context& context) {
  sdk::Payment payment;
  if (auto problem = readOrder(order, context, payment)) return std::move(*problem);
  Sums sums;
  for (const json::View one : payments) {
    if (one["entity"].stringOr("payment") != kPayment || !one["status"].isString() ||
        !one["id"].isString()) {
      return unusable(kPayment, "type, id or status");
    }
    const auto ofOrder = textOf(one["order_id"]);
    if (ofOrder && *ofOrder != payment.providerId) return unusable(kPayment, "order_id");
    if (auto problem = addUp(one, payment.currency, sums)) return std::move(*problem);
  }
  const json::View decisive = decisivePayment(payments);
  payment.status = statusOf(order, decisive, sums, payment.amount);
  payment.amountCaptured = sums.captured;
  if (sums.captured == 0 && payment.status == PaymentStatus::Succeeded) {
    // Razorpay says paid and lists no captured payment here: its own sum counts.
    const auto paid = fromRazorpay(order["amount_paid"]);
    if (!paid) return unusable(kOrder, "amount_paid");
    payment.amountCaptured = *paid;
  }
  const bool paidUnseen = payment.amountCaptured > 0 && sums.captured == 0;
  if (!paidUnseen && (paymentsKnown || payment.amountCaptured == 0 || sums.captured > 0)) {
    payment.amountRefunded = sums.refunded;
  }
  if (decisive.isObject()) addPaidWith(decisive, payment);
  if (payment.status == PaymentStatus::RequiresPaymentMethod ||
      payment.status == PaymentStatus::Failed) {
    payment.nextAction = checkoutOf(order, payment, context);
  }
  return payment;
}

sdk::Result<sdk::Payment> paymentOfListed(json::View order, const Context& context) {
  const json::View items = order["payments"]["items"];
  return paymentOf(order, items.items(), items.isArray(), context);
}

sdk::Result<sdk::Payment> paymentOfPayment(json::View object, const Context& context) {
  sdk::Payment payment;
  if (auto problem = readCommon(object, kPayment, context, payment)) return std::move(*problem);
  if (auto problem = readMoney(object, kPayment, payment)) return std::move(*problem);
  const auto word = object["status"].string();
  if (!word) return unusable(kPayment, "status");
  Sums sums;
  if (auto problem = addUp(object, payment.currency, sums)) return std::move(*problem);
  if (const auto order = textOf(object["order_id"])) payment.providerId = *order;
  payment.status = sdk::mapStatus(kPaymentWords, *word);
  payment.amountCaptured = sums.captured;
  payment.amountRefunded = sums.refunded;
  payment.reference = referenceOf(object);
  addPaidWith(object, payment);
  return payment;
}

sdk::Result<sdk::HttpRequest> askOrder(std::string_view orderId, std::string_view field,
                                       const sdk::Call& call) {
  auto path = objectPath("/v1/orders/", orderId, field);
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "orders.fetch");
}

sdk::HttpRequest askPaymentsOf(const std::string& orderId, const sdk::Call& call) {
  return get("/v1/orders/" + orderId + "/payments", {}, call, "orders.payments");
}

sdk::Result<sdk::HttpRequest> askPayment(std::string_view paymentId, std::string_view field,
                                         const sdk::Call& call) {
  auto path = objectPath("/v1/payments/", paymentId, field);
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "payments.fetch");
}

std::optional<sdk::Error> keepOrder(OrderState& state, const sdk::HttpResponse& response) {
  json::Document document;
  if (auto problem = readAnswer(response, kOrder, document)) return problem;
  if (document["id"].stringOr("") != state.orderId) {
    return sdk::Error::badResponse("Razorpay answered with another order");
  }
  state.orderText = json::toText(document.root());
  state.orderRead = true;
  return std::nullopt;
}

std::optional<sdk::Error> readPayments(const sdk::HttpResponse& response, json::Document& document,
                                       std::vector<json::View>& payments) {
  if (auto problem = readAnswer(response, {}, document)) return problem;
  if (!document["items"].isArray()) {
    return sdk::Error::badResponse("Razorpay's answer is no list of payments");
  }
  payments = document["items"].items();
  return std::nullopt;
}

sdk::Result<sdk::Payment> together(const OrderState& state, const std::vector<json::View>& payments,
                                   const sdk::Call& call) {
  json::Document order;
  json::ReadError error;
  if (!order.parse(state.orderText, error)) return unusable(kOrder, "text");
  return paymentOf(order.root(), payments, true, contextOf(call));
}

sdk::Result<sdk::HttpRequest> askCapture(json::View payment, const sdk::Call& call) {
  auto path = objectPath("/v1/payments/", payment["id"].stringOr(""), "provider_id", "/capture");
  const auto amount = fromRazorpay(payment["amount"]);
  const auto currency = currencyOf(payment["currency"]);
  if (!path || !amount || !currency) return unusable(kPayment, "id or amount");
  json::Writer body;
  body.beginObject().member("amount", *amount).member("currency", *currency).endObject();
  return post(std::move(*path), body.take(), call, "payments.capture");
}

sdk::Result<sdk::Payment> readCapture(const OrderState& state, const sdk::HttpResponse& response,
                                      const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, kPayment, document)) {
    if (problem->category == sdk::Category::InvalidState) problem->outcome = sdk::Outcome::Unknown;
    return std::move(*problem);
  }
  sdk::Result<sdk::Payment> payment = together(state, {document.root()}, call);
  if (payment && !isCaptured(document.root())) {
    return sdk::Error::badResponse("Razorpay does not say that the payment is captured");
  }
  return payment;
}

}  // namespace razorpay
