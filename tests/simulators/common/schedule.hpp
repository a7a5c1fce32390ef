// What a provider does by itself as simulated time goes by: payouts that get processed,
// subscriptions that get charged.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace simulators {

class Schedule {
 public:
  // Called with the time it was due at, so that a late call has the same result as a punctual one.
  using Action = std::function<void(std::int64_t dueMs)>;

  void add(std::int64_t dueMs, Action action) { actions_.emplace(dueMs, std::move(action)); }

  // Carries out in order what is due by then, also what the actions themselves add. Returns how
  // many there were.
  std::size_t run(std::int64_t nowMs) {
    std::size_t count = 0;
    while (!actions_.empty() && actions_.begin()->first <= nowMs) {
      auto node = actions_.extract(actions_.begin());
      node.mapped()(node.key());
      ++count;
    }
    return count;
  }
  std::optional<std::int64_t> nextMs() const {
    if (actions_.empty()) return std::nullopt;
    return actions_.begin()->first;
  }
  void clear() { actions_.clear(); }

 private:
  std::multimap<std::int64_t, Action> actions_;
};

}  // namespace simulators
