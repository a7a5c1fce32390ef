// Money that leaves the account: payouts to its bank, transfers to connected accounts.
#include "stripe/currencies.hpp"
#include "stripe/documents.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

constexpr std::int64_t kInTransitMs = 2'000;
constexpr std::int64_t kPaidMs = 5'000;
constexpr std::int64_t kDay = 24 * 60 * 60;

std::int64_t amountOf(const Call& call, const char* name = "amount") {
  const auto amount = call.params.integer(name).value_or(0);
  if (amount < 1) {
    throw invalidParameter(name, "This value must be greater than or equal to 1.",
                           "parameter_invalid_integer");
  }
  return amount;
}

Balance& balanceOf(Call& call, const std::string& currency) {
  auto& balance = call.account.balances[currency];
  balance.settle(call.now());
  return balance;
}

void takeFunds(Call& call, const std::string& currency, std::int64_t amount) {
  auto& balance = balanceOf(call, currency);
  if (balance.available < amount) {
    throw invalidState(
        "You have insufficient available funds in your Stripe account. Try adding funds "
        "directly to your available balance by creating Charges using the "
        "4000000000000077 test card.",
        "balance_insufficient");
  }
  balance.available -= amount;
}

// A payout that does not arrive brings its money back.
void bringBack(Call& call, Json& payout, const char* status, const char* event) {
  payout["status"] = status;
  const auto currency = textOf(payout, "currency");
  const auto amount = integerOf(payout, "amount");
  balanceOf(call, currency).available += amount;
  call.moveFunds("payout_reversal", textOf(payout, "id"), textOf(payout, "id"), amount, currency,
                 payout["metadata"]);
  call.event(event, payout);
}

void arrive(Call& call, Json& payout) {
  const auto wish = textOf(payout["metadata"], "sim_outcome");
  if (wish == "failed") {
    payout["failure_code"] = "account_closed";
    payout["failure_message"] = "The bank account has been closed.";
    payout["failure_balance_transaction"] = call.account.newId("txn_1", 23);
    return bringBack(call, payout, "failed", "payout.failed");
  }
  if (wish == "pending") return;
  payout["status"] = "paid";
  payout["reconciliation_status"] = "not_applicable";
  call.event("payout.paid", payout);
}

void plan(Call& call, const Json& payout) {
  const auto id = textOf(payout, "id");
  call.later(kInTransitMs, [id](Call& then) {
    auto* due = then.account.kind("payout").find(id);
    if (!due || textOf(*due, "status") != "pending") return;
    (*due)["status"] = "in_transit";
    then.event("payout.updated", *due);
  });
  call.later(kPaidMs, [id](Call& then) {
    auto* due = then.account.kind("payout").find(id);
    if (due && textOf(*due, "status") == "in_transit") arrive(then, *due);
  });
}

}  // namespace

Answer createPayout(Call& call) {
  const auto currency = currencyOf(call);
  const auto amount = amountOf(call);
  if (amount % amountStep(currency) != 0) {
    throw invalidParameter("amount", "Invalid amount: amounts in " + currency +
                                         " must be divisible by " +
                                         std::to_string(amountStep(currency)) + ".");
  }
  takeFunds(call, currency, amount);
  auto payout = newDocument(call, "payout", "po_1", 23);
  payout["amount"] = amount;
  payout["arrival_date"] = call.now() + kDay;
  payout["balance_transaction"] = call.account.newId("txn_1", 23);
  payout["currency"] = currency;
  payout["destination"] = call.params.has("destination")
                              ? std::string(call.params.text("destination"))
                              : "ba_1" + call.account.ids.derived("bank", 0, 23);
  payout["method"] =
      call.params.has("method") ? std::string(call.params.text("method")) : "standard";
  payout["reconciliation_status"] = "not_applicable";
  payout["source_type"] =
      call.params.has("source_type") ? std::string(call.params.text("source_type")) : "card";
  payout["status"] = "pending";
  payout["type"] = "bank_account";
  setTexts(payout, call, {"description", "statement_descriptor"});
  auto& stored = store(call, "payout", std::move(payout));
  const auto id = textOf(stored, "id");
  call.moveFunds("payout", id, id, amount, currency, stored["metadata"]);
  call.event("payout.created", stored);
  plan(call, stored);
  return documentAnswer(call, stored);
}

Answer getPayout(Call& call) {
  return documentAnswer(call, pathDocument(call, "payout", "payout"));
}

Answer listPayouts(Call& call) {
  return listDocuments(call, "payout", [&](const Json& payout) {
    for (const auto* name : {"status", "destination"}) {
      if (call.params.has(name) && textOf(payout, name) != call.params.text(name)) return false;
    }
    return true;
  });
}

