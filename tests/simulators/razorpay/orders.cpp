#include "razorpay/flow.hpp"
#include "razorpay/operations.hpp"
#include "razorpay/transfers.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::size_t kReceiptLengthMax = 40;

Json expanded(Call& call, const Json& order) {
  auto out = shown(order);
  bool payments = call.text("expand") == "payments";
  const auto list = call.params.find("expand[]");
  if (list != call.params.end())
    payments = payments || list->dump().find("payments") != std::string::npos;
  if (!payments) return out;
  Json items = Json::array();
  for (const auto& payment : call.book["payment"].all()) {
    if (payment.at("order_id") == order.at("id")) items.push_back(shown(payment));
  }
  const auto count = items.size();
  out["payments"] = {{"entity", "collection"}, {"count", count}, {"items", std::move(items)}};
  return out;
}

}  // namespace

Json createOrder(Call& call) {
  const auto currency = currencyOf(call);
  checkAmount(call.integer("amount"), currency);
  const auto receipt = call.text("receipt");
  if (receipt.size() > kReceiptLengthMax) {
    refuse("The receipt may not be greater than 40 characters.", "receipt");
  }
  auto& order = newOrder(call.host, call.book, call.integer("amount"), currency, receipt,
                         notesOf(call.params), call.flag("partial_payment"));
  if (!call.has("transfers")) return shown(order);
  auto out = shown(order);
  Json made = Json::array();
  for (const auto& wish : call.params["transfers"]) {
    made.push_back(shown(newTransfer(call, wish, textOf(order, "id"), "created")));
  }
  out["transfers"] = std::move(made);
  return out;
}

Json listOrders(Call& call) {
  return collection(call, "order", [&](const Json& order) {
    if (call.has("receipt") && textOf(order, "receipt") != call.text("receipt")) return false;
    if (call.has("currency") && textOf(order, "currency") != call.text("currency")) return false;
    if (!call.has("authorized")) return true;
    bool authorized = false;
    for (const auto& payment : call.book["payment"].all()) {
      const auto status = textOf(payment, "status");
      authorized = authorized || (payment.at("order_id") == order.at("id") &&
                                  (status == "authorized" || status == "captured"));
    }
    return authorized == call.flag("authorized");
  });
}

Json getOrder(Call& call) {
  return expanded(call, object(call, "order", call.ids[0]));
}

Json updateOrder(Call& call) {
  auto& order = object(call, "order", call.ids[0]);
  order["notes"] = notesOf(call.params);
  return shown(order);
}

Json listOrderPayments(Call& call) {
  const auto id = textOf(object(call, "order", call.ids[0]), "id");
  return collection(call, "payment",
                    [&](const Json& payment) { return textOf(payment, "order_id") == id; });
}

}  // namespace simulators::razorpay
