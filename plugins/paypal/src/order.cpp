#include "order.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"

namespace paypal {

namespace {

using sdk::PaymentStatus;

constexpr std::array kOrderStatuses = {
    sdk::StatusName<PaymentStatus>{"CREATED", PaymentStatus::RequiresPaymentMethod},
    sdk::StatusName<PaymentStatus>{"SAVED", PaymentStatus::RequiresPaymentMethod},
    sdk::StatusName<PaymentStatus>{"PAYER_ACTION_REQUIRED", PaymentStatus::RequiresAction},
    sdk::StatusName<PaymentStatus>{"APPROVED", PaymentStatus::RequiresConfirmation},
    sdk::StatusName<PaymentStatus>{"VOIDED", PaymentStatus::Canceled},
};

sdk::Error notUnderstood(std::string_view what) {
  return sdk::Error::badResponse("PayPal's order has no usable " + std::string(what));
}

std::optional<sdk::Error> readParts(json::View list, const std::string& currency,
                                    std::vector<Part>& parts) {
  for (const json::View object : list.items()) {
    sdk::Result<Part> part = partOf(object);
    if (!part) return std::move(part).error();
    if (part->money.currency != currency) return notUnderstood("currency of a part");
    parts.push_back(std::move(*part));
  }
  return std::nullopt;
}

// Adds up; empty where the sum does not fit.
std::optional<std::int64_t> plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

bool hasStatus(const std::vector<Part>& parts, std::initializer_list<std::string_view> words) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return std::find(words.begin(), words.end(), part.status) != words.end();
  });
}

bool allHaveStatus(const std::vector<Part>& parts, std::initializer_list<std::string_view> words) {
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const Part& part) {
    return std::find(words.begin(), words.end(), part.status) != words.end();
  });
}

PaymentStatus statusOfCaptures(const Order& order) {
  // Pending ones, and words of tomorrow, may still become money.
  for (const Part& capture : order.captures) {
    const bool settled =
        isPaid(capture) || capture.status == "DECLINED" || capture.status == "FAILED";
    if (!settled) return PaymentStatus::Processing;
  }
  if (order.payment.amountCaptured > 0) return PaymentStatus::Succeeded;
  return order.captures.empty() ? PaymentStatus::Processing : PaymentStatus::Failed;
}

PaymentStatus statusOfAuthorizations(const Order& order) {
  if (order.authorizations.empty()) return PaymentStatus::Processing;
  if (hasStatus(order.authorizations, {"CREATED", "PARTIALLY_CAPTURED"})) {
    return hasStatus(order.captures, {"PENDING"}) ? PaymentStatus::Processing
                                                  : PaymentStatus::RequiresCapture;
  }
  if (hasStatus(order.authorizations, {"CAPTURED"})) return statusOfCaptures(order);
  const bool nothingLeft = allHaveStatus(order.authorizations, {"VOIDED", "DENIED", "EXPIRED"});
  if (!nothingLeft) return PaymentStatus::Processing;
  if (order.payment.amountCaptured > 0) return PaymentStatus::Succeeded;
  return allHaveStatus(order.authorizations, {"DENIED"}) ? PaymentStatus::Failed
                                                         : PaymentStatus::Canceled;
}

void addFailure(Order& order, json::View unit) {
  if (order.payment.status != PaymentStatus::Failed) return;
  json::View last;
  for (const std::string_view list : {"authorizations", "captures"}) {
    for (const json::View part : unit["payments"][list].items()) last = part;
  }
  order.payment.failure = failureOf(last, last["status"].stringOr("DECLINED"));
}

void readTexts(json::View object, json::View unit, sdk::Payment& payment) {
  payment.description = textOf(unit["description"]);
  payment.reference = textOf(unit["invoice_id"]);
  if (!payment.reference) payment.reference = textOf(unit["custom_id"]);
  for (const json::Member& source : object["payment_source"].members()) {
    payment.paymentMethod = textOf(source.value["attributes"]["vault"]["id"]);
    if (!payment.paymentMethod) payment.paymentMethod = textOf(source.value["vault_id"]);
    payment.customerProviderId = textOf(source.value["attributes"]["vault"]["customer"]["id"]);
  }
}

