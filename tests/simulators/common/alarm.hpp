// Wakes a provider when simulated time reaches what it has planned next.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "common/clock.hpp"
#include "common/http_server.hpp"

namespace simulators {

class Alarm {
 public:
  Alarm(HttpServer& server, const SimClock& clock, std::function<void()> wake)
      : server_(server), clock_(clock), wake_(std::move(wake)) {}

  // The simulated time to wake at, if any; an earlier wake-up that is set already stays.
  void set(std::optional<std::int64_t> nextMs) {
    const auto now = clock_.nowMs();
    if (!nextMs || (dueMs_ > now && dueMs_ <= *nextMs)) return;
    const auto pause = std::clamp<std::int64_t>(*nextMs - now, 1, kPauseMaxMs);
    dueMs_ = now + pause;
    server_.after(std::chrono::milliseconds(pause), [this, due = dueMs_] {
      if (dueMs_ == due) dueMs_ = 0;
      wake_();
    });
  }

 private:
  static constexpr std::int64_t kPauseMaxMs = 60 * 60 * 1000;

  HttpServer& server_;
  const SimClock& clock_;
  std::function<void()> wake_;
  std::int64_t dueMs_ = 0;  // 0: none is set
};

}  // namespace simulators
