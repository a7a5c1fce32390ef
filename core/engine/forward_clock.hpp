// The clock by which a process judges the age of an operation: the wall clock, but never back and
// never slower than the monotonic clock. A wall clock that is set back must not make a provider's
// key look younger than it is, nor put off what the resolver has to do; the monotonic clock alone
// would miss the time that a machine was suspended. One for each process; the gateway hands it to
// every Operation, to the resolver and to the store.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace unigate::engine {

class ForwardClock final : public base::Clock {
 public:
  // `clock` must outlive this.
  explicit ForwardClock(const base::Clock& clock) : clock_(clock), aheadUs_(wallAheadUs()) {}

  // [any thread] The wall clock, or what it would show had it not been set back since this was
  // made.
  std::int64_t unixMs() const override {
    const std::int64_t ahead = wallAheadUs();
    std::int64_t most = aheadUs_.load(std::memory_order_relaxed);
    while (most < ahead &&
           !aheadUs_.compare_exchange_weak(most, ahead, std::memory_order_relaxed)) {
    }
    return (clock_.monotonicUs() + std::max(most, ahead)) / 1'000;
  }
  // [any thread]
  std::int64_t monotonicUs() const override { return clock_.monotonicUs(); }

 private:
  std::int64_t wallAheadUs() const { return clock_.unixMs() * 1'000 - clock_.monotonicUs(); }

  const base::Clock& clock_;
  mutable std::atomic<std::int64_t>
      aheadUs_;  // most that the wall was ahead of the monotonic clock
};

}  // namespace unigate::engine
