#include "paypal/subscriptions.hpp"

#include "paypal/operations.hpp"
#include "paypal/patch.hpp"

namespace simulators::paypal {
namespace {

ApiProblem wrongStatus(const std::string& action, const std::string& wanted) {
  return unprocessable("SUBSCRIPTION_STATUS_INVALID",
                       "Invalid subscription status for " + action +
                           " action; subscription status should be " + wanted + ".");
}

void checkQuantity(const Json& wish, const Json& plan) {
  if (!has(wish, "quantity")) return;
  if (!wish["quantity"].is_string()) {
    throw invalidRequest("INVALID_PARAMETER_SYNTAX",
                         "The value of a field does not conform to the expected format.",
                         "/quantity");
  }
  if (!flagOf(plan, "quantity_supported")) {
    throw unprocessable("SUBSCRIPTION_CANNOT_HAVE_QUANTITY",
                        "Subscription cannot have quantity as the plan does not support it.",
                        "/quantity");
  }
}

// The plan as this subscription has it: its own copy, with what the request overrides.
Json ownPlan(const Json& plan, const Json& overrides) {
  auto out = plan;
  take(out, overrides, {"taxes"});
  if (has(overrides, "payment_preferences")) {
    out["payment_preferences"].update(overrides["payment_preferences"]);
  }
  for (const auto& change : dig(overrides, "billing_cycles")) {
    for (auto& cycle : out["billing_cycles"]) {
      if (integerOf(cycle, "sequence") == integerOf(change, "sequence", -1)) cycle.update(change);
    }
  }
  return out;
}

const Json& activePlan(Call& call, const std::string& id) {
  const auto* plan = call.account.of("plans").find(id);
  if (!plan) throw notFound();
  if (textOf(*plan, "status") != "ACTIVE") {
    throw unprocessable("PLAN_STATUS_INVALID", "The plan is not ACTIVE.", "/plan_id", id);
  }
  return *plan;
}

ApiAnswer shortOrWhole(const Call& call, unsigned status, const Json& subscription) {
  const auto whole = renderSubscription(subscription, call.request.origin);
  if (call.wantsRepresentation()) return jsonAnswer(status, whole);
  Json out = Json::object();
  take(out, whole, {"id", "status", "status_update_time", "plan_id", "create_time", "links"});
  return jsonAnswer(status, out);
}

ApiAnswer createSubscription(Call& call) {
  if (!call.body.is_object()) throw missing("/plan_id");
  const auto planId = digText(call.body, "plan_id");
  if (planId.empty()) throw missing("/plan_id");
  call.obeyMockHeader();
  const auto& plan = activePlan(call, planId);
  checkQuantity(call.body, plan);
  const auto start = digText(call.body, "start_time");
  const auto startMs = start.empty() ? call.world.timeMs() : readTime(start).value_or(-1);
  if (startMs < 0 || startMs < call.world.timeMs() - 60'000) {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "Start time must be in the future.",
                         "/start_time", start);
  }
  const auto id = "I-" + call.world.mint("", 12);
  Json subscription = Json::object();
  subscription["id"] = id;
  subscription["status"] = "APPROVAL_PENDING";
  subscription["status_update_time"] = call.now();
  subscription["plan_id"] = planId;
  subscription["plan_overridden"] = has(call.body, "plan");
  subscription["start_time"] = isoTime(startMs);
  take(subscription, call.body, {"quantity", "shipping_amount", "subscriber", "custom_id"});
  const bool byCard = has(dig(subscription, "subscriber.payment_source"), "card");
  if (byCard) {
    auto& card = subscription["subscriber"]["payment_source"]["card"];
    const auto number = digText(card, "number");
    if (number.size() >= 4) card["last_digits"] = number.substr(number.size() - 4);
    card.erase("number");
    card.erase("security_code");
  }
  subscription["create_time"] = call.now();
  subscription["_plan"] = ownPlan(plan, dig(call.body, "plan"));
  subscription["_context"] = dig(call.body, "application_context");
  subscription["_ba"] = "BA-" + call.world.mint("", 17);
  subscription["_round"] = 0;
  auto& stored = call.account.of("subscriptions").add(id, std::move(subscription));
  announce(call.world, call.account, "BILLING.SUBSCRIPTION.CREATED", "subscription",
           "Subscription created", renderSubscription(stored, call.request.origin),
           call.request.origin);
  if (byCard) approveSubscription(call.world, call.account, stored, call.request.origin);
  return shortOrWhole(call, 201, stored);
}

ApiAnswer getSubscription(Call& call) {
  const auto& subscription = named(call, "subscriptions");
  auto out = renderSubscription(subscription, call.request.origin);
  if (call.query("fields").find("plan") != std::string::npos) out["plan"] = subscription["_plan"];
  return jsonAnswer(200, out);
}

ApiAnswer listSubscriptions(Call& call) {
  const auto plans = call.query("plan_ids");
  const auto statuses = call.query("statuses");
  std::vector<Json*> found;
  for (auto* subscription : call.account.of("subscriptions").all()) {
    const auto plan = textOf(*subscription, "plan_id");
    const auto status = textOf(*subscription, "status");
    if (!plans.empty() && plans.find(plan) == std::string::npos) continue;
    if (!statuses.empty() && statuses.find(status) == std::string::npos) continue;
    found.push_back(subscription);
  }
  Page page;
  Json list = Json::array();
  for (const auto* subscription : pageOf(call, found, page, 10, 20)) {
    list.push_back(renderSubscription(*subscription, call.request.origin));
  }
  Json out = Json::object();
  out["subscriptions"] = std::move(list);
  out["total_items"] = page.total;
  out["total_pages"] = page.pages();
  out["links"] = Json::array({link(call.link("/v1/billing/subscriptions"), "self")});
  return jsonAnswer(200, out);
}

ApiAnswer updateSubscription(Call& call) {
  static constexpr std::string_view kPatchable[] = {"/billing_info/outstanding_balance",
                                                    "/custom_id",
                                                    "/plan/",
                                                    "/shipping_amount",
                                                    "/start_time",
                                                    "/subscriber/shipping_address",
                                                    "/subscriber/payment_source"};
  auto& subscription = named(call, "subscriptions");
  if (!call.body.is_array()) throw missing("/");
  for (const auto& change : call.body) {
    const auto path = digText(change, "path");
    bool patchable = false;
    for (const auto prefix : kPatchable) patchable = patchable || path.starts_with(prefix);
    if (!patchable) {
      throw unprocessable("INVALID_PATCH_PATH", "The specified field cannot be patched.", "/path",
                          path);
    }
  }
  auto changed = subscription;
  changed["plan"] = changed["_plan"];
  applyPatch(changed, call.body);
  changed["_plan"] = changed["plan"];
  changed.erase("plan");
  changed["update_time"] = call.now();
  subscription = std::move(changed);
  announce(call.world, call.account, "BILLING.SUBSCRIPTION.UPDATED", "subscription",
           "Subscription updated", renderSubscription(subscription, call.request.origin),
           call.request.origin);
  return noContent();
}

// The change waits until the payer has agreed to it.
ApiAnswer reviseSubscription(Call& call) {
  auto& subscription = named(call, "subscriptions");
  const auto status = textOf(subscription, "status");
  if (status != "ACTIVE" && status != "SUSPENDED") {
    throw wrongStatus("revise", "active or suspended");
  }
  auto planId = digText(call.body, "plan_id");
  if (planId.empty()) planId = textOf(subscription, "plan_id");
  checkQuantity(call.body, activePlan(call, planId));
  Json revision = Json::object();
  revision["plan_id"] = planId;
  take(revision, call.body, {"quantity", "shipping_amount", "plan"});
  subscription["_revision"] = revision;
  subscription["_ba"] = "BA-" + call.world.mint("", 17);
  Json out = Json::object();
  out["plan_id"] = planId;
  out["plan_overridden"] = has(call.body, "plan");
  take(out, call.body, {"quantity", "shipping_amount", "shipping_address"});
  out["links"] = Json::array({link(
      call.link("/webapps/billing/subscriptions/update?ba_token=" + textOf(subscription, "_ba")),
      "approve")});
  for (const auto& entry : renderSubscription(subscription, call.request.origin)["links"]) {
    out["links"].push_back(entry);
  }
  return jsonAnswer(200, out);
}

void requireReason(const Call& call) {
  const auto reason = digText(call.body, "reason");
  if (reason.empty()) throw missing("/reason");
  if (reason.size() > 128) {
    throw invalidRequest("INVALID_STRING_MAX_LENGTH", "The value of a field is too long.",
                         "/reason", reason);
  }
}

ApiAnswer suspendSubscription(Call& call) {
  auto& subscription = named(call, "subscriptions");
  requireReason(call);
  if (textOf(subscription, "status") != "ACTIVE") throw wrongStatus("suspend", "active");
  stopBilling(subscription);
  subscription["status_change_note"] = digText(call.body, "reason");
  setSubscriptionStatus(call.world, call.account, subscription, "SUSPENDED",
                        "BILLING.SUBSCRIPTION.SUSPENDED", call.request.origin);
  return noContent();
}

ApiAnswer activateSubscription(Call& call) {
  auto& subscription = named(call, "subscriptions");
  if (textOf(subscription, "status") != "SUSPENDED") throw wrongStatus("activate", "suspended");
  subscription["status_change_note"] = digText(call.body, "reason");
  setSubscriptionStatus(call.world, call.account, subscription, "ACTIVE",
                        "BILLING.SUBSCRIPTION.RE-ACTIVATED", call.request.origin);
  startBilling(call.world, call.account, subscription, call.request.origin);
  return noContent();
}

ApiAnswer cancelSubscription(Call& call) {
  auto& subscription = named(call, "subscriptions");
  requireReason(call);
  const auto status = textOf(subscription, "status");
  if (status != "ACTIVE" && status != "SUSPENDED") {
    throw wrongStatus("cancel", "active or suspended");
  }
  stopBilling(subscription);
  subscription["status_change_note"] = digText(call.body, "reason");
  setSubscriptionStatus(call.world, call.account, subscription, "CANCELLED",
                        "BILLING.SUBSCRIPTION.CANCELLED", call.request.origin);
  return noContent();
}

Json transactionOf(const Json& capture, const Json& subscription) {
  const auto gross = moneyOf(capture["amount"]);
  Json out = Json::object();
  out["id"] = textOf(capture, "id");
  out["status"] = textOf(capture, "status");
  out["payer_email"] = digText(subscription, "subscriber.email_address");
  out["payer_name"] = dig(subscription, "subscriber.name");
  out["amount_with_breakdown"] =
      Json{{"gross_amount", moneyJson(gross)},
           {"fee_amount", dig(capture, "seller_receivable_breakdown.paypal_fee")},
           {"net_amount", dig(capture, "seller_receivable_breakdown.net_amount")}};
  out["time"] = capture["create_time"];
  return out;
}

ApiAnswer captureOutstanding(Call& call) {
  auto& subscription = named(call, "subscriptions");
  if (digText(call.body, "note").empty()) throw missing("/note");
  if (digText(call.body, "capture_type") != "OUTSTANDING_BALANCE") throw missing("/capture_type");
  const auto amount = requireMoney(call.body, "amount", "/amount");
  auto outstanding = moneyOf(dig(subscription, "billing_info.outstanding_balance"));
  if (!outstanding.currency || outstanding.units == 0) {
    throw unprocessable("ZERO_OUTSTANDING_BALANCE",
                        "Current outstanding balance should be greater "
                        "than zero.");
  }
  if (amount.currency != outstanding.currency) {
    throw unprocessable("CURRENCY_MISMATCH", "The currency code is different from the plan's.",
                        "/amount/currency_code", amount.code());
  }
  if (amount.units > outstanding.units) {
    throw unprocessable("AMOUNT_GREATER_THAN_OUTSTANDING_BALANCE",
                        "Amount cannot be greater than the current outstanding balance.",
                        "/amount/value", amount.value());
  }
  if (!chargeSubscription(call.world, call.account, subscription, amount,
                          call.request.idempotencyKey, call.request.origin)) {
    throw mocked("INSTRUMENT_DECLINED");
  }
  outstanding.units -= amount.units;
  subscription["billing_info"]["outstanding_balance"] = moneyJson(outstanding);
  return jsonAnswer(202, transactionOf(*call.account.of("captures").all().back(), subscription));
}

ApiAnswer listTransactions(Call& call) {
  const auto& subscription = named(call, "subscriptions");
  const auto from = readTime(call.query("start_time"));
  const auto to = readTime(call.query("end_time"));
  if (!from) throw missing("start_time");
  if (!to) throw missing("end_time");
  Json list = Json::array();
  for (const auto* capture : call.account.of("captures").all()) {
    if (textOf(*capture, "_subscription") != call.ids[0]) continue;
    const auto at = readTime(textOf(*capture, "create_time")).value_or(0);
    if (at >= *from && at <= *to) list.push_back(transactionOf(*capture, subscription));
  }
  const auto count = list.size();
  Json out = Json::object();
  out["transactions"] = std::move(list);
  out["total_items"] = count;
  out["total_pages"] = 1;
  out["links"] = Json::array({link(call.link(call.request.path), "self")});
  return jsonAnswer(200, out);
}

}  // namespace