Answer cancelPayout(Call& call) {
  auto& payout = pathDocument(call, "payout", "payout");
  if (textOf(payout, "status") != "pending") {
    throw invalidState("Payouts can only be canceled while they are pending; this one is " +
                       textOf(payout, "status") + ".");
  }
  bringBack(call, payout, "canceled", "payout.canceled");
  return documentAnswer(call, payout);
}

Answer reversePayout(Call& call) {
  auto& payout = pathDocument(call, "payout", "payout");
  if (textOf(payout, "status") != "paid") {
    throw invalidState("Only paid payouts can be reversed.", "payouts_not_allowed");
  }
  const auto amount = integerOf(payout, "amount");
  const auto currency = textOf(payout, "currency");
  auto reversal = payout;
  reversal["id"] = call.account.newId("po_1", 23);
  reversal["amount"] = -amount;
  reversal["created"] = call.now();
  reversal["original_payout"] = payout.at("id");
  reversal["metadata"] = Json::object();
  setMetadata(reversal, call);
  balanceOf(call, currency).available += amount;
  auto& stored = store(call, "payout", std::move(reversal));
  payout["reversed_by"] = stored.at("id");
  call.moveFunds("payout_reversal", textOf(stored, "id"), textOf(payout, "id"), amount, currency,
                 stored["metadata"]);
  call.event("payout.created", stored);
  return documentAnswer(call, stored);
}

Answer createTransfer(Call& call) {
  const auto currency = currencyOf(call);
  const std::string destination(call.params.text("destination"));
  if (!destination.starts_with("acct_")) {
    throw resourceMissing("destination", destination, "destination", false);
  }
  const auto* known = call.account.kind("account").find(destination);
  if (known && known->contains("_deleted")) {
    throw resourceMissing("destination", destination, "destination", false);
  }
  auto amount = call.params.integer("amount").value_or(0);
  if (call.params.has("source_transaction")) {
    const auto charge = call.account.findCharge(call.params.text("source_transaction"));
    if (!charge)
      throw resourceMissing("charge", call.params.text("source_transaction"), "source_transaction",
                            false);
    if (!call.params.has("amount")) amount = charge->amountCaptured;
    balanceOf(call, currency).take(amount);
  } else {
    amount = amountOf(call);
    takeFunds(call, currency, amount);
  }
  auto transfer = newDocument(call, "transfer", "tr_1", 23);
  const auto id = textOf(transfer, "id");
  transfer["amount"] = amount;
  transfer["balance_transaction"] = call.account.newId("txn_1", 23);
  transfer["currency"] = currency;
  transfer["destination"] = destination;
  transfer["destination_payment"] = call.account.newId("py_1", 23);
  transfer["reversals"] = emptyList("/v1/transfers/" + id + "/reversals");
  transfer["source_type"] = "card";
  setTexts(transfer, call, {"description", "source_transaction", "transfer_group"});
  auto& stored = store(call, "transfer", std::move(transfer));
  call.moveFunds("transfer", id, id, amount, currency, stored["metadata"]);
  call.event("transfer.created", stored);
  return documentAnswer(call, stored);
}

Answer getTransfer(Call& call) {
  return documentAnswer(call, pathDocument(call, "transfer", "transfer"));
}

Answer listTransfers(Call& call) {
  return listDocuments(call, "transfer", [&](const Json& transfer) {
    for (const auto* name : {"destination", "transfer_group"}) {
      if (call.params.has(name) && textOf(transfer, name) != call.params.text(name)) return false;
    }
    return true;
  });
}

Answer reverseTransfer(Call& call) {
  auto& transfer = pathDocument(call, "transfer");
  const auto left = integerOf(transfer, "amount") - integerOf(transfer, "amount_reversed");
  const auto amount = call.params.has("amount") ? amountOf(call) : left;
  const auto currency = textOf(transfer, "currency");
  if (left == 0 || amount > left) {
    throw invalidParameter("amount", left == 0
                                         ? "Transfer " + call.id + " has already been reversed."
                                         : "Reversal amount (" + formatAmount(amount, currency) +
                                               ") is greater than unreversed amount on transfer (" +
                                               formatAmount(left, currency) + ")");
  }
  auto reversal = newDocument(call, "transfer_reversal", "trr_1", 23);
  reversal["amount"] = amount;
  reversal["balance_transaction"] = call.account.newId("txn_1", 23);
  reversal["currency"] = currency;
  reversal["transfer"] = transfer.at("id");
  transfer["amount_reversed"] = integerOf(transfer, "amount_reversed") + amount;
  transfer["reversed"] = amount == left;
  auto& data = transfer["reversals"]["data"];
  data.insert(data.begin(), reversal);
  balanceOf(call, currency).available += amount;
  auto& stored = store(call, "transfer_reversal", std::move(reversal));
  call.moveFunds("transfer_reversal", textOf(stored, "id"), textOf(transfer, "id"), amount,
                 currency, stored["metadata"]);
  call.event("transfer.reversed", transfer);
  return documentAnswer(call, stored);
}

}  // namespace simulators::stripe
