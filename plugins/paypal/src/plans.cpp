// plans.create, .get and .list: billing plans (/v1/billing/plans). PayPal wants a product for each:
// without one in the input it is made first.
#include <array>
#include <utility>

#include "amounts.hpp"
#include "errors.hpp"
#include "listing.hpp"
#include "operations.hpp"

namespace paypal {

namespace {

constexpr std::int64_t kPageSizeMax = 20;
constexpr std::int64_t kMonthsOfQuarter = 3;

// How PayPal says an interval, and how many of them it takes at most.
struct Unit {
  std::string_view word;
  std::int64_t countMax;
};
constexpr std::array kUnits = {Unit{"DAY", 365}, Unit{"WEEK", 52}, Unit{"MONTH", 12},
                               Unit{"MONTH", 12}, Unit{"YEAR", 1}};

std::optional<sdk::Error> check(const sdk::PlanCreate& in) {
  const Unit& unit = kUnits[static_cast<std::size_t>(in.interval)];
  const std::int64_t factor = in.interval == sdk::Interval::Quarter ? kMonthsOfQuarter : 1;
  const std::int64_t count = in.intervalCount.value_or(1);
  if (count < 1 || count > unit.countMax / factor) {
    return sdk::Error::invalidRequest("interval_count", "PayPal takes 1 to " +
                                                            std::to_string(unit.countMax / factor) +
                                                            " as interval_count of this interval");
  }
  constexpr std::int64_t kTrialDaysMax = 365;
  if (in.trialDays && (*in.trialDays < 0 || *in.trialDays > kTrialDaysMax)) {
    return sdk::Error::invalidRequest("trial_days", "PayPal takes 0 to 365 as trial_days");
  }
  if (auto bad = tooLong("name", in.name.value_or(""), 127)) return bad;
  return tooLong("description", in.description.value_or(""), 127);
}

void writeCycle(json::Writer& out, std::string_view unit, std::int64_t count, bool trial,
                std::int64_t sequence, std::string_view decimal, const std::string& currency) {
  out.beginObject().key("frequency").beginObject();
  out.member("interval_unit", unit).member("interval_count", count).endObject();
  out.member("tenure_type", trial ? "TRIAL" : "REGULAR").member("sequence", sequence);
  // No total: the regular cycle goes on until somebody ends it.
  out.member("total_cycles", trial ? 1 : 0);
  out.key("pricing_scheme").beginObject();
  writeMoney(out, "fixed_price", decimal, currency);
  out.endObject().endObject();
}

std::optional<sdk::Interval> intervalOf(std::string_view word) {
  if (word == "DAY") return sdk::Interval::Day;
  if (word == "WEEK") return sdk::Interval::Week;
  if (word == "MONTH") return sdk::Interval::Month;
  if (word == "YEAR") return sdk::Interval::Year;
  return std::nullopt;
}

// Days of a free trial; empty where there is none, or one that is not counted in days.
std::optional<std::int64_t> trialDaysOf(json::View cycle) {
  const std::string_view unit = cycle["frequency"]["interval_unit"].stringOr("");
  const std::int64_t days = unit == "DAY" ? 1 : unit == "WEEK" ? 7 : 0;
  const std::int64_t count = cycle["frequency"]["interval_count"].int64Or(1);
  const std::int64_t cycles = cycle["total_cycles"].int64Or(1);
  constexpr std::int64_t kMax = 1000;
  if (days == 0 || count < 1 || count > kMax || cycles < 1 || cycles > kMax) return std::nullopt;
  return days * count * cycles;
}

// PayPal wants a name, which the payer reads: without one the price is the name.
// Only for an amount that PayPal takes.
std::string nameOf(const sdk::PlanCreate& in) {
  if (in.name && !in.name->empty()) return *in.name;
  std::string name = toPaypal(in.amount, in.currency).value() + " " + in.currency + " per ";
  if (in.intervalCount.value_or(1) > 1) name += std::to_string(*in.intervalCount) + " ";
  name += sdk::wordOf(in.interval);
  if (in.intervalCount.value_or(1) > 1) name += "s";
  return name;
}

}  // namespace

std::int64_t regularSequenceOf(json::View plan) {
  for (const json::View cycle : plan["billing_cycles"].items()) {
    if (cycle["tenure_type"].stringOr("") == "REGULAR") return cycle["sequence"].int64Or(0);
  }
  return 0;
}

sdk::Result<sdk::Plan> planOf(json::View object, bool live) {
  sdk::Plan plan;
  plan.providerId = std::string(object["id"].stringOr(""));
  if (plan.providerId.empty()) return sdk::Error::badResponse("PayPal's plan has no id");
  bool priced = false;
  for (const json::View cycle : object["billing_cycles"].items()) {
    if (cycle["tenure_type"].stringOr("") == "TRIAL" && !plan.trialDays) {
      plan.trialDays = trialDaysOf(cycle);
    }
    if (cycle["tenure_type"].stringOr("") != "REGULAR") continue;
    const auto money = moneyOf(cycle["pricing_scheme"]["fixed_price"]);
    const auto interval = intervalOf(cycle["frequency"]["interval_unit"].stringOr(""));
    const std::int64_t count = cycle["frequency"]["interval_count"].int64Or(1);
    if (!money || !interval || money->amount < 0 || count < 1) continue;
    plan.amount = money->amount;
    plan.currency = money->currency;
    plan.interval = *interval;
    plan.intervalCount = count;
    priced = true;
  }
  if (!priced) {
    return sdk::Error::badResponse("PayPal's plan " + plan.providerId +
                                   " has no fixed price, which is all that can be shown");
  }
  plan.productProviderId = textOf(object["product_id"]);
  plan.name = textOf(object["name"]);
  plan.active = object["status"].stringOr("") == "ACTIVE";
  plan.livemode = live;
  plan.createdUnixS = timeOrZero(object["create_time"]);
  return plan;
}

sdk::Result<std::string> planBody(const sdk::PlanCreate& in, std::string_view productId) {
  if (auto bad = check(in)) return std::move(*bad);
  const auto price = toPaypal(in.amount, in.currency);
  const auto nothing = toPaypal(0, in.currency);
  if (!price) return price.error();
  if (!nothing) return nothing.error();
  const std::int64_t factor = in.interval == sdk::Interval::Quarter ? kMonthsOfQuarter : 1;
  const bool trial = in.trialDays.value_or(0) > 0;
  json::Writer out;
  out.beginObject().member("product_id", productId).member("name", nameOf(in));
  memberIf(out, "description", in.description);
  out.member("status", "ACTIVE").key("billing_cycles").beginArray();
  if (trial) writeCycle(out, "DAY", *in.trialDays, true, 1, *nothing, in.currency);
  writeCycle(out, kUnits[static_cast<std::size_t>(in.interval)].word,
             in.intervalCount.value_or(1) * factor, false, trial ? 2 : 1, *price, in.currency);
  out.endArray().key("payment_preferences").beginObject();
  out.member("auto_bill_outstanding", true).endObject();
  // So that a subscription may be for several at this price each.
  out.member("quantity_supported", true).endObject();
  return out.take();
}

sdk::Step startPlanCreate(PlanCreating& state, const sdk::PlanCreate& in, const sdk::Call& call) {
  state.input = in;
  if (in.productProviderId) {
    if (auto path = objectPath("", *in.productProviderId, "product_provider_id"); !path) {
      return std::move(path).error();
    }
    auto body = planBody(in, *in.productProviderId);
    if (!body) return std::move(body).error();
    return post("/v1/billing/plans", std::move(*body), call.idempotencyKey + "-b", "plans.create");
  }
  if (const auto body = planBody(in, "PROD-1"); !body) return body.error();
  sdk::ProductCreate product;
  product.name = nameOf(in);
  product.operationId = in.operationId;
  auto body = productBody(product);
  if (!body) return std::move(body).error();
  state.makesProduct = true;
  return post("/v1/catalogs/products", std::move(*body), call.idempotencyKey + "-a",
              "products.create");
}

sdk::Step nextPlanCreate(PlanCreating& state, const sdk::HttpResponse& response,
                         const sdk::Call& call) {
  if (state.makesProduct) {
    state.makesProduct = false;
    std::string productId = state.input.operationId;
    sdk::Result<sdk::Product> product = readOne<sdk::Product>(response, call, {}, productOf);
    // A product with this operation's id is its own: made by an earlier attempt.
    const bool made = !product && canBeProductId(productId) &&
                      product.error().providerCode == "DUPLICATE_RESOURCE_IDENTIFIER";
    if (!product && !made) return std::move(product).error();
    if (product) productId = product->providerId;
    auto body = planBody(state.input, productId);
    if (!body) return std::move(body).error();
    return post("/v1/billing/plans", std::move(*body), call.idempotencyKey + "-b", "plans.create");
  }
  sdk::Result<sdk::Plan> plan = readOne<sdk::Plan>(response, call, {}, planOf);
  if (plan && (plan->amount != state.input.amount || plan->currency != state.input.currency)) {
    return sdk::Error::badResponse("PayPal answered with another price");
  }
  return plan;
}

// Plans bear no mark of ours, yet a product that was made for one does: its only plan is the one.
sdk::Result<sdk::HttpRequest> askPlanCreate(const sdk::PlanCreate& in) {
  const std::string product = in.productProviderId.value_or(in.operationId);
  if (!canBeProductId(product)) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "this operation's plan can't be looked up at PayPal");
  }
  sdk::FormEncoder query;
  query.add("product_id", product).add("page_size", kPageSizeMax).add("page", 1);
  query.add("total_required", true);
  sdk::HttpRequest request = get("/v1/billing/plans", query.take(), "plans.list");
  request.headers.push_back({"Prefer", "return=representation"});
  return request;
}

