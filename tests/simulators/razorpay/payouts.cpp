#include <algorithm>

#include "razorpay/operations.hpp"
#include "razorpay/payees.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kProcessMs = 2'000;
constexpr std::int64_t kQueueRetrySeconds = 60 * 60;
constexpr std::int64_t kQueueSeconds = 90LL * 24 * 60 * 60;
constexpr std::size_t kNarrationLengthMax = 30;
constexpr std::int64_t kUpiMax = 10'000'000;   // one lakh of rupees
constexpr std::int64_t kRtgsMin = 20'000'000;  // two lakhs

Json statusDetails(const char* reason, const char* description, const char* source) {
  return {{"reason", reason}, {"description", description}, {"source", source}};
}

Json noError() {
  return {{"description", nullptr}, {"source", nullptr}, {"reason", nullptr}};
}

void transaction(Host& host, Book& book, const Json& payout, bool credit) {
  const auto amount = integerOf(payout, "amount");
  auto source = shown(payout);
  source["entity"] = credit ? "reversal" : "payout";
  auto& entry = book["transaction"].add({{"id", host.id("txn_")},
                                         {"entity", "transaction"},
                                         {"account_number", textOf(payout, "_account_number")},
                                         {"amount", amount},
                                         {"currency", "INR"},
                                         {"credit", credit ? amount : 0},
                                         {"debit", credit ? 0 : amount},
                                         {"balance", book.bankBalance},
                                         {"source", std::move(source)},
                                         {"created_at", host.now()}});
  host.event(book, "transaction.created", {{"transaction", &entry}});
}

void settleAs(Host& host, Book& book, Json& payout, const std::string& status) {
  const auto before = textOf(payout, "status");
  payout["status"] = status;
  const auto id = textOf(payout, "id");
  const bool paidOut = before == "processing" || before == "processed";
  if (status == "processed") {
    payout["utr"] = host.id("").substr(0, 12);
    payout["status_details"] = statusDetails("payout_processed",
                                             "Payout is processed and the money has been credited "
                                             "into the beneficiary's account.",
                                             "beneficiary_bank");
  } else if (status == "reversed" || status == "failed") {
    payout["failure_reason"] = "Payout failed. Contact support for help.";
    payout["status_details"] =
        status == "reversed"
            ? statusDetails("beneficiary_bank_rejected",
                            "Payout failed as the beneficiary bank rejected the transaction.",
                            "beneficiary_bank")
            : statusDetails("bank_account_invalid",
                            "Payout failed as the beneficiary account is invalid.", "business");
    if (paidOut) {
      book.bankBalance += integerOf(payout, "amount");
      host.move(book, "payout_reversal", id, id, integerOf(payout, "amount"), "INR",
                payout["notes"], textOf(payout, "reference_id"));
      transaction(host, book, payout, true);
    }
  }
  host.event(book, "payout." + status, {{"payout", &payout}});
}

// What becomes of a payout is told by whom it goes to: see docs/SIMULATORS.md.
std::string fateOf(const Json& account) {
  if (textOf(account, "account_type") == "vpa") {
    const auto address = textOf(account["vpa"], "address");
    if (address.starts_with("failure@")) return "reversed";
    if (address.starts_with("invalid@")) return "failed";
    if (address.starts_with("stuck@")) return "stuck";
    return "processed";
  }
  const auto number = textOf(account["bank_account"], "account_number");
  if (number.ends_with("00001")) return "reversed";
  if (number.ends_with("00002")) return "failed";
  if (number.ends_with("00003")) return "pending";
  if (number.ends_with("00004")) return "stuck";
  return "processed";
}

void finish(Host& host, const std::string& account, const std::string& id) {
  auto& book = host.book(account);
  auto* payout = book["payout"].find(id);
  if (!payout || textOf(*payout, "status") != "processing") return;
  const auto fate = textOf(*payout, "_fate");
  if (fate != "stuck") settleAs(host, book, *payout, fate == "pending" ? "processed" : fate);
}

