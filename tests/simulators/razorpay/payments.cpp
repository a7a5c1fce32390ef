#include "razorpay/flow.hpp"
#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

// The card of a payment is shown where expand[]=card asks for it.
Json plain(const Json& payment) {
  auto out = shown(payment);
  out.erase("card");
  return out;
}

bool asks(const Call& call, const char* what) {
  for (const auto* name : {"expand[]", "expand"}) {
    const auto found = call.params.find(name);
    if (found != call.params.end() && found->dump().find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Json listPayments(Call& call) {
  auto page = collection(call, "payment");
  if (asks(call, "card")) return page;
  for (auto& item : page["items"]) item.erase("card");
  return page;
}

Json getPayment(Call& call) {
  const auto& payment = object(call, "payment", call.ids[0]);
  return asks(call, "card") ? shown(payment) : plain(payment);
}

Json updatePayment(Call& call) {
  auto& payment = object(call, "payment", call.ids[0]);
  payment["notes"] = notesOf(call.params);
  return plain(payment);
}

Json capturePayment(Call& call) {
  auto& payment = object(call, "payment", call.ids[0]);
  const auto status = textOf(payment, "status");
  if (status == "captured" || status == "refunded") {
    refuse("This payment has already been captured");
  }
  if (status != "authorized") {
    refuse("Only payments which have been authorized and not yet captured can be captured");
  }
  if (call.integer("amount") != integerOf(payment, "amount")) {
    refuse("Capture amount must be equal to the amount authorized.", "amount");
  }
  if (call.text("currency") != textOf(payment, "currency")) {
    refuse("The currency provided should be the same as that of the payment", "currency");
  }
  const auto* order = call.book["order"].find(textOf(payment, "order_id"));
  if (order && textOf(*order, "status") == "paid") {
    refuse(
        "Your payment has been declined as the order is already paid. Please initiate the "
        "payment with a new order.");
  }
  capture(call.host, call.book, payment);
  return plain(payment);
}

}  // namespace simulators::razorpay
