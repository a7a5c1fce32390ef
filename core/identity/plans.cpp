#include "identity/plans.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "store/usage.hpp"

namespace unigate::identity {

const std::string& Plans::nameOf(const std::string& stored) const {
  return table_.count(stored) > 0 ? stored : defaultName_;
}

const Plan& Plans::find(const std::string& name) const {
  const auto found = table_.find(name);
  return found == table_.end() ? unlimited_ : found->second;
}

base::Problem planLimitReached(const std::string& plan, const char* what, std::int64_t limit,
                               std::int64_t nowMs, std::int64_t renewsAtMs) {
  const bool renews = renewsAtMs > 0;
  const std::string many = std::to_string(limit);
  const std::string detail =
      renews ? "The plan \"" + plan + "\" has " + many + " calls a month, and they are used up; " +
                   "they renew at " + base::toRfc3339(renewsAtMs) + ". Nothing was done."
             : "The plan \"" + plan + "\" has room for " + many +
                   (limit == 1 ? " service" : " services") +
                   ", and that is taken. Disconnect one, or change the plan.";
  base::Problem problem{renews ? 429 : 403, "plan_limit_reached", detail, "", false, 0, {}};
  if (renews)
    problem.retryAfterSeconds = std::max<std::int64_t>(1, (renewsAtMs - nowMs + 999) / 1000);
  problem.members = {{"plan", "\"" + plan + "\""},
                     {"limit", "\"" + std::string(what) + "\""},
                     {"limit_value", many}};
  if (renews) problem.members.emplace_back("renews_at", "\"" + base::toRfc3339(renewsAtMs) + "\"");
  return problem;
}

base::Status planAllowsAnotherService(store::ReadSession& reader, const Plans& plans,
                                      const std::string& orgId, const std::string& provider) {
  if (plans.empty()) return {};
  const auto stored = store::planOf(reader, orgId);
  if (!stored) return base::fail(stored.error());
  const std::string& name = plans.nameOf(*stored);
  const Plan& plan = plans.find(name);
  if (!plan.services) return {};
  const auto services = store::servicesOf(reader, orgId);
  if (!services) return base::fail(services.error());
  if (std::find(services->begin(), services->end(), provider) != services->end()) return {};
  if (static_cast<std::int64_t>(services->size()) < *plan.services) return {};
  return base::fail(planLimitReached(name, "services", *plan.services, 0, 0));
}

}  // namespace unigate::identity
