// Plans of organisations and their counted API calls. For the usage meter, management routes and
// the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/months.hpp"
#include "store/store.hpp"

namespace unigate::store {

struct UsageRow {
  std::string orgId;
  std::string environment;
  std::int64_t month = 0;
  std::int64_t calls = 0;
};

// Adds to what is counted, all in one transaction. Rows of organisations that are gone are left
// out. A retryable 503 while another process has one of the rows; then nothing is added.
base::Status addUsage(Store& store, const std::vector<UsageRow>& calls);
// An organisation's rows of the months [from, to], the newest first.
base::Result<std::vector<UsageRow>> usageOf(ReadSession& reader, const std::string& orgId,
                                            std::int64_t fromMonth, std::int64_t toMonth);

// Empty: the default plan.
base::Result<std::string> planOf(ReadSession& reader, const std::string& orgId);
// With an audit row. 404 when there is no such organisation.
base::Status setPlan(Store& store, const std::string& orgId, const std::string& plan);

// Providers that the organisation has credentials of, in either environment.
base::Result<std::vector<std::string>> servicesOf(ReadSession& reader, const std::string& orgId);

}  // namespace unigate::store
