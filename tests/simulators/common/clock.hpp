// The simulated time: the real one plus what a test has advanced it by. Providers take every time
// from here; it may be read from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace simulators {

class SimClock {
 public:
  std::int64_t nowMs() const {
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    const auto real = std::chrono::duration_cast<std::chrono::milliseconds>(sinceEpoch).count();
    return real + offsetMs_.load(std::memory_order_relaxed);
  }
  std::int64_t offsetMs() const { return offsetMs_.load(std::memory_order_relaxed); }
  void setOffsetMs(std::int64_t offset) { offsetMs_.store(offset, std::memory_order_relaxed); }
  void advance(std::int64_t ms) { offsetMs_.fetch_add(ms, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> offsetMs_{0};
};

}  // namespace simulators
