#include "paypal/disputes.hpp"

#include "paypal/operations.hpp"
#include "paypal/patch.hpp"

namespace simulators::paypal {
namespace {

constexpr std::int64_t kAnswerMs = 10LL * 24 * 60 * 60 * 1000;

std::string stateOf(const Json& dispute) {
  const auto status = textOf(dispute, "status");
  if (status == "RESOLVED") return "RESOLVED";
  if (status == "UNDER_REVIEW") return "UNDER_PAYPAL_REVIEW";
  if (status == "WAITING_FOR_BUYER_RESPONSE") return "REQUIRED_OTHER_PARTY_ACTION";
  return textOf(dispute, "dispute_life_cycle_stage") == "INQUIRY" ? "OPEN_INQUIRIES"
                                                                  : "REQUIRED_ACTION";
}

Json render(const Json& dispute, const std::string& origin) {
  auto out = shown(dispute);
  const auto self = origin + "/v1/customer/disputes/" + textOf(dispute, "dispute_id");
  out["links"] = Json::array({link(self, "self")});
  if (textOf(dispute, "status") != "RESOLVED") {
    for (const auto* action : {"accept-claim", "provide-evidence", "make-offer", "send-message"}) {
      std::string rel(action);
      rel[rel.find('-')] = '_';
      out["links"].push_back(link(self + "/" + action, rel, "POST"));
    }
  }
  return out;
}

void tell(World& world, Account& account, const Json& dispute, const std::string& what,
          const std::string& origin) {
  announce(world, account, "CUSTOMER.DISPUTE." + what, "dispute", "A dispute was " + what,
           render(dispute, origin), origin);
}

ApiAnswer listDisputes(Call& call) {
  const auto transaction = call.query("disputed_transaction_id");
  const auto wantedStates = call.query("dispute_state");
  const auto start = readTime(call.query("start_time"));
  const auto size = call.queryNumber("page_size", 10);
  if (size < 1 || size > 50) {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "A parameter value is not valid.", "page_size");
  }
  const auto after = call.query("next_page_token");
  bool begun = after.empty();
  Json items = Json::array();
  std::string next;
  auto all = call.account.of("disputes").all();
  for (auto place = all.rbegin(); place != all.rend(); ++place) {
    const auto& dispute = **place;
    const auto id = textOf(dispute, "dispute_id");
    if (!begun) {
      begun = id == after;
      continue;
    }
    if (!transaction.empty() &&
        digText(dispute, "disputed_transactions.0.seller_transaction_id") != transaction) {
      continue;
    }
    if (!wantedStates.empty() && wantedStates.find(stateOf(dispute)) == std::string::npos) {
      continue;
    }
    if (start && readTime(textOf(dispute, "create_time")).value_or(0) < *start) continue;
    if (static_cast<std::int64_t>(items.size()) == size) {
      next = digText(items.back(), "dispute_id");
      break;
    }
    Json item = Json::object();
    take(item, dispute,
         {"dispute_id", "create_time", "update_time", "reason", "status", "dispute_amount",
          "dispute_life_cycle_stage", "dispute_channel", "seller_response_due_date"});
    item["dispute_state"] = stateOf(dispute);
    item["links"] = Json::array({link(call.link("/v1/customer/disputes/" + id), "self")});
    items.push_back(std::move(item));
  }
  Json out = Json::object();
  out["items"] = std::move(items);
  out["links"] = Json::array({link(call.link("/v1/customer/disputes"), "self"),
                              link(call.link("/v1/customer/disputes"), "first")});
  if (!next.empty()) {
    out["links"].push_back(link(call.link("/v1/customer/disputes?page_size=" +
                                          std::to_string(size) + "&next_page_token=" + next),
                                "next"));
  }
  return jsonAnswer(200, out);
}

ApiAnswer getDispute(Call& call) {
  return jsonAnswer(200, render(named(call, "disputes"), call.request.origin));
}

Json& openOne(Call& call) {
  auto& dispute = named(call, "disputes");
  if (textOf(dispute, "status") == "RESOLVED") {
    throw unprocessable("DISPUTE_ALREADY_RESOLVED", "The dispute has been resolved already.");
  }
  return dispute;
}

ApiAnswer linksTo(const Call& call) {
  return jsonAnswer(
      200, Json{{"links",
                 Json::array({link(call.link("/v1/customer/disputes/" + call.ids[0]), "self")})}});
}

// The JSON part of a multipart body, which has any name; null if there is none.
Json inputPart(const ApiRequest& request) {
  const auto mark = request.contentType.find("boundary=");
  if (mark == std::string::npos) return Json();
  auto boundary = request.contentType.substr(mark + 9);
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  std::size_t from = 0;
  while ((from = request.body.find("--" + boundary, from)) != std::string::npos) {
    const auto head = request.body.find("\r\n\r\n", from);
    const auto end = request.body.find("\r\n--" + boundary, from + 2);
    if (head == std::string::npos || end == std::string::npos || head > end) break;
    auto part = Json::parse(request.body.substr(head + 4, end - head - 4), nullptr, false);
    if (part.is_object()) return part;
    from = end + 2;
  }
  return Json();
}

bool isMultipart(const Call& call) {
  return call.request.contentType.starts_with("multipart/");
}

ApiAnswer acceptClaim(Call& call) {
  auto& dispute = openOne(call);
  const auto input = isMultipart(call) ? inputPart(call.request) : call.body;
  dispute["_note"] = digText(input, "note");
  resolveDispute(call.world, call.account, dispute, "ACCEPTED", call.request.origin);
  return linksTo(call);
}

ApiAnswer provideEvidence(Call& call) {
  auto& dispute = openOne(call);
  const auto input = isMultipart(call) ? inputPart(call.request) : call.body;
  auto evidences = dig(input, "evidences");
  if (!evidences.is_array() || evidences.empty()) evidences = dig(input, "evidence");
  if (!evidences.is_array() || evidences.empty()) throw missing("/evidences");
  for (auto evidence : evidences) {
    if (digText(evidence, "evidence_type").empty()) throw missing("/evidences/0/evidence_type");
    evidence["source"] = "SUBMITTED_BY_SELLER";
    evidence["date"] = call.now();
    dispute["evidences"].push_back(evidence);
  }
  dispute["status"] = "UNDER_REVIEW";
  dispute["update_time"] = call.now();
  tell(call.world, call.account, dispute, "UPDATED", call.request.origin);
  return linksTo(call);
}

ApiAnswer sendMessage(Call& call) {
  auto& dispute = openOne(call);
  const auto input = isMultipart(call) ? inputPart(call.request) : call.body;
  const auto text = digText(input, "message");
  if (text.empty()) throw missing("/message");
  dispute["messages"].push_back(
      Json{{"posted_by", "SELLER"}, {"time_posted", call.now()}, {"content", text}});
  dispute["update_time"] = call.now();
  tell(call.world, call.account, dispute, "UPDATED", call.request.origin);
  return linksTo(call);
}

ApiAnswer makeOffer(Call& call) {
  auto& dispute = openOne(call);
  const auto type = digText(call.body, "offer_type");
  if (type.empty()) throw missing("/offer_type");
  if (digText(call.body, "note").empty()) throw missing("/note");
  if (type.starts_with("REFUND")) requireMoney(call.body, "offer_amount", "/offer_amount");
  dispute["offer"]["offer_type"] = type;
  if (has(call.body, "offer_amount")) {
    dispute["offer"]["seller_offered_amount"] = call.body["offer_amount"];
  }
  dispute["status"] = "WAITING_FOR_BUYER_RESPONSE";
  dispute["update_time"] = call.now();
  tell(call.world, call.account, dispute, "UPDATED", call.request.origin);
  return linksTo(call);
}

ApiAnswer escalate(Call& call) {
  auto& dispute = openOne(call);
  if (digText(call.body, "note").empty()) throw missing("/note");
  dispute["dispute_life_cycle_stage"] = "CHARGEBACK";
  dispute["status"] = "UNDER_REVIEW";
  dispute["update_time"] = call.now();
  tell(call.world, call.account, dispute, "UPDATED", call.request.origin);
  return linksTo(call);
}

ApiAnswer appeal(Call& call) {
  auto& dispute = named(call, "disputes");
  if (digText(dispute, "dispute_outcome.outcome_code") != "RESOLVED_BUYER_FAVOUR") {
    throw unprocessable("DISPUTE_NOT_APPEALABLE", "Only a dispute that was lost can be appealed.");
  }
  dispute["status"] = "UNDER_REVIEW";
  dispute["update_time"] = call.now();
  tell(call.world, call.account, dispute, "UPDATED", call.request.origin);
  return linksTo(call);
}

ApiAnswer updateDispute(Call& call) {
  auto& dispute = openOne(call);
  auto changed = dispute;
  applyPatch(changed, call.body);
  changed["update_time"] = call.now();
  dispute = std::move(changed);
  return noContent();
}

}  // namespace

