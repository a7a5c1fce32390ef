// /api/usage: the organisation's plan, what it has used of it this month, and the months before.
#include "store/usage.hpp"

#include <algorithm>
#include <charconv>

#include "base/clock.hpp"
#include "identity/plans.hpp"
#include "identity/usage_meter.hpp"
#include "rest/management.hpp"

namespace unigate::rest {

namespace {

constexpr std::int64_t kMonthsDefault = 3;
constexpr std::int64_t kMonthsMax = 24;

// "2026-09"
std::string monthName(std::int64_t month) {
  return base::toRfc3339(store::startOfMonthMs(month)).substr(0, 7);
}

base::Result<std::int64_t> monthsAsked(const Call& call) {
  const auto text = call.queryValue("months");
  if (!text) return kMonthsDefault;
  std::int64_t months = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, months);
  if (error != std::errc() || stop != end || months < 1 || months > kMonthsMax) {
    return base::fail(400, "invalid_request",
                      "months must be a whole number from 1 to " + std::to_string(kMonthsMax) + ".",
                      "months");
  }
  return months;
}

void limitAndRest(json::Writer& out, const std::optional<std::int64_t>& limit, std::int64_t used) {
  if (limit) {
    out.member("limit", *limit).member("remaining", std::max<std::int64_t>(0, *limit - used));
  } else {
    out.key("limit").null().key("remaining").null();
  }
}

struct Calls {
  std::int64_t test = 0;
  std::int64_t live = 0;
  std::int64_t all() const { return test + live; }
};

Calls callsOf(const std::vector<store::UsageRow>& rows, std::int64_t month) {
  Calls calls;
  for (const store::UsageRow& row : rows) {
    if (row.month == month) (row.environment == "live" ? calls.live : calls.test) += row.calls;
  }
  return calls;
}

base::Result<ManagementReply> showUsage(const ManagementCall& management) {
  const auto months = monthsAsked(management.call);
  if (!months) return base::fail(months.error());
  const identity::Plans& plans = management.shared.plans;
  const std::int64_t now = store::monthOf(management.shared.clock.unixMs());
  // What this process has counted is in it; what another counted in the last second may not be.
  management.shared.meter.flush();
  const auto stored = store::planOf(management.reader, management.orgId());
  if (!stored) return base::fail(stored.error());
  const auto rows = store::usageOf(management.reader, management.orgId(), now - *months + 1, now);
  if (!rows) return base::fail(rows.error());
  const auto services = store::servicesOf(management.reader, management.orgId());
  if (!services) return base::fail(services.error());

  const std::string& name = plans.nameOf(*stored);
  const identity::Plan& plan = plans.find(name);
  const Calls calls = callsOf(*rows, now);
  const auto connected = static_cast<std::int64_t>(services->size());
  json::Writer out;
  out.beginObject().member("object", "usage").key("plan");
  if (name.empty()) {
    out.null();
  } else {
    out.value(name);
  }
  out.member("month", monthName(now))
      .member("renews_at", base::toRfc3339(store::startOfMonthMs(now + 1)))
      .key("calls")
      .beginObject()
      .member("used", calls.all())
      .member("test", calls.test)
      .member("live", calls.live);
  limitAndRest(out, plan.callsPerMonth, calls.all());
  out.endObject().key("services").beginObject().member("used", connected);
  limitAndRest(out, plan.services, connected);
  out.endObject().key("months").beginArray();
  for (std::int64_t month = now; month > now - *months; --month) {
    const Calls each = callsOf(*rows, month);
    out.beginObject()
        .member("month", monthName(month))
        .member("used", each.all())
        .member("test", each.test)
        .member("live", each.live)
        .endObject();
  }
  out.endArray().endObject();
  return ManagementReply{200, out.take()};
}

}  // namespace

void addUsageRoutes(std::vector<Route>& routes) {
  routes.push_back(
      managed("GET", "/api/usage", "usage", "read", Route::Body::none, {"months"}, showUsage));
}

}  // namespace unigate::rest
