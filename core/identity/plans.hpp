// What organisations have agreed to: the operator's table of plans, and what a plan allows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace unigate::identity {

struct Plan {
  std::optional<std::int64_t> callsPerMonth;  // empty: unlimited
  std::optional<std::int64_t> services;
};

class Plans {
 public:
  // Without plans, and for organisations without one where no default is named, nothing is
  // limited. `defaultName` is empty or in the table.
  Plans() = default;
  Plans(std::map<std::string, Plan> table, std::string defaultName)
      : table_(std::move(table)), defaultName_(std::move(defaultName)) {}

  bool empty() const { return table_.empty(); }
  const std::map<std::string, Plan>& table() const { return table_; }
  // The name that counts for an organisation whose stored plan this is; a plan that is not in the
  // table any more counts as the default. Empty: unlimited.
  const std::string& nameOf(const std::string& stored) const;
  const Plan& find(const std::string& name) const;

 private:
  std::map<std::string, Plan> table_;
  std::string defaultName_;
  Plan unlimited_;
};

// A problem with code "plan_limit_reached" when one more provider's credentials would be more than
// the organisation's plan allows. A provider that it has already, in either environment, is none
// more. Blocking; not for event loops.
base::Status planAllowsAnotherService(store::ReadSession& reader, const Plans& plans,
                                      const std::string& orgId, const std::string& provider);

// The problem of a limit that a plan sets: `what` is "calls_per_month" or "services"; `renewsAtMs`
// 0: never.
base::Problem planLimitReached(const std::string& plan, const char* what, std::int64_t limit,
                               std::int64_t nowMs, std::int64_t renewsAtMs);

}  // namespace unigate::identity