Json& openDispute(World& world, Account& account, Json& capture, const std::string& reason,
                  const std::string& amountValue, const std::string& origin) {
  const auto id = "PP-D-" + world.mint("", 5);
  auto amount = moneyOf(capture["amount"]);
  if (!amountValue.empty()) amount = readMoney(amount.code(), amountValue).money;
  Json dispute = Json::object();
  dispute["dispute_id"] = id;
  dispute["create_time"] = isoTime(world.timeMs());
  dispute["update_time"] = isoTime(world.timeMs());
  Json transaction = Json::object();
  transaction["buyer_transaction_id"] = world.mint("", 17);
  transaction["seller_transaction_id"] = textOf(capture, "id");
  transaction["create_time"] = capture["create_time"];
  transaction["transaction_status"] = "COMPLETED";
  transaction["gross_amount"] = capture["amount"];
  if (has(capture, "invoice_id")) transaction["invoice_number"] = capture["invoice_id"];
  if (has(capture, "custom_id")) transaction["custom"] = capture["custom_id"];
  transaction["buyer"] = Json{{"name", "Sim Buyer"}};
  transaction["seller"] = Json{{"merchant_id", account.merchantId}};
  dispute["disputed_transactions"] = Json::array({transaction});
  dispute["reason"] = reason.empty() ? "MERCHANDISE_OR_SERVICE_NOT_RECEIVED" : reason;
  dispute["status"] = "WAITING_FOR_SELLER_RESPONSE";
  dispute["dispute_amount"] = moneyJson(amount);
  dispute["dispute_life_cycle_stage"] = "CHARGEBACK";
  dispute["dispute_channel"] = "INTERNAL";
  dispute["seller_response_due_date"] = isoTime(world.timeMs() + kAnswerMs);
  auto& stored = account.of("disputes").add(id, std::move(dispute));
  tell(world, account, stored, "CREATED", origin);
  world.at(world.timeMs() + kAnswerMs, [&world, &account, id, origin] {
    auto& waiting = *account.of("disputes").find(id);
    if (textOf(waiting, "status") == "WAITING_FOR_SELLER_RESPONSE") {
      resolveDispute(world, account, waiting, "RESOLVED_BUYER_FAVOUR", origin);
    }
  });
  return stored;
}

