// Rate limits by GCRA (the "generic cell rate algorithm"): a bucket that refills evenly at so many
// requests a minute, one number of state for each key. The REST layer asks it once for each
// request.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace unigate::identity {

struct RateDecision {
  bool allowed = true;
  std::int64_t limit = 0;              // requests that a full bucket allows at once
  std::int64_t remaining = 0;          // of them, now
  std::int64_t resetSeconds = 0;       // until the bucket is full again, rounded up
  std::int64_t retryAfterSeconds = 0;  // when refused: until one is allowed, rounded up, at least 1
};

// One allowance that a request takes from.
struct RateAsk {
  std::string key;
  std::int64_t perMinute = 1;  // at least 1
  std::int64_t burst = 0;      // 0: the rate, a whole minute's at once
};

// What became of a request that takes from several allowances: all or nothing.
struct RateVerdict {
  std::vector<RateDecision> decisions;  // as many as were asked, in order
  std::optional<std::size_t> refused;   // the first that refuses
};

// In-process, sharded, any thread. Memory is bounded: keys whose bucket is full are forgotten.
class RateLimiter {
 public:
  // `clock` must outlive it.
  explicit RateLimiter(const base::Clock& clock);
  ~RateLimiter();
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Takes one request of `key`'s allowance. `ratePerMinute` is at least 1; `burst` 0 means
  // the rate: a whole minute's at once.
  RateDecision take(std::string_view key, std::int64_t ratePerMinute, std::int64_t burst = 0);
  // Takes one request of each allowance, or of none when one refuses.
  RateVerdict takeAll(const std::vector<RateAsk>& asks);
  // Undoes a takeAll() that was not refused.
  void giveBack(const std::vector<RateAsk>& asks);
  // Keys held now.
  std::size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::identity
