#include "razorpay/payment_links.hpp"

#include "razorpay/flow.hpp"
#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kExpiryAheadSeconds = 15 * 60;

void checkExpiry(const Call& call) {
  if (call.integer("expire_by") != 0 &&
      call.integer("expire_by") < call.host.now() + kExpiryAheadSeconds) {
    refuse("timestamp must be atleast 15 minutes in future", "expire_by");
  }
}

void checkReference(Call& call, const Json* own) {
  const auto reference = call.text("reference_id");
  if (reference.empty()) return;
  if (reference.size() > 40)
    refuse("reference_id: the length must be no more than 40.", "reference_id");
  for (const auto& link : call.book["payment_link"].all()) {
    if (&link != own && textOf(link, "reference_id") == reference) {
      refuse("payment link creation with reference ID already attempted");
    }
  }
}

void expire(Host& host, const std::string& account, const std::string& id) {
  auto& book = host.book(account);
  auto* link = book["payment_link"].find(id);
  if (!link || textOf(*link, "status") != "created") return;
  if (integerOf(*link, "expire_by") > host.now()) return;  // it was put off since
  (*link)["status"] = "expired";
  (*link)["expired_at"] = host.now();
  (*link)["updated_at"] = host.now();
  host.event(book, "payment_link.expired", {{"payment_link", link}});
}

void planExpiry(Call& call, const Json& link) {
  const auto due = integerOf(link, "expire_by");
  if (due == 0) return;
  call.host.at(due, [&host = call.host, account = call.book.account, id = textOf(link, "id")] {
    expire(host, account, id);
  });
}

bool isOpen(const Json& link) {
  const auto status = textOf(link, "status");
  return status == "created" || status == "partially_paid";
}

}  // namespace

void linkPaid(Host& host, Book& book, Json& link, const Json& payment) {
  const auto paid = integerOf(link, "amount_paid") + integerOf(payment, "amount");
  link["amount_paid"] = paid;
  link["updated_at"] = host.now();
  link["status"] = paid >= integerOf(link, "amount") ? "paid" : "partially_paid";
  if (!link["payments"].is_array()) link["payments"] = Json::array();
  link["payments"].push_back({{"amount", payment.at("amount")},
                              {"created_at", payment.at("created_at")},
                              {"method", payment.at("method")},
                              {"payment_id", payment.at("id")},
                              {"plink_id", link.at("id")},
                              {"status", payment.at("status")},
                              {"updated_at", host.now()}});
  const auto* order = book["order"].find(textOf(link, "order_id"));
  host.event(book, "payment_link." + textOf(link, "status"),
             {{"payment_link", &link}, {"order", order}, {"payment", &payment}});
}

Json createLink(Call& call) {
  const auto currency = currencyOf(call);
  checkAmount(call.integer("amount"), currency);
  checkExpiry(call);
  checkReference(call, nullptr);
  const auto id = call.host.id("plink_");
  const auto& order =
      newOrder(call.host, call.book, call.integer("amount"), currency, call.text("reference_id"),
               notesOf(call.params), call.flag("accept_partial"));
  const auto notes = notesOf(call.params);
  auto& link = call.book["payment_link"].add(
      {{"accept_partial", call.flag("accept_partial")},
       {"amount", call.integer("amount")},
       {"amount_paid", 0},
       {"callback_method", call.text("callback_method")},
       {"callback_url", call.text("callback_url")},
       {"cancelled_at", 0},
       {"created_at", call.host.now()},
       {"currency", currency},
       {"customer", call.params.value("customer", Json::object())},
       {"description", call.text("description")},
       {"expire_by", call.integer("expire_by")},
       {"expired_at", 0},
       {"first_min_partial_amount", call.integer("first_min_partial_amount")},
       {"id", id},
       {"notes", notes.empty() ? Json(nullptr) : notes},
       {"notify", call.params.value("notify", Json({{"email", false}, {"sms", false}}))},
       {"order_id", order.at("id")},
       {"payments", nullptr},
       {"reference_id", call.text("reference_id")},
       {"reminder_enable", call.flag("reminder_enable")},
       {"reminders", Json::array()},
       {"short_url", "https://rzp.io/i/" + id.substr(6, 7)},
       {"status", "created"},
       {"updated_at", call.host.now()},
       {"upi_link", call.flag("upi_link")},
       {"user_id", ""}});
  planExpiry(call, link);
  return shown(link);
}

Json listLinks(Call& call) {
  auto page = collection(call, "payment_link", [&](const Json& link) {
    if (call.has("reference_id") && textOf(link, "reference_id") != call.text("reference_id")) {
      return false;
    }
    if (!call.has("payment_id")) return true;
    return link.at("payments").dump().find('"' + call.text("payment_id") + '"') !=
           std::string::npos;
  });
  return {{"payment_links", std::move(page["items"])}};
}

Json getLink(Call& call) {
  return shown(object(call, "payment_link", call.ids[0]));
}

Json updateLink(Call& call) {
  auto& link = object(call, "payment_link", call.ids[0]);
  if (!isOpen(link)) refuse("update can only be made in created or partially paid state");
  checkExpiry(call);
  checkReference(call, &link);
  for (const auto* name : {"reference_id", "expire_by", "reminder_enable"}) {
    if (call.has(name)) link[name] = call.params[name];
  }
  if (call.has("notes")) link["notes"] = notesOf(call.params);
  if (call.has("expire_by")) planExpiry(call, link);
  link["updated_at"] = call.host.now();
  return shown(link);
}

Json cancelLink(Call& call) {
  auto& link = object(call, "payment_link", call.ids[0]);
  const auto status = textOf(link, "status");
  if (status == "paid" || status == "partially_paid") {
    refuse("cannot cancel or expire an already paid/partially paid link");
  }
  if (status != "created") refuse("cannot cancel or expire an " + status + " link");
  link["status"] = "cancelled";
  link["cancelled_at"] = call.host.now();
  link["updated_at"] = call.host.now();
  call.host.event(call.book, "payment_link.cancelled", {{"payment_link", &link}});
  return shown(link);
}

Json notifyLink(Call& call) {
  object(call, "payment_link", call.ids[0]);
  if (call.ids[1] != "sms" && call.ids[1] != "email") refuse("not a valid notification medium");
  return {{"success", true}};
}

}  // namespace simulators::razorpay
