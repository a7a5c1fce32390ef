#include "razorpay/settlements.hpp"

#include <chrono>

#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kSettlementSeconds = 24 * 60 * 60;

void settle(Host& host, Book& book) {
  book.settlementPlanned = false;
  if (book.unsettled <= 0) return;
  const auto amount = book.unsettled;
  book.unsettled = 0;
  auto& settlement = book["settlement"].add({{"id", host.id("setl_")},
                                             {"entity", "settlement"},
                                             {"amount", amount},
                                             {"status", "processed"},
                                             {"fees", 0},
                                             {"tax", 0},
                                             {"utr", host.id("")},
                                             {"created_at", host.now()}});
  const auto id = textOf(settlement, "id");
  for (const auto* kind : {"payment", "refund"}) {
    for (auto& entry : book[kind].all()) {
      const bool moved = std::string_view(kind) == "refund" ? textOf(entry, "status") != "failed"
                                                            : flagOf(entry, "captured");
      if (moved && !entry.contains("_settlement")) {
        entry["_settlement"] = id;
        entry["_settled_at"] = host.now();
      }
    }
  }
  host.move(book, "settlement", id, id, amount, "INR", Json::array());
  host.event(book, "settlement.processed", {{"settlement", &settlement}});
}

Json reconRow(const Json& entry, bool refund, const Json* settlement) {
  const auto amount = integerOf(entry, "amount");
  const auto fee = integerOf(entry, "fee");
  return {{"entity_id", entry.at("id")},
          {"type", refund ? "refund" : "payment"},
          {"debit", refund ? amount : 0},
          {"credit", refund ? 0 : amount - fee},
          {"amount", amount},
          {"currency", entry.at("currency")},
          {"fee", fee},
          {"tax", integerOf(entry, "tax")},
          {"on_hold", false},
          {"settled", true},
          {"created_at", entry.at("created_at")},
          {"settled_at", integerOf(entry, "_settled_at")},
          {"settlement_id", textOf(entry, "_settlement")},
          {"posted_at", nullptr},
          {"credit_type", "default"},
          {"description", refund ? Json(nullptr) : entry.at("description")},
          {"notes", entry.at("notes").dump()},
          {"payment_id", refund ? entry.at("payment_id") : Json(nullptr)},
          {"settlement_utr", settlement ? settlement->at("utr") : Json(nullptr)},
          {"order_id", refund ? Json(nullptr) : entry.at("order_id")},
          {"order_receipt", nullptr},
          {"method", refund ? Json(nullptr) : entry.at("method")},
          {"card_network", nullptr},
          {"card_issuer", nullptr},
          {"card_type", nullptr},
          {"dispute_id", nullptr}};
}

}  // namespace

void planSettlement(Host& host, Book& book) {
  if (book.settlementPlanned) return;
  book.settlementPlanned = true;
  host.at(host.now() + kSettlementSeconds,
          [&host, account = book.account] { settle(host, host.book(account)); });
}

Json listSettlements(Call& call) {
  return collection(call, "settlement");
}

Json getSettlement(Call& call) {
  return shown(object(call, "settlement", call.ids[0]));
}

// What was settled in a month, or on a day of it.
Json reconcile(Call& call) {
  namespace c = std::chrono;
  const auto year = call.integer("year");
  const auto month = call.integer("month");
  const auto day = call.integer("day", 0);
  if (year < 1000 || year > 9999) refuse("The year must be 4 digits.", "year");
  if (month < 1 || month > 12) refuse("The month is not a valid month.", "month");
  if (day < 0 || day > 31) refuse("The day must be between 1 and 2 digits.", "day");
  std::vector<Json> rows;
  for (const auto* kind : {"payment", "refund"}) {
    for (const auto& entry : call.book[kind].all()) {
      if (!entry.contains("_settlement")) continue;
      const auto date = c::year_month_day(
          c::floor<c::days>(c::sys_seconds(c::seconds(integerOf(entry, "_settled_at")))));
      const bool inMonth = int(date.year()) == year && unsigned(date.month()) == month;
      if (!inMonth || (day != 0 && unsigned(date.day()) != day)) continue;
      rows.push_back(reconRow(entry, std::string_view(kind) == "refund",
                              call.book["settlement"].find(textOf(entry, "_settlement"))));
    }
  }
  std::vector<const Json*> pointers;
  for (const auto& row : rows) pointers.push_back(&row);
  return pageOf(call, pointers);
}

}  // namespace simulators::razorpay
