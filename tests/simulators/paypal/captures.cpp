// Captured money and its refunds.
#include "paypal/operations.hpp"
#include "paypal/orders.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kPendingMs = 60'000;
constexpr std::string_view kPendingAmount = "102.02";
constexpr std::string_view kPendingThenDeclinedAmount = "102.03";
constexpr std::string_view kDeclinedAmount = "103.03";
constexpr std::string_view kPendingRefundAmount = "106.06";

bool isSale(const Json& capture) {
  return !textOf(capture, "_subscription").empty();
}

// The money of a subscription comes as a sale of PayPal's first version.
Json saleOf(const Json& capture, const std::string& origin) {
  const auto id = textOf(capture, "id");
  Json sale = Json::object();
  sale["id"] = id;
  sale["state"] = "completed";
  sale["amount"] = Json{{"total", digText(capture, "amount.value")},
                        {"currency", digText(capture, "amount.currency_code")},
                        {"details", {{"subtotal", digText(capture, "amount.value")}}}};
  sale["payment_mode"] = "INSTANT_TRANSFER";
  sale["protection_eligibility"] = "ELIGIBLE";
  sale["protection_eligibility_type"] = "ITEM_NOT_RECEIVED_ELIGIBLE,UNAUTHORIZED_PAYMENT_ELIGIBLE";
  sale["transaction_fee"] =
      Json{{"value", digText(capture, "seller_receivable_breakdown.paypal_fee.value")},
           {"currency", digText(capture, "amount.currency_code")}};
  sale["billing_agreement_id"] = textOf(capture, "_subscription");
  take(sale, capture, {"create_time", "update_time"});
  if (has(capture, "custom_id")) sale["custom"] = capture["custom_id"];
  const auto self = origin + "/v1/payments/sale/" + id;
  sale["links"] = Json::array({link(self, "self"), link(self + "/refund", "refund", "POST")});
  return sale;
}

Json saleRefundOf(const Json& refund, const std::string& origin) {
  Json out = Json::object();
  take(out, refund, {"id", "create_time", "update_time"});
  out["state"] = "completed";
  out["sale_id"] = refund["_capture"];
  out["amount"] = Json{{"total", digText(refund, "amount.value")},
                       {"currency", digText(refund, "amount.currency_code")}};
  out["links"] =
      Json::array({link(origin + "/v1/payments/refund/" + textOf(refund, "id"), "self"),
                   link(origin + "/v1/payments/sale/" + textOf(refund, "_capture"), "sale")});
  return out;
}

void announceCapture(World& world, Account& account, const Json& capture, const char* what,
                     const std::string& summary, const std::string& origin) {
  if (isSale(capture)) {
    announce(world, account, std::string("PAYMENT.SALE.") + what, "sale", summary,
             saleOf(capture, origin), origin);
  } else {
    announce(world, account, std::string("PAYMENT.CAPTURE.") + what, "capture", summary,
             renderCapture(capture, origin), origin);
  }
}

// The money has come.
void completeCapture(World& world, Account& account, Json& capture, const std::string& origin) {
  const auto gross = moneyOf(capture["amount"]);
  const Money fee{feeOf(gross), gross.currency};
  const Money net{gross.units - fee.units, gross.currency};
  capture["status"] = "COMPLETED";
  capture.erase("status_details");
  capture["seller_receivable_breakdown"] = Json{{"gross_amount", moneyJson(gross)},
                                                {"paypal_fee", moneyJson(fee)},
                                                {"net_amount", moneyJson(net)}};
  capture["update_time"] = isoTime(world.timeMs());
  Entry entry;
  entry.type = textOf(capture, "_authorization").empty() ? "charge" : "capture";
  entry.id = textOf(capture, "id");
  entry.payment = textOf(capture, "_payment");
  entry.money = gross;
  entry.key = textOf(capture, "_key");
  for (const auto& [name, value] : dig(capture, "_metadata").items()) {
    entry.metadata.emplace_back(name, value.get<std::string>());
  }
  entry.balanceChange = net.units;
  book(world, account, std::move(entry));
  const auto value = digText(capture, "amount.value") + " " + gross.code();
  announceCapture(world, account, capture, "COMPLETED", "Payment completed for " + value, origin);
}

void declineCapture(World& world, Account& account, Json& capture, const std::string& origin) {
  capture["status"] = "DECLINED";
  capture["update_time"] = isoTime(world.timeMs());
  announceCapture(world, account, capture, "DENIED", "Payment denied", origin);
}