// The money leaves the account.
void start(Host& host, Book& book, Json& payout) {
  const auto amount = integerOf(payout, "amount");
  const auto id = textOf(payout, "id");
  payout["status"] = "processing";
  payout["fees"] = 590;
  payout["tax"] = 90;
  payout["status_details"] = statusDetails(
      "beneficiary_bank_confirmation_pending",
      "Payout is pending confirmation from the beneficiary bank.", "beneficiary_bank");
  book.bankBalance -= amount;
  host.move(book, "payout", id, id, amount, "INR", payout["notes"], textOf(payout, "reference_id"));
  host.event(book, "payout.initiated", {{"payout", &payout}});
  transaction(host, book, payout, false);
  host.later(kProcessMs, [&host, account = book.account, id] { finish(host, account, id); });
}

// A queued payout starts once there is money, and fails after three months without.
void retryQueued(Host& host, const std::string& account, const std::string& id) {
  auto& book = host.book(account);
  auto* payout = book["payout"].find(id);
  if (!payout || textOf(*payout, "status") != "queued") return;
  if (book.bankBalance >= integerOf(*payout, "amount")) return start(host, book, *payout);
  if (host.now() >= integerOf(*payout, "created_at") + kQueueSeconds) {
    return settleAs(host, book, *payout, "failed");
  }
  host.at(host.now() + kQueueRetrySeconds,
          [&host, account, id] { retryQueued(host, account, id); });
}

const Json& fundAccountOf(Call& call) {
  if (call.has("fund_account_id")) {
    const auto* known = call.book["fund_account"].find(call.text("fund_account_id"));
    if (!known) refuse("The fund account id provided does not exist", "fund_account_id");
    if (!flagOf(*known, "active")) refuse("Fund account is inactive", "fund_account_id");
    return *known;
  }
  if (!call.has("fund_account"))
    refuse("The fund account id field is required.", "fund_account_id");
  const auto& wish = call.params["fund_account"];
  if (!has(wish, "contact")) refuse("The contact field is required.", "contact");
  const auto contact = textOf(newContact(call, wish.at("contact")), "id");
  return newFundAccount(call, wish, contact);
}

void checkPayout(const Call& call) {
  const auto mode = call.text("mode");
  const auto amount = call.integer("amount");
  bool known = false;
  for (const auto* one : {"NEFT", "RTGS", "IMPS", "UPI", "card"}) known = known || mode == one;
  if (!known) refuse("Payout mode is invalid", "mode");
  if (call.text("currency") != "INR") refuse("The selected currency is invalid.", "currency");
  checkAmount(amount, "INR");
  if (mode == "UPI" && amount > kUpiMax) refuse("Amount limit exceeded for UPI payouts", "amount");
  if (mode == "RTGS" && amount < kRtgsMin)
    refuse("Minimum amount for RTGS is INR 200000.00", "amount");
  const auto narration = call.text("narration");
  const bool plain = std::all_of(narration.begin(), narration.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ';
  });
  if (narration.size() > kNarrationLengthMax) {
    refuse("The narration may not be greater than 30 characters.", "narration");
  }
  if (!plain) refuse("The narration format is invalid.", "narration");
  if (call.text("reference_id").size() > 40) {
    refuse("The reference id may not be greater than 40 characters.", "reference_id");
  }
  if (!call.text("account_number").empty() && call.text("account_number").size() < 5) {
    refuse("The account number format is invalid.", "account_number");
  }
}

}  // namespace

