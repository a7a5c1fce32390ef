#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kRespondSeconds = 7 * 24 * 60 * 60;
constexpr std::int64_t kDecisionMs = 5'000;

Json evidenceOf(std::int64_t amount) {
  Json evidence = {{"amount", amount}, {"summary", nullptr}};
  for (const auto* name :
       {"shipping_proof", "billing_proof", "cancellation_proof", "customer_communication",
        "proof_of_service", "explanation_letter", "refund_confirmation", "access_activity_log",
        "refund_cancellation_policy", "term_and_conditions", "others", "submitted_at"}) {
    evidence[name] = nullptr;
  }
  return evidence;
}

void decide(Host& host, Book& book, Json& dispute, bool won) {
  dispute["status"] = won ? "won" : "lost";
  const auto* payment = book["payment"].find(textOf(dispute, "payment_id"));
  const auto amount = integerOf(dispute, "amount");
  if (!won) {
    dispute["amount_deducted"] = amount;
    book.unsettled -= amount;
    host.move(book, "dispute", textOf(dispute, "id"), textOf(dispute, "payment_id"), amount,
              textOf(dispute, "currency"), Json::array());
  }
  host.event(book, won ? "payment.dispute.won" : "payment.dispute.lost",
             {{"payment", payment}, {"dispute", &dispute}});
}

Json& openOne(Call& call) {
  auto& dispute = object(call, "dispute", call.ids[0]);
  if (textOf(dispute, "status") != "open") {
    refuse("Action not allowed when dispute is in " + textOf(dispute, "status") + " status");
  }
  return dispute;
}

}  // namespace

Json openDispute(Call& call) {
  const auto& payment = object(call, "payment", call.ids[0]);
  if (!flagOf(payment, "captured")) refuse("only a captured payment can be disputed");
  const auto amount = call.integer("amount", integerOf(payment, "amount"));
  auto& dispute = call.book["dispute"].add(
      {{"id", call.host.id("disp_")},
       {"entity", "dispute"},
       {"payment_id", payment.at("id")},
       {"amount", amount},
       {"currency", payment.at("currency")},
       {"amount_deducted", 0},
       {"reason_code", call.has("reason_code")
                           ? call.text("reason_code")
                           : "goods_or_services_not_received_or_partially_received"},
       {"respond_by", call.host.now() + kRespondSeconds},
       {"status", "open"},
       {"phase", call.has("phase") ? call.text("phase") : "chargeback"},
       {"created_at", call.host.now()},
       {"evidence", evidenceOf(amount)}});
  call.host.event(call.book, "payment.dispute.created",
                  {{"payment", &payment}, {"dispute", &dispute}});
  call.host.at(integerOf(dispute, "respond_by"),
               [&host = call.host, account = call.book.account, id = textOf(dispute, "id")] {
                 auto& book = host.book(account);
                 auto* late = book["dispute"].find(id);
                 if (late && textOf(*late, "status") == "open") decide(host, book, *late, false);
               });
  return shown(dispute);
}

Json decideDispute(Call& call) {
  auto& dispute = object(call, "dispute", call.ids[0]);
  const auto status = textOf(dispute, "status");
  if (status != "open" && status != "under_review") refuse("the dispute is " + status + " already");
  decide(call.host, call.book, dispute, call.text("outcome") == "won");
  return shown(dispute);
}

Json listDisputes(Call& call) {
  return collection(call, "dispute");
}

Json getDispute(Call& call) {
  return shown(object(call, "dispute", call.ids[0]));
}

Json acceptDispute(Call& call) {
  auto& dispute = openOne(call);
  decide(call.host, call.book, dispute, false);
  return shown(dispute);
}

Json contestDispute(Call& call) {
  auto& dispute = openOne(call);
  auto& evidence = dispute["evidence"];
  for (const auto& [name, value] : call.params.items()) {
    if (name != "action") evidence[name] = value;
  }
  const auto action = call.has("action") ? call.text("action") : std::string("draft");
  if (action != "draft" && action != "submit") refuse("The selected action is invalid.", "action");
  if (action == "draft") return shown(dispute);
  if (!has(evidence, "summary")) refuse("The summary field is required.", "summary");
  evidence["submitted_at"] = call.host.now();
  dispute["status"] = "under_review";
  const auto* payment = call.book["payment"].find(textOf(dispute, "payment_id"));
  call.host.event(call.book, "payment.dispute.under_review",
                  {{"payment", payment}, {"dispute", &dispute}});
  const bool loses = textOf(evidence, "summary").starts_with("losing_evidence");
  call.host.later(kDecisionMs, [&host = call.host, account = call.book.account,
                                id = textOf(dispute, "id"), loses] {
    auto& book = host.book(account);
    auto* reviewed = book["dispute"].find(id);
    if (reviewed && textOf(*reviewed, "status") == "under_review") {
      decide(host, book, *reviewed, !loses);
    }
  });
  return shown(dispute);
}

}  // namespace simulators::razorpay
