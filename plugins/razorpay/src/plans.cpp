// plans.create, plans.get, plans.list: /v1/plans. A plan holds its item, so there are no products.
#include <array>
#include <utility>

#include "operations.hpp"

namespace razorpay {

namespace {

constexpr std::array<std::string_view, 5> kPeriods = {"daily", "weekly", "monthly", "quarterly",
                                                      "yearly"};

}  // namespace

sdk::Result<sdk::Plan> planOf(json::View object, const Context& context) {
  sdk::Plan plan;
  if (auto problem = readCommon(object, "plan", context, plan)) return std::move(*problem);
  const json::View item = object["item"];
  if (auto problem = readMoney(item, "plan", plan)) return std::move(*problem);
  const std::string_view period = object["period"].stringOr("");
  const auto found = std::find(kPeriods.begin(), kPeriods.end(), period);
  if (found == kPeriods.end()) return unusable("plan", "period");
  plan.interval = static_cast<sdk::Interval>(found - kPeriods.begin());
  const auto count = secondsOf(object["interval"]);
  if (!count) return unusable("plan", "interval");
  plan.intervalCount = *count;
  plan.name = textOf(item["name"]);
  plan.active = item["active"].booleanOr(true);
  return plan;
}

sdk::Result<sdk::HttpRequest> buildPlanCreate(const sdk::PlanCreate& in, const sdk::Call& call) {
  const auto amount = toRazorpay(in.amount, in.currency);
  if (!amount) return amount.error();
  if (in.productProviderId) {
    return sdk::Error::notSupported("product_provider_id",
                                    "Razorpay's plans hold their item: send a name instead");
  }
  if (in.trialDays.value_or(0) > 0) {
    return sdk::Error::notSupported("trial_days",
                                    "at Razorpay a trial is a subscription's, not a plan's");
  }
  if (!in.name || in.name->empty()) {
    return sdk::Error::invalidRequest("name", "Razorpay's plans need a name: send 'name'");
  }
  json::Writer body;
  body.beginObject().member("period", kPeriods[static_cast<std::size_t>(in.interval)]);
  body.member("interval", in.intervalCount.value_or(1));
  body.key("item").beginObject().member("name", *in.name).member("amount", *amount);
  body.member("currency", in.currency);
  if (in.description) body.member("description", *in.description);
  body.endObject();
  if (auto problem = addNotes(body, in.metadata, {{kOperationKey, in.operationId}})) {
    return std::move(*problem);
  }
  body.endObject();
  return post("/v1/plans", body.take(), call, "plans.create");
}

sdk::Result<sdk::Plan> parsePlanCreate(const sdk::HttpResponse& response, const sdk::PlanCreate& in,
                                       const sdk::Call& call) {
  sdk::Result<sdk::Plan> plan = readOne<sdk::Plan>(response, call, planOf);
  if (plan && (plan->amount != in.amount || plan->currency != in.currency)) {
    return sdk::Error::badResponse("Razorpay answered with another amount or currency");
  }
  return plan;
}

sdk::Step startPlanLookup(Lookup& lookup, const sdk::PlanCreate& in, const sdk::Call& call) {
  lookup.path = "/v1/plans";
  lookup.label = "plans.all";
  lookup.operationId = in.operationId;
  lookup.createdUnixS = in.operationCreatedUnixS;
  lookup.found = foundAs<planOf>;
  return startLookup(lookup, call);
}

sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = objectPath("/v1/plans/", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, call, "plans.fetch");
}

sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                                    const sdk::Call& call) {
  return readOne<sdk::Plan>(response, call, planOf, in.providerId);
}

sdk::Result<sdk::HttpRequest> buildPlansList(const sdk::ListQuery& in, const sdk::Call& call) {
  auto query = listQuery(in);
  if (!query) return std::move(query).error();
  return get("/v1/plans", query->take(), call, "plans.all");
}

sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response,
                                                 const sdk::ListQuery& in, const sdk::Call& call) {
  return readPage<sdk::Plan>(response, in,
                             [&](json::View object) { return planOf(object, contextOf(call)); });
}

}  // namespace razorpay
