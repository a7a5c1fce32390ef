#include "stripe/subscriptions.hpp"

#include <chrono>

#include "stripe/catalog.hpp"
#include "stripe/documents.hpp"
#include "stripe/invoices.hpp"
#include "stripe/operations.hpp"

namespace simulators::stripe {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::int64_t kIncompleteSeconds = 23 * 60 * 60;
constexpr std::int64_t kRetrySeconds = 3 * kDay;
constexpr std::int64_t kRetriesMax = 3;

std::string statusOf(const Json& subscription) {
  return textOf(subscription, "status");
}

std::int64_t periodEnd(std::int64_t start, const Json& recurring) {
  namespace c = std::chrono;
  const auto interval = textOf(recurring, "interval");
  const auto count = integerOf(recurring, "interval_count", 1);
  if (interval == "day") return start + count * kDay;
  if (interval == "week") return start + count * 7 * kDay;
  const auto time = c::sys_seconds(c::seconds(start));
  const auto day = c::floor<c::days>(time);
  auto date =
      c::year_month_day(day) + c::months(static_cast<int>(count) * (interval == "year" ? 12 : 1));
  if (!date.ok()) date = date.year() / date.month() / c::last;
  return (c::sys_days(date) + (time - day)).time_since_epoch().count();
}

Json planOf(const Json& price) {
  auto plan = blankObject("plan");
  const auto& recurring = price.at("recurring");
  plan["id"] = price.at("id");
  plan["active"] = price.at("active");
  plan["amount"] = price.at("unit_amount");
  plan["amount_decimal"] = price.at("unit_amount_decimal");
  plan["created"] = price.at("created");
  plan["currency"] = price.at("currency");
  plan["interval"] = recurring.at("interval");
  plan["interval_count"] = recurring.at("interval_count");
  plan["livemode"] = price.at("livemode");
  plan["metadata"] = price.at("metadata");
  plan["nickname"] = price.at("nickname");
  plan["product"] = price.at("product");
  plan["usage_type"] = recurring.at("usage_type");
  return plan;
}

Json newItem(Call& call, const std::string& priceId, std::int64_t quantity,
             const std::string& subscription) {
  const auto& price = namedDocument(call, "price", priceId, "items[0][price]");
  if (price.at("recurring").is_null()) {
    throw invalidParameter("items[0][price]",
                           "The price specified is set to `type=one_time` but this field only "
                           "accepts prices with `type=recurring`.");
  }
  auto item = blankObject("subscription_item");
  item["id"] = call.account.newId("si_", 14);
  item["created"] = call.now();
  item["plan"] = planOf(price);
  item["price"] = shown(price);
  item["quantity"] = quantity;
  item["subscription"] = subscription;
  item["tax_rates"] = Json::array();
  return item;
}

void setPeriod(Json& subscription, std::int64_t start, std::int64_t end) {
  for (auto& item : subscription["items"]["data"]) {
    item["current_period_start"] = start;
    item["current_period_end"] = end;
  }
}

std::int64_t currentEnd(const Json& subscription) {
  return integerOf(subscription.at("items").at("data").at(0), "current_period_end");
}

// Periods: the first item's price tells how long they are.
void advancePeriod(Json& subscription, std::int64_t start) {
  const auto& price = subscription.at("items").at("data").at(0).at("price");
  setPeriod(subscription, start, periodEnd(start, price.at("recurring")));
}

void end(Call& call, Json& subscription, const char* status) {
  subscription["status"] = status;
  subscription["ended_at"] = call.now();
  if (!has(subscription, "canceled_at")) subscription["canceled_at"] = call.now();
  call.event(std::string_view(status) == "canceled" ? "customer.subscription.deleted"
                                                    : "customer.subscription.updated",
             subscription);
}

void renewLater(Call& call, Json& subscription, std::int64_t when);

Json& invoicePeriod(Call& call, Json& subscription, const char* reason, bool free) {
  InvoiceDraft draft;
  draft.customer = call.account.findCustomer(textOf(subscription, "customer"))->index;
  draft.currency = textOf(subscription, "currency");
  draft.subscription = textOf(subscription, "id");
  draft.reason = reason;
  draft.collection = textOf(subscription, "collection_method");
  draft.method = textOf(subscription, "default_payment_method");
  draft.metadata = subscription["metadata"];
  for (const auto& item : subscription["items"]["data"]) {
    InvoiceLine line;
    const auto& price = item.at("price");
    line.price = textOf(price, "id");
    line.product = textOf(price, "product");
    line.subscriptionItem = textOf(item, "id");
    line.quantity = integerOf(item, "quantity", 1);
    line.amount = free ? 0 : integerOf(price, "unit_amount") * line.quantity;
    line.periodStart = integerOf(item, "current_period_start");
    line.periodEnd = integerOf(item, "current_period_end");
    line.description = free ? "Trial period" : std::to_string(line.quantity) + " × subscription";
    draft.lines.push_back(std::move(line));
  }
  auto& invoice = newInvoice(call, draft);
  subscription["latest_invoice"] = invoice.at("id");
  return invoice;
}

void retryLater(Call& call, Json& subscription) {
  call.at(call.now() + kRetrySeconds, [id = textOf(subscription, "id")](Call& then) {
    auto* late = then.account.kind("subscription").find(id);
    if (!late || statusOf(*late) != "past_due") return;
    auto& invoice = *then.account.kind("invoice").find(textOf(*late, "latest_invoice"));
    if (statusOf(invoice) != "open") return;
    const auto method =
        methodToCharge(then, textOf(*late, "default_payment_method"), textOf(*late, "customer"));
    try {
      payInvoiceNow(then, invoice, method);
    } catch (const ApiError&) {
      if (integerOf(invoice, "attempt_count") > kRetriesMax) return end(then, *late, "canceled");
      return retryLater(then, *late);
    }
    (*late)["status"] = "active";
    then.event("customer.subscription.updated", *late);
    renewLater(then, *late, currentEnd(*late));
  });
}

// Charges the period that begins; what fails makes the subscription past due.
void chargePeriod(Call& call, Json& subscription) {
  auto& invoice = invoicePeriod(call, subscription, "subscription_cycle", false);
  const auto& pause = subscription["pause_collection"];
  const auto behavior = pause.is_object() ? textOf(pause, "behavior") : std::string();
  if (behavior != "keep_as_draft") finalizeInvoice(call, invoice);
  if (behavior == "void") voidInvoiceNow(call, invoice);
  if (behavior == "mark_uncollectible") {
    invoice["status"] = "uncollectible";
    invoice["status_transitions"]["marked_uncollectible_at"] = call.now();
    call.event("invoice.marked_uncollectible", invoice);
  }
  subscription["status"] = "active";
  const bool charges =
      behavior.empty() && textOf(subscription, "collection_method") == "charge_automatically";
  if (charges && textOf(invoice, "status") == "open") {
    const auto method = methodToCharge(call, textOf(subscription, "default_payment_method"),
                                       textOf(subscription, "customer"));
    try {
      payInvoiceNow(call, invoice, method);
    } catch (const ApiError&) {
      subscription["status"] = "past_due";
      retryLater(call, subscription);
    }
  }
  call.event("customer.subscription.updated", subscription);
}

void renew(Call& call, Json& subscription) {
  const auto status = statusOf(subscription);
  if (flagOf(subscription, "cancel_at_period_end")) return end(call, subscription, "canceled");
  if (status == "trialing" && methodToCharge(call, textOf(subscription, "default_payment_method"),
                                             textOf(subscription, "customer"))
                                  .empty()) {
    const auto wish = textOf(subscription, "_missing_payment_method");
    if (wish == "cancel") return end(call, subscription, "canceled");
    if (wish == "pause") {
      subscription["status"] = "paused";
      return call.event("customer.subscription.paused", subscription);
    }
  }
  advancePeriod(subscription, currentEnd(subscription));
  chargePeriod(call, subscription);
  if (statusOf(subscription) == "active") renewLater(call, subscription, currentEnd(subscription));
}

void renewLater(Call& call, Json& subscription, std::int64_t when) {
  const auto turn = integerOf(subscription, "_turn") + 1;
  subscription["_turn"] = turn;
  call.at(when, [id = textOf(subscription, "id"), turn](Call& then) {
    auto* due = then.account.kind("subscription").find(id);
    if (!due || integerOf(*due, "_turn") != turn) return;
    const auto status = statusOf(*due);
    if (status == "active" || status == "trialing") renew(then, *due);
  });
}

void expireLater(Call& call, const Json& subscription) {
  call.at(call.now() + kIncompleteSeconds, [id = textOf(subscription, "id")](Call& then) {
    auto* late = then.account.kind("subscription").find(id);
    if (late && statusOf(*late) == "incomplete") end(then, *late, "incomplete_expired");
  });
}

// The first invoice, and what comes of it.
void begin(Call& call, Json& subscription, const std::string& behavior) {
  const bool trial = statusOf(subscription) == "trialing";
  auto& invoice = invoicePeriod(call, subscription, "subscription_create", trial);
  finalizeInvoice(call, invoice);
  const auto invoiceId = textOf(invoice, "id");
  call.event("customer.subscription.created", subscription);
  if (trial || textOf(invoice, "status") == "paid" ||
      textOf(subscription, "collection_method") == "send_invoice") {
    if (!trial) subscription["status"] = "active";
    return renewLater(call, subscription, currentEnd(subscription));
  }
  const auto method = methodToCharge(call, textOf(subscription, "default_payment_method"),
                                     textOf(subscription, "customer"));
  subscription["status"] = "incomplete";
  if (behavior == "default_incomplete") return expireLater(call, subscription);
  try {
    payInvoiceNow(call, invoice, method);
  } catch (const ApiError&) {
    if (behavior == "error_if_incomplete") {
      subscription["_deleted"] = true;
      throw;
    }
    return expireLater(call, subscription);
  }
  subscription["status"] = "active";
  call.event("customer.subscription.updated", subscription);
  renewLater(call, subscription, currentEnd(subscription));
}

Json blankSubscription(Call& call, Index customer) {
  auto subscription = newDocument(call, "subscription", "sub_1", 23);
  const auto now = call.now();
  subscription["automatic_tax"] = {
      {"disabled_reason", nullptr}, {"enabled", false}, {"liability", nullptr}};
  subscription["billing_cycle_anchor"] = now;
  subscription["billing_mode"] = {{"flexible", nullptr}, {"type", "classic"}};
  subscription["customer"] = call.account.customerId(customer);
  subscription["invoice_settings"]["issuer"] = {{"type", "self"}};
  subscription["items"] =
      emptyList("/v1/subscription_items?subscription=" + textOf(subscription, "id"));
  subscription["payment_settings"] = {{"payment_method_options", nullptr},
                                      {"payment_method_types", nullptr},
                                      {"save_default_payment_method", "off"}};
  subscription["trial_settings"] = {
      {"end_behavior", {{"missing_payment_method", "create_invoice"}}}};
  subscription["cancellation_details"] = {
      {"comment", nullptr}, {"feedback", nullptr}, {"reason", nullptr}};
  subscription["start_date"] = now;
  subscription["status"] = "incomplete";
  return subscription;
}

std::string priceOf(Call& call, const Json& item) {
  if (has(item, "price_data")) return priceFromData(call, item.at("price_data"));
  const auto price = has(item, "price") ? textOf(item, "price") : textOf(item, "plan");
  if (price.empty()) throw parameterMissing("items[0][price]");
  return price;
}

void addItems(Call& call, Json& subscription, const Json& items) {
  for (const auto& wish : items) {
    auto item = newItem(call, priceOf(call, wish), integerIn(wish, "quantity", 1),
                        textOf(subscription, "id"));
    if (!has(subscription, "currency") || textOf(subscription, "currency").empty()) {
      subscription["currency"] = item["price"]["currency"];
    }
    subscription["items"]["data"].push_back(std::move(item));
  }
}

void applyPause(const Call& call, Json& subscription) {
  const auto* node = call.params.node("pause_collection");
  if (!node) return;
  const auto pause = hashOf(call, "pause_collection");
  if (node->children.empty()) {
    subscription["pause_collection"] = nullptr;
  } else {
    subscription["pause_collection"] = {
        {"behavior", textOf(pause, "behavior")},
        {"resumes_at",
         has(pause, "resumes_at") ? Json(integerIn(pause, "resumes_at")) : Json(nullptr)}};
  }
}

void checkMethod(const Call& call, const Json& subscription) {
  const auto id = call.params.text("default_payment_method");
  if (id.empty()) return;
  const auto method = call.account.findMethod(id);
  if (!method) throw resourceMissing("PaymentMethod", id, "default_payment_method", false);
  const auto customer = call.account.findCustomer(textOf(subscription, "customer"));
  if (method->customer != customer->index) {
    throw invalidParameter("default_payment_method",
                           "The customer does not have a payment method with the ID " +
                               std::string(id) +
                               ". The payment method must be attached to the customer.");
  }
}

void applyTrial(Call& call, Json& subscription) {
  std::int64_t until = 0;
  if (const auto days = call.params.integer("trial_period_days")) until = call.now() + *days * kDay;
  if (const auto when = call.params.integer("trial_end")) until = *when;
  if (until <= call.now()) return;
  subscription["status"] = "trialing";
  subscription["trial_start"] = call.now();
  subscription["trial_end"] = until;
  subscription["billing_cycle_anchor"] = until;
  setPeriod(subscription, call.now(), until);
  const auto settings = hashOf(call, "trial_settings");
  if (!settings.contains("end_behavior")) return;
  const auto wish = textOf(settings["end_behavior"], "missing_payment_method");
  subscription["_missing_payment_method"] = wish;
  subscription["trial_settings"]["end_behavior"]["missing_payment_method"] = wish;
}

Json& pathSubscription(Call& call) {
  return pathDocument(call, "subscription", "id");
}

}  // namespace

