// Rate limits that several gateway processes share through Redis. The local limiter is asked first
// and decides alone whenever Redis is away; a thread of its own talks to Redis, so that no event
// loop ever waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "identity/rate_limiter.hpp"

namespace unigate::identity {

struct SharedLimiterSettings {
  std::string url;                    // "redis://[:PASSWORD@]HOST[:PORT][/DATABASE]"
  std::int64_t answerTimeoutMs = 50;  // then Redis is taken to be away
  std::int64_t connectTimeoutMs = 250;
  std::int64_t retryMs = 500;       // between attempts to reach it again
  std::size_t waitingMax = 10'000;  // more are decided locally
  // Redis has come or gone; on the limiter's thread. `reason` says why it has gone.
  std::function<void(bool there, const std::string& reason)> changed = {};
};

// Relaxed, for metrics.
struct SharedLimiterCounters {
  std::atomic<std::uint64_t> decisions{0};       // by Redis
  std::atomic<std::uint64_t> localDecisions{0};  // while it was away, or too slow
  std::atomic<std::uint64_t> failures{0};        // connections lost
};

class SharedLimiter {
 public:
  using Done = std::function<void(RateVerdict)>;

  // Fails only for a URL that can't be read; Redis may be away. `local` must outlive it.
  static base::Result<std::unique_ptr<SharedLimiter>> start(RateLimiter& local,
                                                            SharedLimiterSettings settings);
  // Answers what waits, then stops.
  ~SharedLimiter();
  SharedLimiter(const SharedLimiter&) = delete;
  SharedLimiter& operator=(const SharedLimiter&) = delete;

  // [any thread] Takes one request of each allowance, or of none. Decides at once where it can;
  // else `done` is called on the limiter's thread, within two timeouts.
  std::optional<RateVerdict> take(std::vector<RateAsk> asks, Done done);

  // [any thread] Whether Redis decides now.
  bool there() const;
  const SharedLimiterCounters& counters() const;

 private:
  struct Impl;
  explicit SharedLimiter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::identity