// The sum over all purchase units, which are in one currency.
std::optional<sdk::Money> totalOf(json::View units) {
  std::optional<sdk::Money> total;
  for (const json::View unit : units.items()) {
    const auto money = moneyOf(unit["amount"]);
    if (!money || money->amount < 0) return std::nullopt;
    if (!total) {
      total = money;
      continue;
    }
    const auto sum = plus(total->amount, money->amount);
    if (!sum || total->currency != money->currency) return std::nullopt;
    total->amount = *sum;
  }
  return total;
}

}  // namespace

sdk::Result<Part> partOf(json::View object) {
  Part part;
  part.id = std::string(object["id"].stringOr(""));
  if (part.id.empty()) return notUnderstood("id of a part");
  const auto money = moneyOf(object["amount"]);
  if (!money || money->amount < 0) return notUnderstood("amount of a part");
  part.money = *money;
  part.status = std::string(object["status"].stringOr(""));
  part.customId = std::string(object["custom_id"].stringOr(""));
  part.upId = idInLink(object, {"up"});
  part.createdUnixS = timeOrZero(object["create_time"]);
  return part;
}

bool isPaid(const Part& capture) {
  return capture.status == "COMPLETED" || capture.status == "PARTIALLY_REFUNDED" ||
         capture.status == "REFUNDED";
}

const Part* authorizationOf(const Order& order) {
  // A new authorization takes the place of an older one, so the last that is in force counts.
  for (auto at = order.authorizations.rbegin(); at != order.authorizations.rend(); ++at) {
    if (at->status != "VOIDED" && at->status != "DENIED" && at->status != "EXPIRED") return &*at;
  }
  return order.authorizations.empty() ? nullptr : &order.authorizations.back();
}

void settle(Order& order) {
  sdk::Payment& payment = order.payment;
  payment.amountCaptured = 0;
  for (const Part& capture : order.captures) {
    if (!isPaid(capture)) continue;
    payment.amountCaptured =
        plus(payment.amountCaptured, capture.money.amount).value_or(payment.amountCaptured);
  }
  payment.amountRefunded = 0;
  for (const Part& refund : order.refunds) {
    if (refund.status != "COMPLETED" && refund.status != "PENDING") continue;
    payment.amountRefunded =
        plus(*payment.amountRefunded, refund.money.amount).value_or(*payment.amountRefunded);
  }
  payment.status = sdk::mapStatus(kOrderStatuses, order.status);
  if (order.status != "COMPLETED") return;
  payment.status = order.authorizes ? statusOfAuthorizations(order) : statusOfCaptures(order);
}

sdk::Result<Order> orderOf(json::View object, bool live) {
  Order order;
  sdk::Payment& payment = order.payment;
  payment.providerId = std::string(object["id"].stringOr(""));
  if (payment.providerId.empty()) return notUnderstood("id");
  order.status = std::string(object["status"].stringOr(""));
  if (order.status.empty()) return notUnderstood("status");
  const json::View units = object["purchase_units"];
  const auto total = totalOf(units);
  if (!total) return notUnderstood("amount");
  payment.amount = total->amount;
  payment.currency = total->currency;
  order.authorizes = object["intent"].stringOr("") == "AUTHORIZE";
  payment.captureMethod =
      order.authorizes ? sdk::CaptureMethod::Manual : sdk::CaptureMethod::Automatic;
  for (const json::View unit : units.items()) {
    const json::View payments = unit["payments"];
    if (auto bad = readParts(payments["captures"], payment.currency, order.captures))
      return std::move(*bad);
    if (auto bad = readParts(payments["authorizations"], payment.currency, order.authorizations))
      return std::move(*bad);
    if (auto bad = readParts(payments["refunds"], payment.currency, order.refunds))
      return std::move(*bad);
  }
  settle(order);
  const json::View first = units[std::size_t{0}];
  readTexts(object, first, payment);
  addFailure(order, first);
  if (order.status != "COMPLETED" && order.status != "VOIDED" && order.status != "APPROVED") {
    payment.nextAction = approvalOf(object);
  }
  payment.livemode = live;
  payment.createdUnixS = timeOrZero(object["create_time"]);
  return order;
}

sdk::Result<Order> readOrder(const sdk::HttpResponse& response, const sdk::Call& call,
                             std::string_view id) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<Order> order = orderOf(document.root(), call.live);
  if (order && !id.empty() && order->payment.providerId != id) {
    return sdk::Error::badResponse("PayPal answered with another order");
  }
  return order;
}

sdk::Result<sdk::HttpRequest> getOrder(std::string_view id, std::string_view field) {
  auto path = objectPath("/v2/checkout/orders", id, field);
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "orders.get");
}

}  // namespace paypal
