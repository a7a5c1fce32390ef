// Upkeep of transaction_logs: on PostgreSQL the partitions of this month and the next, on both
// engines the end of what is kept. Run at the start and every hour by the lease's thread.
#pragma once

#include <cstdint>
#include <memory>

#include "store/group_commit_writer.hpp"
#include "store/months.hpp"

namespace unigate::store {

// `retentionMonths`: whole months before the current one that are kept; 0: all.
std::unique_ptr<WriteJob> makeLogUpkeep(std::int64_t retentionMonths);

}  // namespace unigate::store
