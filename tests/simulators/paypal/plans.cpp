// Billing plans.
#include "paypal/operations.hpp"
#include "paypal/patch.hpp"

namespace simulators::paypal {
namespace {

Json linked(const Json& plan, const std::string& origin) {
  auto out = shown(plan);
  const auto self = origin + "/v1/billing/plans/" + textOf(plan, "id");
  const auto turn = textOf(plan, "status") == "ACTIVE" ? "deactivate" : "activate";
  out["links"] = Json::array({link(self, "self"), link(self, "edit", "PATCH"),
                              link(self + "/" + turn, turn, "POST"),
                              link(self + "/update-pricing-schemes", "edit", "POST")});
  return out;
}

Json summaryOf(const Json& whole) {
  Json out = Json::object();
  take(out, whole,
       {"id", "product_id", "name", "status", "description", "usage_type", "create_time", "links"});
  return out;
}

void checkCycles(const Json& cycles) {
  if (!cycles.is_array() || cycles.empty()) throw missing("/billing_cycles");
  int regular = 0;
  int trials = 0;
  for (std::size_t i = 0; i < cycles.size(); ++i) {
    const auto& cycle = cycles[i];
    const auto path = "/billing_cycles/" + std::to_string(i);
    const auto unit = digText(cycle, "frequency.interval_unit");
    if (unit.empty()) throw missing(path + "/frequency/interval_unit");
    if (unit != "DAY" && unit != "WEEK" && unit != "MONTH" && unit != "YEAR") {
      throw invalidRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.",
                           path + "/frequency/interval_unit", unit);
    }
    const auto tenure = digText(cycle, "tenure_type");
    if (tenure.empty()) throw missing(path + "/tenure_type");
    if (!has(cycle, "sequence")) throw missing(path + "/sequence");
    ++(tenure == "TRIAL" ? trials : regular);
    if (has(dig(cycle, "pricing_scheme"), "fixed_price")) {
      requireMoney(cycle["pricing_scheme"], "fixed_price", path + "/pricing_scheme/fixed_price",
                   tenure == "TRIAL");
    } else if (tenure != "TRIAL") {
      throw unprocessable("INVALID_PRICING_SCHEME", "A regular cycle needs a pricing scheme.",
                          path + "/pricing_scheme");
    }
  }
  if (regular == 0) {
    throw unprocessable("MISSING_REGULAR_BILLING_CYCLE",
                        "The plan should have at least one regular billing cycle.",
                        "/billing_cycles");
  }
  if (regular > 1) {
    throw unprocessable("MULTIPLE_REGULAR_BILLING_CYCLES_NOT_SUPPORTED",
                        "A plan can have at most one regular billing cycle.", "/billing_cycles");
  }
  if (trials > 2) {
    throw unprocessable("MORE_THAN_TWO_TRIAL_BILLING_CYCLE_NOT_SUPPORTED",
                        "A plan can have at most two trial cycles.", "/billing_cycles");
  }
}

ApiAnswer createPlan(Call& call) {
  if (!call.body.is_object()) throw missing("/product_id");
  const auto product = digText(call.body, "product_id");
  if (product.empty()) throw missing("/product_id");
  if (digText(call.body, "name").empty()) throw missing("/name");
  if (!has(call.body, "payment_preferences")) throw missing("/payment_preferences");
  checkCycles(dig(call.body, "billing_cycles"));
  if (!call.account.of("products").find(product)) throw notFound();
  const auto status = has(call.body, "status") ? digText(call.body, "status") : "ACTIVE";
  if (status != "ACTIVE" && status != "CREATED" && status != "INACTIVE") {
    throw invalidRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", "/status",
                         status);
  }
  const auto id = "P-" + call.world.mint("", 24);
  Json plan = Json::object();
  plan["id"] = id;
  take(plan, call.body, {"product_id", "name"});
  plan["status"] = status;
  take(plan, call.body, {"description"});
  plan["usage_type"] = "LICENSED";
  take(plan, call.body, {"billing_cycles", "payment_preferences", "taxes"});
  for (auto& cycle : plan["billing_cycles"]) {
    if (!has(cycle, "total_cycles")) cycle["total_cycles"] = 1;
    if (!has(cycle, "pricing_scheme")) continue;
    cycle["pricing_scheme"]["version"] = 1;
    cycle["pricing_scheme"]["create_time"] = call.now();
    cycle["pricing_scheme"]["update_time"] = call.now();
  }
  plan["quantity_supported"] = flagOf(call.body, "quantity_supported");
  plan["create_time"] = call.now();
  plan["update_time"] = call.now();
  const auto whole = linked(call.account.of("plans").add(id, std::move(plan)), call.request.origin);
  announce(call.world, call.account, "BILLING.PLAN.CREATED", "plan", "A billing plan was created",
           whole, call.request.origin);
  return jsonAnswer(201, call.wantsRepresentation() ? whole : summaryOf(whole));
}