std::string refundLinksRoot(const std::string& origin, const std::string& id) {
  return origin + "/v2/payments/refunds/" + id;
}

void completeRefund(World& world, Account& account, Json& capture, Json& refund,
                    const std::string& origin) {
  const auto amount = moneyOf(refund["amount"]);
  refund["status"] = "COMPLETED";
  refund.erase("status_details");
  refund["update_time"] = isoTime(world.timeMs());
  Entry entry;
  entry.type = "refund";
  entry.id = textOf(refund, "id");
  entry.payment = textOf(capture, "_payment");
  entry.money = amount;
  entry.key = textOf(refund, "_key");
  for (const auto* name : {"custom_id", "invoice_id"}) {
    if (!digText(refund, name).empty()) entry.metadata.emplace_back(name, digText(refund, name));
  }
  entry.balanceChange = -amount.units;
  book(world, account, std::move(entry));
  const auto value = amount.value() + " " + amount.code();
  if (isSale(capture)) {
    announce(world, account, "PAYMENT.SALE.REFUNDED", "refund", "A " + value + " sale was refunded",
             saleRefundOf(refund, origin), origin);
  } else {
    announce(world, account, "PAYMENT.CAPTURE.REFUNDED", "refund",
             "A " + value + " capture payment was refunded", refund, origin);
  }
}

Money refundedOf(const Json& capture) {
  auto money = moneyOf(capture["amount"]);
  money.units = integerOf(capture, "_refunded");
  return money;
}

void checkRefundable(const Json& capture) {
  const auto status = textOf(capture, "status");
  if (status == "REFUNDED") {
    throw unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.");
  }
  if (status == "PENDING") {
    throw unprocessable("PENDING_CAPTURE", "Cannot initiate a refund as the capture is pending.");
  }
  if (status != "COMPLETED" && status != "PARTIALLY_REFUNDED") {
    throw unprocessable("REFUND_NOT_ALLOWED", "The capture holds no money that could be refunded.");
  }
}

// What is to be refunded: what the body says, else all that is left.
Money refundAmount(const Call& call, const Json& capture) {
  const auto captured = moneyOf(capture["amount"]);
  const auto left = captured.units - integerOf(capture, "_refunded");
  if (!call.body.is_object() || !has(call.body, "amount")) return {left, captured.currency};
  const auto wanted = requireMoney(call.body, "amount", "/amount");
  if (wanted.currency != captured.currency) {
    throw unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH",
                        "Refund must be in the same currency as the capture.",
                        "/amount/currency_code", wanted.code());
  }
  if (wanted.units > left) {
    throw unprocessable("REFUND_AMOUNT_EXCEEDED",
                        "The refund amount must be less than or equal to the capture amount that "
                        "has not yet been refunded.",
                        "/amount/value", wanted.value());
  }
  return wanted;
}

Json renderRefund(const Json& refund, bool whole) {
  if (whole) return shown(refund);
  Json out = Json::object();
  take(out, refund, {"id", "status", "links"});
  return out;
}

ApiAnswer refundCapture(Call& call) {
  auto& capture = named(call, "captures");
  call.obeyMockHeader();
  checkRefundable(capture);
  const auto amount = refundAmount(call, capture);
  const auto captureId = textOf(capture, "id");
  const auto id = call.world.mint("", 17);
  Json refund = Json::object();
  refund["id"] = id;
  refund["status"] = "PENDING";
  refund["amount"] = moneyJson(amount);
  take(refund, call.body, {"invoice_id", "custom_id", "note_to_payer"});
  const auto before = refundedOf(capture);
  const Money total{before.units + amount.units, amount.currency};
  refund["seller_payable_breakdown"] = Json{{"gross_amount", moneyJson(amount)},
                                            {"paypal_fee", moneyJson(Money{0, amount.currency})},
                                            {"net_amount", moneyJson(amount)},
                                            {"total_refunded_amount", moneyJson(total)}};
  refund["create_time"] = call.now();
  refund["update_time"] = call.now();
  refund["links"] = Json::array({link(refundLinksRoot(call.request.origin, id), "self"),
                                 link(call.link("/v2/payments/captures/" + captureId), "up")});
  refund["_capture"] = captureId;
  refund["_key"] = call.request.idempotencyKey;
  auto& stored = call.account.of("refunds").add(id, std::move(refund));

  const auto captured = moneyOf(capture["amount"]);
  capture["_refunded"] = total.units;
  capture["status"] = total.units == captured.units ? "REFUNDED" : "PARTIALLY_REFUNDED";
  capture["update_time"] = call.now();
  if (auto* order = call.account.of("orders").find(textOf(capture, "_order"))) {
    for (auto& unit : (*order)["purchase_units"]) {
      for (const auto& made : dig(unit, "_payments.captures")) {
        if (made == captureId) unit["_payments"]["refunds"].push_back(id);
      }
    }
  }
  if (amount.value() == kPendingRefundAmount) {
    stored["status_details"] = Json{{"reason", "ECHECK"}};
    call.world.after(kPendingMs, [&world = call.world, &account = call.account, id, captureId,
                                  origin = call.request.origin] {
      completeRefund(world, account, *account.of("captures").find(captureId),
                     *account.of("refunds").find(id), origin);
    });
  } else {
    completeRefund(call.world, call.account, capture, stored, call.request.origin);
  }
  return jsonAnswer(201, renderRefund(stored, call.wantsRepresentation()));
}

