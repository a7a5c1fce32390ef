// Time as a dependency: everything that needs it is handed a Clock, so that tests and simulations
// own it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unigate::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01 UTC. May jump; for what people and providers read.
  virtual std::int64_t unixMs() const = 0;
  // Microseconds since an arbitrary start; never goes back. For deadlines, leases and durations.
  virtual std::int64_t monotonicUs() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  std::int64_t unixMs() const override;
  std::int64_t monotonicUs() const override;
};

// A clock that stands still until a test moves it.
class ManualClock final : public Clock {
 public:
  std::int64_t unixMs() const override { return unixMs_; }
  std::int64_t monotonicUs() const override { return monotonicUs_; }
  void advanceMs(std::int64_t ms) {
    unixMs_ += ms;
    monotonicUs_ += ms * 1000;
  }
  void setUnixMs(std::int64_t ms) { unixMs_ = ms; }

 private:
  std::int64_t unixMs_ = 1'790'000'000'000;
  std::int64_t monotonicUs_ = 1'000'000;
};

// RFC 3339 in UTC with milliseconds: "2026-11-21T03:14:56.000Z".
std::string toRfc3339(std::int64_t unixMs);

// Unix milliseconds of an RFC 3339 time; empty when the text is none.
std::optional<std::int64_t> fromRfc3339(std::string_view text);

}  // namespace unigate::base