Json& subscribe(Call& call, Index customer, const Json& items, const std::string& method,
                const Json& metadata) {
  auto subscription = blankSubscription(call, customer);
  subscription["metadata"] = metadata;
  subscription["default_payment_method"] = method;
  addItems(call, subscription, items);
  advancePeriod(subscription, call.now());
  auto& stored = store(call, "subscription", std::move(subscription));
  begin(call, stored, "error_if_incomplete");
  return stored;
}

Answer createSubscription(Call& call) {
  const auto customer = customerParameter(call);
  if (customer == kNone) throw parameterMissing("customer");
  const auto items = hashOf(call, "items");
  if (items.empty()) throw parameterMissing("items");
  auto subscription = blankSubscription(call, customer);
  setTexts(subscription, call, {"description", "default_payment_method"});
  setFlags(subscription, call, {"cancel_at_period_end"});
  setIntegers(subscription, call, {"cancel_at", "days_until_due"});
  if (call.params.has("collection_method")) {
    subscription["collection_method"] = std::string(call.params.text("collection_method"));
  }
  checkMethod(call, subscription);
  addItems(call, subscription, items);
  advancePeriod(subscription, call.now());
  applyTrial(call, subscription);
  const std::string behavior(call.params.text("payment_behavior"));
  const bool charges = statusOf(subscription) != "trialing" && behavior != "default_incomplete" &&
                       textOf(subscription, "collection_method") == "charge_automatically";
  if (charges && methodToCharge(call, textOf(subscription, "default_payment_method"),
                                textOf(subscription, "customer"))
                     .empty()) {
    throw invalidState(
        "This customer has no attached payment source or default payment method. Please "
        "consider adding a default payment method.",
        "resource_missing");
  }
  auto& stored = store(call, "subscription", std::move(subscription));
  begin(call, stored, behavior);
  if (const auto when = call.params.integer("cancel_at")) {
    call.at(*when, [id = textOf(stored, "id")](Call& then) {
      auto* due = then.account.kind("subscription").find(id);
      if (due && statusOf(*due) != "canceled") end(then, *due, "canceled");
    });
  }
  return documentAnswer(call, stored);
}

