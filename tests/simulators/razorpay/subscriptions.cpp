#include "razorpay/subscriptions.hpp"

#include <chrono>

#include "razorpay/flow.hpp"
#include "razorpay/invoices.hpp"
#include "razorpay/operations.hpp"

namespace simulators::razorpay {
namespace {

constexpr std::int64_t kRetrySeconds = 24 * 60 * 60;
constexpr std::int64_t kRetriesMax = 3;
constexpr std::int64_t kExpirySeconds = 10LL * 365 * 24 * 60 * 60;

// The end of a cycle that begins then; months and years by the calendar.
std::int64_t cycleEnd(std::int64_t start, const Json& plan, std::int64_t cycles = 1) {
  namespace c = std::chrono;
  const auto period = textOf(plan, "period");
  const auto count = integerOf(plan, "interval", 1) * cycles;
  if (period == "daily") return start + count * 86'400;
  if (period == "weekly") return start + count * 7 * 86'400;
  const auto months = static_cast<int>(count) * (period == "yearly"      ? 12
                                                 : period == "quarterly" ? 3
                                                                         : 1);
  const auto time = c::sys_seconds(c::seconds(start));
  const auto day = c::floor<c::days>(time);
  auto date = c::year_month_day(day) + c::months(months);
  if (!date.ok()) date = date.year() / date.month() / c::last;
  return (c::sys_days(date) + (time - day)).time_since_epoch().count();
}

bool isOpen(const Json& subscription) {
  const auto status = textOf(subscription, "status");
  return status == "authenticated" || status == "active" || status == "pending";
}

void setRemaining(Json& subscription) {
  subscription["remaining_count"] =
      integerOf(subscription, "total_count") - integerOf(subscription, "paid_count");
}

// Makes chargeNow() happen at charge_at, unless the plan changes before.
void planCharge(Host& host, Book& book, Json& subscription) {
  const auto turn = integerOf(subscription, "_turn") + 1;
  subscription["_turn"] = turn;
  host.at(integerOf(subscription, "charge_at"),
          [&host, account = book.account, id = textOf(subscription, "id"), turn] {
            auto& own = host.book(account);
            auto* due = own["subscription"].find(id);
            if (!due || !isOpen(*due) || integerOf(*due, "_turn") != turn) return;
            chargeNow(host, own, *due, textOf(*due, "_charges") == "fail");
          });
}

void end(Host& host, Book& book, Json& subscription, const char* status, const Json* payment) {
  subscription["status"] = status;
  subscription["ended_at"] = host.now();
  subscription["charge_at"] = nullptr;
  Entities entities{{"subscription", &subscription}};
  if (payment) entities.emplace_back("payment", payment);
  host.event(book, std::string("subscription.") + status, entities);
}

void chargeFailed(Host& host, Book& book, Json& subscription) {
  const auto attempts = integerOf(subscription, "auth_attempts") + 1;
  subscription["auth_attempts"] = attempts;
  if (attempts > kRetriesMax) {
    subscription["status"] = "halted";
    subscription["charge_at"] = nullptr;
    return host.event(book, "subscription.halted", {{"subscription", &subscription}});
  }
  subscription["status"] = "pending";
  subscription["charge_at"] = host.now() + kRetrySeconds;
  host.event(book, "subscription.pending", {{"subscription", &subscription}});
  planCharge(host, book, subscription);
}

void applyScheduledChanges(Json& subscription) {
  if (!subscription.contains("_changes")) return;
  for (const auto& [name, value] : subscription["_changes"].items()) subscription[name] = value;
  subscription.erase("_changes");
  subscription["has_scheduled_changes"] = false;
  subscription["change_scheduled_at"] = nullptr;
  setRemaining(subscription);
}

void chargeSucceeded(Host& host, Book& book, Json& subscription, const Json& payment) {
  const bool first = integerOf(subscription, "paid_count") == 0;
  const bool retried = textOf(subscription, "status") == "pending";
  subscription["paid_count"] = integerOf(subscription, "paid_count") + 1;
  subscription["auth_attempts"] = 0;
  subscription["status"] = "active";
  setRemaining(subscription);
  if (first || retried) {
    host.event(book, "subscription.activated", {{"subscription", &subscription}});
  }
  host.event(book, "subscription.charged",
             {{"subscription", &subscription}, {"payment", &payment}});
  if (integerOf(subscription, "remaining_count") <= 0) {
    return end(host, book, subscription, "completed", &payment);
  }
  subscription["charge_at"] = subscription["current_end"];
  planCharge(host, book, subscription);
}

}  // namespace

void chargeNow(Host& host, Book& book, Json& subscription, bool fails) {
  if (flagOf(subscription, "_cancel_at_cycle_end")) {
    return end(host, book, subscription, "cancelled", nullptr);
  }
  const bool retrying = textOf(subscription, "status") == "pending";
  if (!retrying) {
    applyScheduledChanges(subscription);
    const auto* plan = book["plan"].find(textOf(subscription, "plan_id"));
    const auto start =
        has(subscription, "current_end") ? integerOf(subscription, "current_end") : host.now();
    subscription["current_start"] = start;
    subscription["current_end"] = cycleEnd(start, *plan);
  }
  const auto* plan = book["plan"].find(textOf(subscription, "plan_id"));
  const auto& item = plan->at("item");
  InvoiceDraft draft;
  draft.customer = textOf(subscription, "customer_id");
  draft.currency = textOf(item, "currency");
  draft.subscription = textOf(subscription, "id");
  draft.billingStart = integerOf(subscription, "current_start");
  draft.billingEnd = integerOf(subscription, "current_end");
  draft.lines.push_back({{"name", item.at("name")},
                         {"amount", item.at("amount")},
                         {"quantity", integerOf(subscription, "quantity", 1)}});
  if (integerOf(subscription, "paid_count") == 0 && subscription.contains("_addons")) {
    for (const auto& addon : subscription["_addons"]) draft.lines.push_back(addon.at("item"));
  }
  auto& invoice = newInvoice(host, book, draft);
  invoice["status"] = "issued";
  invoice["issued_at"] = host.now();
  auto& order = newOrder(host, book, integerOf(invoice, "amount"), draft.currency, "",
                         subscription["notes"], false);
  invoice["order_id"] = order.at("id");
  Instrument instrument;
  instrument.customer = draft.customer;
  const auto& payment =
      pay(host, book, order, integerOf(invoice, "amount"), instrument,
          fails ? Outcome::kFailed : Outcome::kCaptured, paymentError("payment_failed"),
          textOf(invoice, "id"), "Recurring Payment via Subscription");
  subscription["_last_payment"] = payment.at("id");
  if (fails) return chargeFailed(host, book, subscription);
  invoicePaid(host, book, invoice, payment);
  chargeSucceeded(host, book, subscription, payment);
}

void subscriptionAuthenticated(Host& host, Book& book, Json& subscription) {
  const auto start = integerOf(subscription, "start_at");
  subscription["status"] = "authenticated";
  host.event(book, "subscription.authenticated", {{"subscription", &subscription}});
  const auto* plan = book["plan"].find(textOf(subscription, "plan_id"));
  if (start > host.now()) {
    subscription["charge_at"] = start;
    planCharge(host, book, subscription);
    return;
  }
  subscription["start_at"] = host.now();
  subscription["end_at"] = cycleEnd(host.now(), *plan, integerOf(subscription, "total_count"));
  chargeNow(host, book, subscription, textOf(subscription, "_charges") == "fail");
}

Json createSubscription(Call& call) {
  const auto& plan = object(call, "plan", call.text("plan_id"));
  const auto count = call.integer("total_count");
  if (count < 1) refuse("The total count must be at least 1.", "total_count");
  const auto now = call.host.now();
  const auto startAt = call.integer("start_at");
  const auto expireBy = call.integer("expire_by");
  if (startAt != 0 && startAt < now)
    refuse("Start time cannot be lesser than the current time.", "start_at");
  if (expireBy != 0 && expireBy < now)
    refuse("Link expire by cannot be lesser than the current time.");
  if (cycleEnd(now, plan, count) - now > kExpirySeconds * 10) {
    refuse("Exceeds the maximum time (100 years) allowed.", "total_count");
  }
  if (call.has("offer_id")) refuse("Offer Not Found");
  const auto id = call.host.id("sub_");
  const auto customerNotify = call.has("customer_notify") ? call.flag("customer_notify") : true;
  auto& subscription = call.book["subscription"].add(
      {{"id", id},
       {"entity", "subscription"},
       {"plan_id", plan.at("id")},
       {"customer_id", nullptr},
       {"status", "created"},
       {"current_start", nullptr},
       {"current_end", nullptr},
       {"ended_at", nullptr},
       {"quantity", call.integer("quantity", 1)},
       {"notes", notesOf(call.params)},
       {"charge_at", startAt == 0 ? Json(nullptr) : Json(startAt)},
       {"start_at", startAt == 0 ? Json(nullptr) : Json(startAt)},
       {"end_at", startAt == 0 ? Json(nullptr) : Json(cycleEnd(startAt, plan, count))},
       {"auth_attempts", 0},
       {"total_count", count},
       {"paid_count", 0},
       {"customer_notify", customerNotify},
       {"created_at", now},
       {"expire_by", expireBy == 0 ? Json(nullptr) : Json(expireBy)},
       {"short_url", "https://rzp.io/i/" + id.substr(4, 7)},
       {"has_scheduled_changes", false},
       {"change_scheduled_at", nullptr},
       {"source", "api"},
       {"remaining_count", count}});
  if (call.has("addons")) subscription["_addons"] = call.params["addons"];
  if (expireBy != 0) {
    call.host.at(expireBy, [&host = call.host, account = call.book.account, id] {
      auto* late = host.book(account)["subscription"].find(id);
      if (late && textOf(*late, "status") == "created") (*late)["status"] = "expired";
    });
  }
  return shown(subscription);
}

Json listSubscriptions(Call& call) {
  return collection(call, "subscription", [&](const Json& subscription) {
    return !call.has("plan_id") || textOf(subscription, "plan_id") == call.text("plan_id");
  });
}

Json getSubscription(Call& call) {
  return shown(object(call, "subscription", call.ids[0]));
}

Json updateSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  const auto status = textOf(subscription, "status");
  if (status != "authenticated" && status != "active") {
    refuse("Can't update Subscription when Subscription is not in Authenticated or Active state");
  }
  if (call.has("offer_id")) refuse("Offer Not Found");
  const auto when =
      call.has("schedule_change_at") ? call.text("schedule_change_at") : std::string("now");
  if (when != "now" && when != "cycle_end") {
    refuse("The selected schedule change at is invalid.", "schedule_change_at");
  }
  Json changes = Json::object();
  if (call.has("plan_id")) changes["plan_id"] = object(call, "plan", call.text("plan_id")).at("id");
  if (call.has("quantity")) changes["quantity"] = call.integer("quantity");
  if (call.has("start_at")) changes["start_at"] = call.integer("start_at");
  if (call.has("customer_notify")) changes["customer_notify"] = call.flag("customer_notify");
  if (call.has("remaining_count")) {
    if (call.integer("remaining_count") < 1) {
      refuse("The remaining count must be at least 1.", "remaining_count");
    }
    changes["total_count"] =
        integerOf(subscription, "paid_count") + call.integer("remaining_count");
  }
  subscription["_changes"] = std::move(changes);
  if (when == "now") {
    applyScheduledChanges(subscription);
  } else {
    subscription["has_scheduled_changes"] = true;
    subscription["change_scheduled_at"] = subscription["current_end"];
  }
  call.host.event(call.book, "subscription.updated", {{"subscription", &subscription}});
  return shown(subscription);
}

