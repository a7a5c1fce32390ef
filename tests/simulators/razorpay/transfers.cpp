#include "razorpay/transfers.hpp"

#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kProcessMs = 1'000;

Json noError(const std::string& id) {
  return {{"code", nullptr},   {"description", nullptr}, {"reason", nullptr},
          {"field", nullptr},  {"step", nullptr},        {"id", id},
          {"source", nullptr}, {"metadata", nullptr}};
}

void process(Host& host, const std::string& account, const std::string& id) {
  auto& book = host.book(account);
  auto* transfer = book["transfer"].find(id);
  if (!transfer || textOf(*transfer, "status") != "pending") return;
  (*transfer)["status"] = "processed";
  (*transfer)["processed_at"] = host.now();
  host.event(book, "transfer.processed", {{"transfer", transfer}});
}

std::int64_t transferredFrom(Call& call, const std::string& source) {
  std::int64_t sum = 0;
  for (const auto& transfer : call.book["transfer"].all()) {
    if (textOf(transfer, "source") == source) {
      sum += integerOf(transfer, "amount") - integerOf(transfer, "amount_reversed");
    }
  }
  return sum;
}

}  // namespace

Json& newTransfer(Call& call, const Json& wish, const std::string& source,
                  const std::string& status) {
  const auto recipient = textOf(wish, "account");
  if (!recipient.starts_with("acc_")) refuse(recipient + " is an invalid account_code.", "account");
  const auto amount = integerOf(wish, "amount");
  if (amount < 100) refuse("The transfers.0.amount must be at least 100.", "amount");
  if (textOf(wish, "currency") != "INR")
    refuse("The currency should be INR for transfers", "currency");
  const auto id = call.host.id("trf_");
  auto& transfer = call.book["transfer"].add(
      {{"id", id},
       {"entity", "transfer"},
       {"status", status},
       {"source", source},
       {"recipient", recipient},
       {"amount", amount},
       {"currency", "INR"},
       {"amount_reversed", 0},
       {"fees", 0},
       {"tax", 0},
       {"notes", notesOf(wish)},
       {"linked_account_notes", wish.value("linked_account_notes", Json::array())},
       {"on_hold", flagOf(wish, "on_hold")},
       {"on_hold_until", has(wish, "on_hold_until") ? wish.at("on_hold_until") : Json(nullptr)},
       {"recipient_settlement_id", nullptr},
       {"created_at", call.host.now()},
       {"processed_at", status == "processed" ? Json(call.host.now()) : Json(nullptr)},
       {"error", noError(id)}});
  if (status == "created") return transfer;
  call.book.unsettled -= amount;
  call.host.move(call.book, "transfer", id, source, amount, "INR", transfer["notes"]);
  if (status == "pending") {
    call.host.later(kProcessMs, [&host = call.host, account = call.book.account, id] {
      process(host, account, id);
    });
  }
  return transfer;
}

Json createTransfer(Call& call) {
  return shown(newTransfer(call, call.params, call.book.account, "processed"));
}

Json createPaymentTransfers(Call& call) {
  const auto& payment = object(call, "payment", call.ids[0]);
  if (!call.has("transfers") || call.params["transfers"].empty()) {
    refuse("The transfers field is required.", "transfers");
  }
  if (textOf(payment, "status") != "captured") {
    refuse("The payment status should be captured for action to be taken");
  }
  const auto source = textOf(payment, "id");
  auto sum = transferredFrom(call, source);
  for (const auto& wish : call.params["transfers"]) sum += integerOf(wish, "amount");
  if (sum > integerOf(payment, "amount") - integerOf(payment, "amount_refunded")) {
    refuse("The sum of amount requested for transfer is greater than the captured amount",
           "amount");
  }
  Json items = Json::array();
  for (const auto& wish : call.params["transfers"]) {
    items.push_back(shown(newTransfer(call, wish, source, "pending")));
  }
  const auto count = items.size();
  return {{"entity", "collection"}, {"count", count}, {"items", std::move(items)}};
}

Json listTransfers(Call& call) {
  return collection(call, "transfer", [&](const Json& transfer) {
    return !call.has("recipient_settlement_id") ||
           textOf(transfer, "recipient_settlement_id") == call.text("recipient_settlement_id");
  });
}

Json listPaymentTransfers(Call& call) {
  const auto id = textOf(object(call, "payment", call.ids[0]), "id");
  return collection(call, "transfer",
                    [&](const Json& transfer) { return textOf(transfer, "source") == id; });
}

Json getTransfer(Call& call) {
  return shown(object(call, "transfer", call.ids[0]));
}

Json updateTransfer(Call& call) {
  auto& transfer = object(call, "transfer", call.ids[0]);
  transfer["on_hold"] = call.flag("on_hold");
  if (call.has("on_hold_until")) transfer["on_hold_until"] = call.params["on_hold_until"];
  return shown(transfer);
}

Json reverseTransfer(Call& call) {
  auto& transfer = object(call, "transfer", call.ids[0]);
  const auto status = textOf(transfer, "status");
  if (status == "created" || status == "failed") {
    refuse("Only processed transfers can be reversed");
  }
  const auto left = integerOf(transfer, "amount") - integerOf(transfer, "amount_reversed");
  const auto amount = call.integer("amount", left);
  checkAmount(amount, "INR");
  if (amount > left) {
    refuse("The reversal amount provided is greater than the reversible amount of the transfer",
           "amount");
  }
  transfer["amount_reversed"] = integerOf(transfer, "amount_reversed") + amount;
  transfer["status"] = amount == left ? "reversed" : "partially_reversed";
  const auto id = call.host.id("rvrsl_");
  call.book.unsettled += amount;
  call.host.move(call.book, "transfer_reversal", id, textOf(transfer, "source"), amount, "INR",
                 notesOf(call.params));
  return shown(call.book["reversal"].add({{"id", id},
                                          {"entity", "reversal"},
                                          {"transfer_id", transfer.at("id")},
                                          {"amount", amount},
                                          {"fee", 0},
                                          {"tax", 0},
                                          {"currency", "INR"},
                                          {"notes", notesOf(call.params)},
                                          {"initiator_id", call.book.account.substr(4)},
                                          {"customer_refund_id", nullptr},
                                          {"utr", nullptr},
                                          {"created_at", call.host.now()}}));
}

Json listReversals(Call& call) {
  const auto id = textOf(object(call, "transfer", call.ids[0]), "id");
  return collection(call, "reversal",
                    [&](const Json& reversal) { return textOf(reversal, "transfer_id") == id; });
}

}  // namespace simulators::razorpay
