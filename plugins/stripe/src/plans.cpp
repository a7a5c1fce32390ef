// plans.create, .get, .list: /v1/prices. The product is expanded, because it has the name.
#include "plans.hpp"

#include <algorithm>
#include <array>
#include <unigate/time.hpp>
#include <utility>

#include "listing.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

constexpr std::string_view kIntervalKey = "unigate_interval";
constexpr std::array<std::string_view, 4> kIntervals = {"day", "week", "month", "year"};
constexpr std::int64_t kCountMax = 10'000;

constexpr std::int64_t kMonthsOfQuarter = 3;
constexpr std::int64_t kDayS = 86'400;

sdk::Interval intervalOf(std::string_view word) {
  if (word == "day") return sdk::Interval::Day;
  if (word == "week") return sdk::Interval::Week;
  return word == "month" ? sdk::Interval::Month : sdk::Interval::Year;
}

std::int64_t afterMonths(std::int64_t startUnixS, std::int64_t months) {
  namespace timestamp = unigate::timestamp;
  const std::int64_t days = startUnixS / kDayS;
  timestamp::Date date = timestamp::dateOf(days);
  const std::int64_t month = date.month - 1 + months;
  date.year += month / 12;
  date.month = static_cast<std::int32_t>(month % 12) + 1;
  while (!timestamp::isValid(date)) --date.day;
  return timestamp::daysOf(date) * kDayS + startUnixS % kDayS;
}

}  // namespace

Recurrence recurrenceOf(const sdk::PlanCreate& plan) {
  const std::int64_t count = plan.intervalCount.value_or(1);
  if (plan.interval == sdk::Interval::Quarter) return {"month", count * kMonthsOfQuarter};
  return {std::string(sdk::wordOf(plan.interval)), count};
}

std::optional<Recurrence> recurrenceOf(json::View price) {
  const json::View recurring = price["recurring"];
  const std::string_view word = recurring["interval"].stringOr("");
  const std::int64_t count = recurring["interval_count"].int64Or(1);
  const bool known = std::find(kIntervals.begin(), kIntervals.end(), word) != kIntervals.end();
  if (!known || count < 1 || count > kCountMax) return std::nullopt;
  return Recurrence{std::string(word), count};
}

std::int64_t after(std::int64_t startUnixS, const Recurrence& recurrence, std::int64_t count) {
  const std::int64_t units = recurrence.count * count;
  if (recurrence.interval == "day") return startUnixS + units * kDayS;
  if (recurrence.interval == "week") return startUnixS + units * 7 * kDayS;
  return afterMonths(startUnixS, recurrence.interval == "year" ? units * 12 : units);
}

sdk::Result<sdk::HttpRequest> priceRequest(const sdk::PlanCreate& plan, const sdk::Call& call,
                                           std::string_view keySuffix) {
  const auto amount = toStripe(plan.amount, plan.currency);
  if (!amount) return amount.error();
  if (plan.intervalCount.value_or(1) < 1 || plan.intervalCount.value_or(1) > kCountMax) {
    return sdk::Error::invalidRequest("interval_count", "'interval_count' must be 1 to 10000");
  }
  sdk::FormEncoder form;
  form.add("currency", money::lower(plan.currency)).add("unit_amount", *amount);
  const Recurrence recurrence = recurrenceOf(plan);
  form.addNested({"recurring", "interval"}, recurrence.interval);
  if (recurrence.count != 1) form.addNested({"recurring", "interval_count"}, recurrence.count);
  form.addNested({"recurring", "trial_period_days"}, plan.trialDays);
  if (plan.productProviderId) {
    form.add("product", *plan.productProviderId).add("nickname", plan.name);
  } else if (plan.name && !plan.name->empty()) {
    form.addNested({"product_data", "name"}, *plan.name);
  } else {
    return sdk::Error::invalidRequest(
        "name", "Stripe needs a product for a plan: send its id, or a 'name' to make one");
  }
  const bool quarter = plan.interval == sdk::Interval::Quarter;
  if (auto problem = addMetadata(form, plan.metadata,
                                 {{kOperationKey, plan.operationId},
                                  {kIntervalKey, quarter ? "quarter" : ""},
                                  {"unigate_description", plan.description.value_or("")}})) {
    return std::move(*problem);
  }
  form.addNested({"expand", "0"}, "product");
  return post("/v1/prices", std::move(form), call, "prices.create", keySuffix);
}

bool isPlan(json::View price) {
  return price["recurring"].isObject() && price["unit_amount"].int64().has_value();
}

sdk::Result<sdk::Plan> planOf(json::View price) {
  sdk::Plan plan;
  if (auto problem = readCommon(price, "price", plan)) return std::move(*problem);
  if (!isPlan(price)) return unusable("price", "amount that recurs");
  const auto currency = currencyOf(price["currency"]);
  if (!currency) return unusable("price", "currency");
  plan.currency = *currency;
  const auto amount = amountOf(price["unit_amount"], plan.currency);
  if (!amount) return unusable("price", "amount");
  plan.amount = *amount;
  const auto recurrence = recurrenceOf(price);
  if (!recurrence) return unusable("price", "interval");
  plan.interval = intervalOf(recurrence->interval);
  plan.intervalCount = recurrence->count;
  const bool quarter = price["metadata"][kIntervalKey].stringOr("") == "quarter" &&
                       recurrence->interval == "month" && recurrence->count % kMonthsOfQuarter == 0;
  if (quarter) {
    plan.interval = sdk::Interval::Quarter;
    plan.intervalCount = recurrence->count / kMonthsOfQuarter;
  }
  plan.productProviderId = idOf(price["product"]);
  plan.name = wordOfField(price["nickname"]);
  if (!plan.name) plan.name = wordOfField(price["product"]["name"]);
  plan.trialDays = secondsOf(price["recurring"]["trial_period_days"]);
  plan.active = price["active"].booleanOr(false);
  return plan;
}

sdk::Result<sdk::HttpRequest> buildPlanCreate(const sdk::PlanCreate& in, const sdk::Call& call) {
  return priceRequest(in, call, {});
}

sdk::Result<sdk::Plan> parsePlanCreate(const sdk::HttpResponse& response,
                                       const sdk::PlanCreate& in) {
  sdk::Result<sdk::Plan> plan = readOne(response, "price", planOf);
  if (plan && (plan->amount != in.amount || plan->currency != in.currency)) {
    return sdk::Error::badResponse("Stripe answered with another amount or currency");
  }
  return plan;
}

sdk::Step startPlanLookup(Lookup& lookup, const sdk::PlanCreate& in) {
  lookIn(lookup, "/v1/prices", "prices.list", in.operationId, foundAs<planOf>);
  sdk::FormEncoder filter;
  filter.addNested({"expand", "0"}, "data.product");
  return startLookup(lookup, std::move(filter), in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in) {
  auto path = objectPath("prices", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  sdk::FormEncoder query;
  query.addNested({"expand", "0"}, "product");
  return get(std::move(*path), query.take(), "prices.retrieve");
}

sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in) {
  return readOne(response, "price", planOf, in.providerId);
}

sdk::HttpRequest buildPlansList(const sdk::ListQuery& in) {
  sdk::FormEncoder query = listQuery(in);
  query.add("type", "recurring");
  query.addNested({"expand", "0"}, "data.product");
  return get("/v1/prices", query.take(), "prices.list");
}

// A price by tiers or fractions of a minor unit has no amount that a plan could have.
sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response) {
  return readPage(response, planOf, isPlan);
}

}  // namespace stripe
