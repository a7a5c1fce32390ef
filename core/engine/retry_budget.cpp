#include "engine/retry_budget.hpp"

#include <algorithm>

namespace unigate::engine {

RetryBudget::RetryBudget(std::int32_t ratioPercent, std::int32_t burst)
    : earnedHundredths_(ratioPercent),
      hundredthsMax_(burst * kRetryHundredths),
      hundredths_(hundredthsMax_) {}

void RetryBudget::noteExecution() {
  std::int64_t had = hundredths_.load(std::memory_order_relaxed);
  while (had < hundredthsMax_ &&
         !hundredths_.compare_exchange_weak(had, std::min(had + earnedHundredths_, hundredthsMax_),
                                            std::memory_order_relaxed)) {
  }
}

bool RetryBudget::takeRetry() {
  std::int64_t had = hundredths_.load(std::memory_order_relaxed);
  while (had >= kRetryHundredths) {
    if (hundredths_.compare_exchange_weak(had, had - kRetryHundredths, std::memory_order_relaxed))
      return true;
  }
  return false;
}

}  // namespace unigate::engine