ApiAnswer getCapture(Call& call) {
  return jsonAnswer(200, renderCapture(named(call, "captures"), call.request.origin));
}

ApiAnswer getRefund(Call& call) {
  return jsonAnswer(200, shown(named(call, "refunds")));
}

}  // namespace

Json& createCapture(World& world, Account& account, NewCapture wish) {
  const auto id = world.mint("", 17);
  Json capture = Json::object();
  capture["id"] = id;
  capture["status"] = "PENDING";
  capture["amount"] = moneyJson(wish.amount);
  capture["final_capture"] = wish.finalCapture;
  capture["disbursement_mode"] = "INSTANT";
  capture["seller_protection"] =
      Json{{"status", "ELIGIBLE"},
           {"dispute_categories", {"ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"}}};
  capture.update(wish.details);
  capture["create_time"] = isoTime(world.timeMs());
  capture["update_time"] = isoTime(world.timeMs());
  capture["_order"] = wish.orderId;
  capture["_authorization"] = wish.authorizationId;
  capture["_subscription"] = wish.subscriptionId;
  capture["_payment"] = wish.payment;
  capture["_key"] = wish.key;
  capture["_refunded"] = 0;
  capture["_metadata"] = Json::object();
  for (const auto& [name, value] : wish.metadata) capture["_metadata"][name] = value;
  auto& stored = account.of("captures").add(id, std::move(capture));
  const auto value = wish.amount.value();
  const auto finishLater = [&](auto finish) {
    stored["status_details"] = Json{{"reason", "PENDING_REVIEW"}};
    announceCapture(world, account, stored, "PENDING", "Payment pending", wish.origin);
    world.after(kPendingMs, [&world, &account, id, finish, origin = wish.origin] {
      finish(world, account, *account.of("captures").find(id), origin);
    });
  };
  if (value == kPendingAmount) {
    finishLater(completeCapture);
  } else if (value == kPendingThenDeclinedAmount) {
    finishLater(declineCapture);
  } else if (value == kDeclinedAmount) {
    stored["processor_response"] = Json{{"response_code", "0500"}};
    declineCapture(world, account, stored, wish.origin);
  } else {
    completeCapture(world, account, stored, wish.origin);
  }
  return stored;
}

Json renderCapture(const Json& capture, const std::string& origin) {
  auto out = shown(capture);
  const auto self = origin + "/v2/payments/captures/" + textOf(capture, "id");
  Json related = Json::object();
  for (const auto& [from, to] :
       {std::pair{"_order", "order_id"}, std::pair{"_authorization", "authorization_id"}}) {
    if (!textOf(capture, from).empty()) related[to] = capture[from];
  }
  if (!related.empty()) out["supplementary_data"] = Json{{"related_ids", related}};
  out["links"] = Json::array({link(self, "self"), link(self + "/refund", "refund", "POST")});
  if (!textOf(capture, "_authorization").empty()) {
    out["links"].push_back(
        link(origin + "/v2/payments/authorizations/" + textOf(capture, "_authorization"), "up"));
  } else if (!textOf(capture, "_order").empty()) {
    out["links"].push_back(link(origin + "/v2/checkout/orders/" + textOf(capture, "_order"), "up"));
  }
  return out;
}

void addCaptures(Routes& routes) {
  routes.insert(routes.end(), {{"GET", "/v2/payments/captures/{}", getCapture},
                               {"POST", "/v2/payments/captures/{}/refund", refundCapture},
                               {"GET", "/v2/payments/refunds/{}", getRefund}});
}

}  // namespace simulators::paypal