Json createPayout(Call& call) {
  checkPayout(call);
  const auto& account = fundAccountOf(call);
  const bool isVpa = textOf(account, "account_type") == "vpa";
  if (isVpa != (call.text("mode") == "UPI")) {
    refuse("Payout mode is invalid for the fund account type", "mode");
  }
  const bool inlined = call.has("fund_account");
  const auto amount = call.integer("amount");
  const bool poor = call.book.bankBalance < amount;
  if (poor && !call.flag("queue_if_low_balance")) {
    refuse("Your account does not have enough balance to carry out the payout operation.");
  }
  Json payout = {
      {"id", call.host.id("pout_")}, {"entity", "payout"}, {"fund_account_id", account.at("id")}};
  if (inlined) {
    payout["fund_account"] = shown(account);
    payout["fund_account"]["contact"] =
        shown(*call.book["contact"].find(textOf(account, "contact_id")));
  }
  payout.update(Json{{"amount", amount},
                     {"currency", "INR"},
                     {"notes", notesOf(call.params)},
                     {"fees", 0},
                     {"tax", 0},
                     {"status", "queued"},
                     {"purpose", call.text("purpose")},
                     {"utr", nullptr},
                     {"mode", call.text("mode")},
                     {"reference_id", textOrNull(call.text("reference_id"))},
                     {"narration", textOrNull(call.text("narration"))},
                     {"batch_id", nullptr},
                     {"failure_reason", nullptr},
                     {"status_details", nullptr},
                     {"created_at", call.host.now()},
                     {"fee_type", ""},
                     {"error", noError()},
                     {"_account_number", call.text("account_number")},
                     {"_contact", account.value("contact_id", Json(nullptr))},
                     {"_fate", fateOf(account)}});
  auto& stored = call.book["payout"].add(std::move(payout));
  if (textOf(stored, "_fate") == "pending") {
    stored["status"] = "pending";
    call.host.event(call.book, "payout.pending", {{"payout", &stored}});
  } else if (poor) {
    stored["status_details"] = statusDetails("low_balance",
                                             "Payout is queued as there is insufficient balance in "
                                             "your business account.",
                                             "business");
    call.host.event(call.book, "payout.queued", {{"payout", &stored}});
    call.host.at(call.host.now() + kQueueRetrySeconds,
                 [&host = call.host, book = call.book.account, id = textOf(stored, "id")] {
                   retryQueued(host, book, id);
                 });
  } else {
    start(call.host, call.book, stored);
  }
  return shown(stored);
}

Json listPayouts(Call& call) {
  if (!call.has("account_number"))
    refuse("The account number field is required.", "account_number");
  return collection(call, "payout", [&](const Json& payout) {
    if (textOf(payout, "_account_number") != call.text("account_number")) return false;
    for (const auto* name : {"fund_account_id", "mode", "reference_id", "status"}) {
      if (call.has(name) && textOf(payout, name) != call.text(name)) return false;
    }
    return !call.has("contact_id") || textOf(payout, "_contact") == call.text("contact_id");
  });
}

Json getPayout(Call& call) {
  return shown(object(call, "payout", call.ids[0]));
}

Json cancelPayout(Call& call) {
  auto& payout = object(call, "payout", call.ids[0]);
  if (textOf(payout, "status") != "queued") {
    refuse("Payout cannot be cancelled as it is in " + textOf(payout, "status") + " state");
  }
  payout["status"] = "cancelled";
  payout["status_details"] =
      statusDetails("payout_cancelled", "The payout was cancelled.", "business");
  return shown(payout);
}

Json approvePayout(Call& call) {
  auto& payout = object(call, "payout", call.ids[0]);
  if (textOf(payout, "status") != "pending") refuse("Payout is not in pending state");
  start(call.host, call.book, payout);
  return shown(payout);
}

Json rejectPayout(Call& call) {
  auto& payout = object(call, "payout", call.ids[0]);
  if (textOf(payout, "status") != "pending") refuse("Payout is not in pending state");
  payout["status"] = "rejected";
  payout["status_details"] = statusDetails(
      "payout_rejected", "Workflow for the payout was rejected by the approver (s)", "business");
  call.host.event(call.book, "payout.rejected", {{"payout", &payout}});
  return shown(payout);
}

// Control: the bank's word on a payout, also later than a "processed".
Json setPayout(Call& call) {
  auto& payout = object(call, "payout", call.ids[0]);
  const auto now = textOf(payout, "status");
  const auto status = call.text("status");
  const bool late = now == "processed" && status == "reversed";
  if (now != "processing" && !late) refuse("the payout is " + now + " and cannot become " + status);
  settleAs(call.host, call.book, payout, status);
  return shown(payout);
}

Json listTransactions(Call& call) {
  return collection(call, "transaction", [&](const Json& entry) {
    return !call.has("account_number") ||
           textOf(entry, "account_number") == call.text("account_number");
  });
}

Json getTransaction(Call& call) {
  return shown(object(call, "transaction", call.ids[0]));
}

// Not documented by the provider for payments; the shape is that of the balances of RazorpayX.
Json getBalance(Call& call) {
  return {{"id", "bal_" + call.book.account.substr(4)},
          {"entity", "balance"},
          {"type", "banking"},
          {"currency", "INR"},
          {"balance", call.book.bankBalance},
          {"amount", call.book.bankBalance},
          {"unsettled", call.book.unsettled}};
}

}  // namespace simulators::razorpay