Answer getSubscription(Call& call) {
  return documentAnswer(call, pathSubscription(call));
}

Answer listSubscriptions(Call& call) {
  const auto status = call.params.text("status");
  return listDocuments(call, "subscription", [&](const Json& subscription) {
    if (call.params.has("customer") &&
        textOf(subscription, "customer") != call.params.text("customer")) {
      return false;
    }
    if (call.params.has("price")) {
      bool found = false;
      for (const auto& item : subscription.at("items").at("data")) {
        found = found || textOf(item.at("price"), "id") == call.params.text("price");
      }
      if (!found) return false;
    }
    const auto own = statusOf(subscription);
    const bool ended = own == "canceled" || own == "incomplete_expired";
    if (status.empty()) return own != "canceled";
    return status == "all" || (status == "ended" && ended) || own == status;
  });
}

Answer searchSubscriptions(Call& call) {
  return searchDocuments(call, "subscription", {"created", "canceled_at", "status"});
}

Answer updateSubscription(Call& call) {
  auto& subscription = pathSubscription(call);
  const auto status = statusOf(subscription);
  if (status == "canceled" || status == "incomplete_expired") {
    throw invalidState(
        "A canceled subscription can only update its cancellation_details and metadata.");
  }
  checkMethod(call, subscription);
  setTexts(subscription, call, {"description", "default_payment_method"});
  setIntegers(subscription, call, {"cancel_at", "days_until_due"});
  setMetadata(subscription, call);
  applyPause(call, subscription);
  if (call.params.has("cancel_at_period_end")) {
    const bool ends = call.params.flag("cancel_at_period_end");
    subscription["cancel_at_period_end"] = ends;
    subscription["cancel_at"] = ends ? Json(currentEnd(subscription)) : Json(nullptr);
    subscription["canceled_at"] = ends ? Json(call.now()) : Json(nullptr);
  }
  const auto start = integerOf(subscription["items"]["data"][0], "current_period_start");
  const auto until = currentEnd(subscription);
  for (const auto& wish : hashOf(call, "items")) {
    auto& items = subscription["items"]["data"];
    Json* own = nullptr;
    for (auto& item : items) {
      if (textOf(item, "id") == textOf(wish, "id")) own = &item;
    }
    if (has(wish, "id") && !own)
      throw resourceMissing("subscription item", textOf(wish, "id"), "items[0][id]", false);
    if (!own) {
      addItems(call, subscription, Json::array({wish}));
      continue;
    }
    if (has(wish, "price") || has(wish, "price_data")) {
      auto item = newItem(call, priceOf(call, wish), integerOf(*own, "quantity", 1),
                          textOf(subscription, "id"));
      item["id"] = own->at("id");
      *own = std::move(item);
    }
    if (has(wish, "quantity")) (*own)["quantity"] = integerIn(wish, "quantity", 1);
  }
  setPeriod(subscription, start, until);
  if (call.params.text("trial_end") == "now" && status == "trialing") {
    subscription["trial_end"] = call.now();
    setPeriod(subscription, integerOf(subscription, "trial_start"), call.now());
    renew(call, subscription);
  }
  call.event("customer.subscription.updated", subscription);
  return documentAnswer(call, subscription);
}

Answer resumeSubscription(Call& call) {
  auto& subscription = pathDocument(call, "subscription", "subscription");
  if (statusOf(subscription) != "paused") {
    throw invalidState("You can only resume a subscription with a `paused` status.");
  }
  advancePeriod(subscription, call.now());
  subscription["billing_cycle_anchor"] = call.now();
  chargePeriod(call, subscription);
  call.event("customer.subscription.resumed", subscription);
  if (statusOf(subscription) == "active") renewLater(call, subscription, currentEnd(subscription));
  return documentAnswer(call, subscription);
}

Answer cancelSubscription(Call& call) {
  auto& subscription = pathSubscription(call);
  if (statusOf(subscription) == "canceled") {
    throw resourceMissing("subscription", call.id, "id", true);
  }
  subscription["cancel_at_period_end"] = false;
  const auto details = hashOf(call, "cancellation_details");
  subscription["cancellation_details"] = {{"comment", textOrNull(textOf(details, "comment"))},
                                          {"feedback", textOrNull(textOf(details, "feedback"))},
                                          {"reason", "cancellation_requested"}};
  end(call, subscription, "canceled");
  return documentAnswer(call, subscription);
}

}  // namespace simulators::stripe