ApiAnswer listPlans(Call& call) {
  const auto product = call.query("product_id");
  const auto ids = call.query("plan_ids");
  std::vector<Json*> found;
  for (auto* plan : call.account.of("plans").all()) {
    if (!product.empty() && textOf(*plan, "product_id") != product) continue;
    if (!ids.empty() && ids.find(textOf(*plan, "id")) == std::string::npos) continue;
    found.push_back(plan);
  }
  Page page;
  Json list = Json::array();
  for (const auto* plan : pageOf(call, found, page, 10, 20)) {
    const auto whole = linked(*plan, call.request.origin);
    list.push_back(call.wantsRepresentation() ? whole : summaryOf(whole));
  }
  Json out = Json::object();
  if (call.query("total_required") == "true") {
    out["total_items"] = page.total;
    out["total_pages"] = page.pages();
  }
  out["plans"] = std::move(list);
  out["links"] = Json::array({link(call.link("/v1/billing/plans"), "self")});
  return jsonAnswer(200, out);
}

ApiAnswer getPlan(Call& call) {
  return jsonAnswer(200, linked(named(call, "plans"), call.request.origin));
}

ApiAnswer updatePlan(Call& call) {
  auto& plan = named(call, "plans");
  auto changed = plan;
  applyPatch(changed, call.body);
  for (const auto* fixed : {"id", "product_id", "billing_cycles", "status"}) {
    if (changed[fixed] != plan[fixed]) {
      throw unprocessable("INVALID_PATCH_PATH", "The specified field cannot be patched.",
                          std::string("/") + fixed);
    }
  }
  changed["update_time"] = call.now();
  plan = std::move(changed);
  announce(call.world, call.account, "BILLING.PLAN.UPDATED", "plan", "A billing plan was updated",
           linked(plan, call.request.origin), call.request.origin);
  return noContent();
}

ApiAnswer turn(Call& call, const std::string& from, const std::string& to) {
  auto& plan = named(call, "plans");
  if (textOf(plan, "status") == to) {
    throw unprocessable("PLAN_STATUS_INVALID",
                        "Invalid plan status for this action; it should be " + from + ".");
  }
  plan["status"] = to;
  plan["update_time"] = call.now();
  announce(call.world, call.account,
           to == "ACTIVE" ? "BILLING.PLAN.ACTIVATED" : "BILLING.PLAN.DEACTIVATED", "plan",
           "The status of a billing plan has changed", linked(plan, call.request.origin),
           call.request.origin);
  return noContent();
}

ApiAnswer activatePlan(Call& call) {
  return turn(call, "CREATED or INACTIVE", "ACTIVE");
}

ApiAnswer deactivatePlan(Call& call) {
  return turn(call, "ACTIVE", "INACTIVE");
}

ApiAnswer updatePricing(Call& call) {
  auto& plan = named(call, "plans");
  const auto& schemes = dig(call.body, "pricing_schemes");
  if (!schemes.is_array() || schemes.empty()) throw missing("/pricing_schemes");
  auto changed = plan;
  for (std::size_t i = 0; i < schemes.size(); ++i) {
    const auto path = "/pricing_schemes/" + std::to_string(i);
    bool known = false;
    for (auto& cycle : changed["billing_cycles"]) {
      if (integerOf(cycle, "sequence") != integerOf(schemes[i], "billing_cycle_sequence", -1)) {
        continue;
      }
      known = true;
      requireMoney(dig(schemes[i], "pricing_scheme"), "fixed_price",
                   path + "/pricing_scheme/fixed_price");
      auto& scheme = cycle["pricing_scheme"];
      scheme["fixed_price"] = schemes[i]["pricing_scheme"]["fixed_price"];
      scheme["version"] = integerOf(scheme, "version", 1) + 1;
      scheme["update_time"] = call.now();
    }
    if (!known) {
      throw unprocessable("INVALID_BILLING_CYCLE_SEQUENCE",
                          "The provided billing cycle sequence is invalid.",
                          path + "/billing_cycle_sequence");
    }
  }
  plan = std::move(changed);
  announce(call.world, call.account, "BILLING.PLAN.PRICING-CHANGE.ACTIVATED", "plan",
           "A price change for the plan was activated", linked(plan, call.request.origin),
           call.request.origin);
  return noContent();
}

}  // namespace

void addPlans(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/v1/billing/plans", createPlan},
                 {"GET", "/v1/billing/plans", listPlans},
                 {"GET", "/v1/billing/plans/{}", getPlan},
                 {"PATCH", "/v1/billing/plans/{}", updatePlan},
                 {"POST", "/v1/billing/plans/{}/activate", activatePlan},
                 {"POST", "/v1/billing/plans/{}/deactivate", deactivatePlan},
                 {"POST", "/v1/billing/plans/{}/update-pricing-schemes", updatePricing}});
}

}  // namespace simulators::paypal