Json cancelSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  const auto status = textOf(subscription, "status");
  if (status == "cancelled" || status == "completed" || status == "expired") {
    refuse("Subscription is not cancellable in " + status + " status.", "status");
  }
  if (call.flag("cancel_at_cycle_end")) {
    if (status != "active" && status != "pending") {
      refuse("Subscription cannot be cancelled since no billing cycle is going on");
    }
    subscription["_cancel_at_cycle_end"] = true;
    subscription["has_scheduled_changes"] = true;
    subscription["change_scheduled_at"] = subscription["current_end"];
    return shown(subscription);
  }
  end(call.host, call.book, subscription, "cancelled", nullptr);
  return shown(subscription);
}

Json pauseSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  if (textOf(subscription, "status") != "active") {
    refuse("Subscription cannot be paused in " + textOf(subscription, "status") + " state.");
  }
  if (call.has("pause_at") && call.text("pause_at") != "now") {
    refuse("The selected pause at is invalid.", "pause_at");
  }
  subscription["status"] = "paused";
  subscription["paused_at"] = call.host.now();
  subscription["pause_initiated_by"] = "self";
  subscription["_turn"] = integerOf(subscription, "_turn") + 1;
  call.host.event(call.book, "subscription.paused", {{"subscription", &subscription}});
  return shown(subscription);
}

Json resumeSubscription(Call& call) {
  auto& subscription = object(call, "subscription", call.ids[0]);
  if (textOf(subscription, "status") != "paused") {
    refuse("Subscription cannot be resumed in " + textOf(subscription, "status") + " state.");
  }
  if (call.has("resume_at") && call.text("resume_at") != "now") {
    refuse("The selected resume at is invalid.", "resume_at");
  }
  subscription["status"] = "active";
  subscription["paused_at"] = nullptr;
  subscription["pause_initiated_by"] = nullptr;
  const auto now = call.host.now();
  if (integerOf(subscription, "current_end") < now) subscription["current_end"] = now;
  subscription["charge_at"] = subscription["current_end"];
  planCharge(call.host, call.book, subscription);
  call.host.event(call.book, "subscription.resumed", {{"subscription", &subscription}});
  return shown(subscription);
}

}  // namespace simulators::razorpay
