#include "razorpay/operations.hpp"
#include "razorpay/settlements.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kProcessMs = 2'000;

void finish(Host& host, const std::string& account, const std::string& id, bool fails) {
  auto& book = host.book(account);
  auto* refund = book["refund"].find(id);
  if (!refund || textOf(*refund, "status") != "pending") return;
  auto* payment = book["payment"].find(textOf(*refund, "payment_id"));
  (*refund)["status"] = fails ? "failed" : "processed";
  if (fails) {  // the money stays with the merchant
    const auto amount = integerOf(*refund, "amount");
    const auto refunded = integerOf(*payment, "amount_refunded") - amount;
    (*payment)["amount_refunded"] = refunded;
    (*payment)["refund_status"] = refunded > 0 ? Json("partial") : Json(nullptr);
    (*payment)["status"] = "captured";
    book.unsettled += amount;
    host.move(book, "refund_reversal", id, textOf(*payment, "id"), amount,
              textOf(*refund, "currency"), (*refund)["notes"], textOf(*refund, "receipt"));
  } else {
    (*refund)["speed_processed"] =
        textOf(*refund, "speed_requested") == "optimum" ? "instant" : "normal";
    (*refund)["acquirer_data"] = {{"arn", host.id("")}};
  }
  host.event(book, fails ? "refund.failed" : "refund.processed",
             {{"refund", refund}, {"payment", payment}});
}

}  // namespace

Json createRefund(Call& call) {
  auto& payment = object(call, "payment", call.ids[0]);
  const auto currency = textOf(payment, "currency");
  const auto status = textOf(payment, "status");
  const auto left = integerOf(payment, "amount") - integerOf(payment, "amount_refunded");
  if (status == "refunded" || (status == "captured" && left == 0)) {
    refuse("The payment has been fully refunded already");
  }
  if (status != "captured") refuse("The payment status should be captured for action to be taken");
  const auto amount = call.integer("amount", left);
  checkAmount(amount, currency);
  if (amount > left) {
    refuse(left == integerOf(payment, "amount")
               ? "The refund amount provided is greater than amount captured"
               : "The total refund amount is greater than the refund payment amount");
  }
  const auto speed = call.has("speed") ? call.text("speed") : std::string("normal");
  if (speed != "normal" && speed != "optimum") refuse("The selected speed is invalid.", "speed");

  const auto notes = notesOf(call.params);
  const auto wish = textOf(notes, "sim_outcome");
  const bool pending = speed == "optimum" || wish == "pending" || wish == "failed";
  auto& refund = call.book["refund"].add({{"id", call.host.id("rfnd_")},
                                          {"entity", "refund"},
                                          {"amount", amount},
                                          {"currency", currency},
                                          {"payment_id", payment.at("id")},
                                          {"notes", notes},
                                          {"receipt", textOrNull(call.text("receipt"))},
                                          {"acquirer_data", {{"arn", nullptr}}},
                                          {"created_at", call.host.now()},
                                          {"batch_id", nullptr},
                                          {"status", "pending"},
                                          {"speed_processed", "normal"},
                                          {"speed_requested", speed}});
  const auto id = textOf(refund, "id");
  payment["amount_refunded"] = integerOf(payment, "amount_refunded") + amount;
  payment["refund_status"] = amount == left ? "full" : "partial";
  if (amount == left) payment["status"] = "refunded";
  call.book.unsettled -= amount;
  call.host.move(call.book, "refund", id, textOf(payment, "id"), amount, currency, notes,
                 call.text("receipt"));
  call.host.event(call.book, "refund.created", {{"refund", &refund}, {"payment", &payment}});
  const auto account = call.book.account;
  if (pending) {
    call.host.later(kProcessMs, [&host = call.host, account, id, fails = wish == "failed"] {
      finish(host, account, id, fails);
    });
  } else {
    finish(call.host, account, id, false);
  }
  return shown(refund);
}

Json listRefunds(Call& call) {
  return collection(call, "refund", [&](const Json& refund) {
    return !call.has("payment_id") || textOf(refund, "payment_id") == call.text("payment_id");
  });
}

Json listPaymentRefunds(Call& call) {
  const auto id = textOf(object(call, "payment", call.ids[0]), "id");
  return collection(call, "refund",
                    [&](const Json& refund) { return textOf(refund, "payment_id") == id; });
}

Json getRefund(Call& call) {
  return shown(object(call, "refund", call.ids[0]));
}

Json getPaymentRefund(Call& call) {
  const auto& payment = object(call, "payment", call.ids[0]);
  const auto& refund = object(call, "refund", call.ids[1]);
  if (refund.at("payment_id") != payment.at("id")) refuse("The id provided does not exist");
  return shown(refund);
}

Json updateRefund(Call& call) {
  auto& refund = object(call, "refund", call.ids[0]);
  refund["notes"] = notesOf(call.params);
  return shown(refund);
}

}  // namespace simulators::razorpay