void resolveDispute(World& world, Account& account, Json& dispute, const std::string& outcome,
                    const std::string& origin) {
  const auto amount = moneyOf(dispute["dispute_amount"]);
  dispute["status"] = "RESOLVED";
  dispute["update_time"] = isoTime(world.timeMs());
  dispute["dispute_outcome"] = Json{{"outcome_code", outcome}};
  if (outcome == "RESOLVED_BUYER_FAVOUR" || outcome == "ACCEPTED") {
    dispute["dispute_outcome"]["amount_refunded"] = moneyJson(amount);
    const auto captureId = digText(dispute, "disputed_transactions.0.seller_transaction_id");
    const auto* capture = account.of("captures").find(captureId);
    Entry entry;
    entry.type = "dispute";
    entry.id = textOf(dispute, "dispute_id");
    entry.payment = capture ? textOf(*capture, "_payment") : captureId;
    entry.money = amount;
    entry.balanceChange = -amount.units;
    book(world, account, std::move(entry));
  }
  tell(world, account, dispute, "RESOLVED", origin);
}

void addDisputes(Routes& routes) {
  routes.insert(routes.end(),
                {{"GET", "/v1/customer/disputes", listDisputes},
                 {"GET", "/v1/customer/disputes/{}", getDispute},
                 {"PATCH", "/v1/customer/disputes/{}", updateDispute},
                 {"POST", "/v1/customer/disputes/{}/accept-claim", acceptClaim},
                 {"POST", "/v1/customer/disputes/{}/provide-evidence", provideEvidence},
                 {"POST", "/v1/customer/disputes/{}/send-message", sendMessage},
                 {"POST", "/v1/customer/disputes/{}/make-offer", makeOffer},
                 {"POST", "/v1/customer/disputes/{}/escalate", escalate},
                 {"POST", "/v1/customer/disputes/{}/appeal", appeal}});
}

}  // namespace simulators::paypal
