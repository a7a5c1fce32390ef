#include "stripe/disputes.hpp"

#include "stripe/documents.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

constexpr std::int64_t kSoonMs = 1'000;
constexpr std::int64_t kDecisionMs = 5'000;
constexpr std::int64_t kDueSeconds = 9 * 24 * 60 * 60;

bool isInquiry(const Json& dispute) {
  return textOf(dispute, "status").starts_with("warning_");
}

// Money goes to the payer, or comes back.
void moveMoney(Call& call, Json& dispute, bool withdrawn) {
  const auto amount = integerOf(dispute, "amount");
  const auto currency = textOf(dispute, "currency");
  auto& balance = call.account.balances[currency];
  if (withdrawn) {
    balance.take(amount);
  } else {
    balance.available += amount;
  }
  call.moveFunds(withdrawn ? "dispute" : "dispute_reversal", textOf(dispute, "id"),
                 textOf(dispute, "payment_intent"), amount, currency, dispute["metadata"]);
  call.event(withdrawn ? "charge.dispute.funds_withdrawn" : "charge.dispute.funds_reinstated",
             dispute);
}

Json& open(Call& call, Index index, const std::string& why, std::int64_t amount) {
  const auto charge = call.account.charges.at(index);
  const bool inquiry = why == "inquiry";
  auto dispute = newDocument(call, "dispute", "du_1", 23);
  dispute["amount"] = amount;
  dispute["charge"] = call.account.chargeId(index);
  dispute["currency"] = std::string(text(charge->currency));
  dispute["payment_intent"] = call.account.paymentId(charge->payment);
  dispute["reason"] = inquiry ? "general" : why;
  dispute["status"] = inquiry ? "warning_needs_response" : "needs_response";
  dispute["is_charge_refundable"] = inquiry;
  dispute["evidence_details"]["due_by"] = call.now() + kDueSeconds;
  auto& stored = store(call, "dispute", std::move(dispute));
  call.event("charge.dispute.created", stored);
  if (!inquiry) moveMoney(call, stored, true);
  call.at(call.now() + kDueSeconds, [id = textOf(stored, "id")](Call& then) {
    auto* late = then.account.kind("dispute").find(id);
    if (!late) return;
    const auto status = textOf(*late, "status");
    if (status != "needs_response" && status != "warning_needs_response") return;
    (*late)["status"] = isInquiry(*late) ? "warning_closed" : "lost";
    (*late)["evidence_details"]["past_due"] = true;
    then.event("charge.dispute.closed", *late);
  });
  return stored;
}

void decide(Call& call, Json& dispute, bool won) {
  const bool inquiry = isInquiry(dispute);
  dispute["status"] = inquiry ? "warning_closed" : won ? "won" : "lost";
  if (won && !inquiry) moveMoney(call, dispute, false);
  call.event("charge.dispute.closed", dispute);
}

void submit(Call& call, Json& dispute) {
  auto& details = dispute["evidence_details"];
  details["submission_count"] = integerOf(details, "submission_count") + 1;
  dispute["status"] = isInquiry(dispute) ? "warning_under_review" : "under_review";
  const auto text = textOf(dispute["evidence"], "uncategorized_text");
  if (text != "winning_evidence" && text != "losing_evidence") return;
  call.later(kDecisionMs,
             [id = textOf(dispute, "id"), won = text == "winning_evidence"](Call& then) {
               auto* reviewed = then.account.kind("dispute").find(id);
               if (reviewed && textOf(*reviewed, "status").ends_with("under_review"))
                 decide(then, *reviewed, won);
             });
}

}  // namespace

void disputeSoon(Call& call, Index charge) {
  call.later(kSoonMs, [charge](Call& then) {
    const auto disputed = then.account.charges.at(charge);
    if (!disputed->captured()) return;
    open(then, charge, testCard(disputed->card).dispute, disputed->amountCaptured);
  });
}

Answer listDisputes(Call& call) {
  return listDocuments(call, "dispute", [&](const Json& dispute) {
    for (const auto* name : {"charge", "payment_intent"}) {
      if (call.params.has(name) && textOf(dispute, name) != call.params.text(name)) return false;
    }
    return true;
  });
}

Answer getDispute(Call& call) {
  return documentAnswer(call, pathDocument(call, "dispute", "dispute"));
}

Answer updateDispute(Call& call) {
  auto& dispute = pathDocument(call, "dispute", "dispute");
  const auto status = textOf(dispute, "status");
  if (status != "needs_response" && status != "warning_needs_response") {
    throw invalidState(
        "This dispute is already closed or under review: evidence can no longer be changed.");
  }
  setMetadata(dispute, call);
  const auto evidence = hashOf(call, "evidence");
  for (const auto& [name, value] : evidence.items()) {
    if (name == "enhanced_evidence") continue;
    dispute["evidence"][name] =
        textOrNull(value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (!evidence.empty()) dispute["evidence_details"]["has_evidence"] = true;
  // Evidence is submitted at once unless the caller wants a draft.
  const bool draft = call.params.has("submit") && !call.params.flag("submit");
  if (!evidence.empty() && !draft) submit(call, dispute);
  if (evidence.empty() && call.params.flag("submit")) submit(call, dispute);
  call.event("charge.dispute.updated", dispute);
  return documentAnswer(call, dispute);
}

Answer closeDispute(Call& call) {
  auto& dispute = pathDocument(call, "dispute", "dispute");
  const auto status = textOf(dispute, "status");
  if (status != "needs_response" && status != "warning_needs_response") {
    throw invalidState("This dispute is already closed.");
  }
  decide(call, dispute, false);
  return documentAnswer(call, dispute);
}

// Control: the payer of that charge disputes it.
Answer openDispute(Call& call) {
  const auto charge = call.account.findCharge(call.id);
  if (!charge || !charge->captured()) throw resourceMissing("charge", call.id, "id", true);
  const auto why =
      call.params.has("reason") ? std::string(call.params.text("reason")) : "fraudulent";
  const auto amount = call.params.integer("amount").value_or(charge->amountCaptured);
  return documentAnswer(call, open(call, charge->index, why, amount));
}

// Control: the bank's word.
Answer decideDispute(Call& call) {
  auto& dispute = pathDocument(call, "dispute", "dispute");
  decide(call, dispute, call.params.text("outcome") == "won");
  return documentAnswer(call, dispute);
}

}  // namespace simulators::stripe
