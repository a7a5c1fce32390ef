// How many of a provider's calls may be retries: a bucket that each first execution fills a little
// and each retry empties by one, so that a provider in trouble isn't buried under repetitions. One
// for each provider, shared by all loops; the operation machine asks it before a retry on the
// client's time. Resends and queries of the resolver have their own pace and don't count.
#pragma once

#include <atomic>
#include <cstdint>

namespace unigate::engine {

class RetryBudget {
 public:
  static constexpr std::int32_t kRatioPercent = 10;
  static constexpr std::int32_t kBurst = 10;

  // `ratioPercent` of a retry is earned by each first execution, up to `burst` retries in store; it
  // starts full, so that the first failure of a quiet gateway may be retried.
  explicit RetryBudget(std::int32_t ratioPercent = kRatioPercent, std::int32_t burst = kBurst);

  // [any thread] A client's call goes to the provider for the first time.
  void noteExecution();
  // [any thread] Takes one retry; false: there is none.
  bool takeRetry();

 private:
  static constexpr std::int64_t kRetryHundredths = 100;

  const std::int64_t earnedHundredths_;
  const std::int64_t hundredthsMax_;
  std::atomic<std::int64_t> hundredths_;
};

}  // namespace unigate::engine