sdk::Step judgePlanCreate(const sdk::HttpResponse& response, const sdk::PlanCreate& in,
                          const sdk::Call& call) {
  constexpr std::int64_t kClockMarginS = 600;
  if (const auto price = toPaypal(in.amount, in.currency); !price) return price.error();
  if (response.status() == 404 && !in.productProviderId &&
      errorOf(response, call).category == sdk::Category::NotFound) {
    return sdk::Error::neverHappened("PayPal has no product of this operation");
  }
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  if (!document["plans"].isArray() || document["total_pages"].int64Or(1) > 1) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "the product has too many plans at PayPal to find this one");
  }
  std::optional<sdk::Plan> found;
  for (const json::View object : document["plans"].items()) {
    sdk::Result<sdk::Plan> plan = planOf(object, call.live);
    if (!plan || plan->name != nameOf(in) || plan->amount != in.amount ||
        plan->currency != in.currency) {
      continue;
    }
    if (plan->createdUnixS < in.operationCreatedUnixS.value_or(0) - kClockMarginS) continue;
    if (found) {
      return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                                 "PayPal has several plans just like this one");
    }
    found = std::move(*plan);
  }
  if (!found) return sdk::Error::neverHappened("PayPal has no plan of this operation");
  return sdk::done(*found);
}

sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v1/billing/plans", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "plans.get");
}

sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                                    const sdk::Call& call) {
  return readOne<sdk::Plan>(response, call, in.providerId, planOf);
}

sdk::Result<sdk::HttpRequest> buildPlansList(const sdk::ListQuery& in) {
  auto query = pageQuery(in, kPageSizeMax);
  if (!query) return std::move(query).error();
  sdk::HttpRequest request = get("/v1/billing/plans", query->take(), "plans.list");
  // Without it the plans have no prices.
  request.headers.push_back({"Prefer", "return=representation"});
  return request;
}

sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response,
                                                 const sdk::ListQuery& in, const sdk::Call& call) {
  return readPage<sdk::Plan>(response, call, "plans", in, planOf);
}

}  // namespace paypal
