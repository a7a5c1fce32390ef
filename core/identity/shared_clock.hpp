// For the tests of this folder.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace unigate::identity::testing {

// A clock that the test moves while the store's writer reads it.
class SharedClock final : public base::Clock {
 public:
  std::int64_t unixMs() const override { return 1'790'000'000'000 + passedMs_; }
  std::int64_t monotonicUs() const override { return 1'000'000 + passedMs_ * 1'000; }
  void advanceMs(std::int64_t ms) { passedMs_ += ms; }

 private:
  std::atomic<std::int64_t> passedMs_{0};
};

}  // namespace unigate::identity::testing