Json renderSubscription(const Json& subscription, const std::string& origin) {
  auto out = shown(subscription);
  const auto status = textOf(subscription, "status");
  const auto self = origin + "/v1/billing/subscriptions/" + textOf(subscription, "id");
  out["links"] = Json::array();
  if (status == "APPROVAL_PENDING") {
    out["links"].push_back(
        link(origin + "/webapps/billing/subscriptions?ba_token=" + textOf(subscription, "_ba"),
             "approve"));
  }
  out["links"].push_back(link(self, "edit", "PATCH"));
  out["links"].push_back(link(self, "self"));
  if (status == "ACTIVE" || status == "SUSPENDED") {
    out["links"].push_back(link(self + "/cancel", "cancel", "POST"));
    const auto turn = status == "ACTIVE" ? "suspend" : "activate";
    out["links"].push_back(link(self + "/" + turn, turn, "POST"));
    out["links"].push_back(link(self + "/capture", "capture", "POST"));
  }
  return out;
}

void approveSubscription(World& world, Account& account, Json& subscription,
                         const std::string& origin) {
  if (has(subscription, "_revision")) {
    const auto revision = subscription["_revision"];
    const auto* plan = account.of("plans").find(textOf(revision, "plan_id"));
    take(subscription, revision, {"plan_id", "quantity", "shipping_amount"});
    if (plan) subscription["_plan"] = ownPlan(*plan, dig(revision, "plan"));
    subscription.erase("_revision");
    subscription["update_time"] = isoTime(world.timeMs());
    announce(world, account, "BILLING.SUBSCRIPTION.UPDATED", "subscription", "Subscription updated",
             renderSubscription(subscription, origin), origin);
    return;
  }
  if (textOf(subscription, "status") != "APPROVAL_PENDING") {
    throw wrongStatus("approve", "approval pending");
  }
  auto& subscriber = subscription["subscriber"];
  if (!subscriber.is_object()) subscriber = Json::object();
  if (digText(subscriber, "email_address").empty()) {
    subscriber["email_address"] = "buyer@example.com";
  }
  if (!has(subscriber, "name")) {
    subscriber["name"] = Json{{"given_name", "Sim"}, {"surname", "Buyer"}};
  }
  subscriber["payer_id"] = world.mintPayer();
  setSubscriptionStatus(world, account, subscription, "ACTIVE", "BILLING.SUBSCRIPTION.ACTIVATED",
                        origin);
  startBilling(world, account, subscription, origin);
}

void addSubscriptions(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/v1/billing/subscriptions", createSubscription},
                 {"GET", "/v1/billing/subscriptions", listSubscriptions},
                 {"GET", "/v1/billing/subscriptions/{}", getSubscription},
                 {"PATCH", "/v1/billing/subscriptions/{}", updateSubscription},
                 {"POST", "/v1/billing/subscriptions/{}/revise", reviseSubscription},
                 {"POST", "/v1/billing/subscriptions/{}/suspend", suspendSubscription},
                 {"POST", "/v1/billing/subscriptions/{}/activate", activateSubscription},
                 {"POST", "/v1/billing/subscriptions/{}/cancel", cancelSubscription},
                 {"POST", "/v1/billing/subscriptions/{}/capture", captureOutstanding},
                 {"GET", "/v1/billing/subscriptions/{}/transactions", listTransactions}});
}

}  // namespace simulators::paypal
