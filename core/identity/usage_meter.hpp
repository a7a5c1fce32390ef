// Counts the API calls of organisations against their plans. Counts are kept in memory and written
// a second later at most, so that no call waits for the database: a process that is killed loses
// what it counted in that second.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "identity/plans.hpp"
#include "store/store.hpp"

namespace unigate::identity {

struct UsageMeterSettings {
  std::int64_t flushMs = 1'000;     // 0: only when told to
  std::int64_t flushCalls = 1'000;  // or as soon as that many wait
  // On the meter's thread: counts could not be written and are kept.
  std::function<void(const std::string& reason)> failed = {};
};

class UsageMeter {
 public:
  // All must outlive it. `reader` is for its own thread.
  UsageMeter(store::Store& store, std::unique_ptr<store::ReadSession> reader, const Plans& plans,
             const base::Clock& clock, UsageMeterSettings settings = {});
  // Writes what is counted.
  ~UsageMeter();
  UsageMeter(const UsageMeter&) = delete;
  UsageMeter& operator=(const UsageMeter&) = delete;

  // [any thread] Counts one call, or refuses it with "plan_limit_reached" and counts nothing.
  // `reader` is of the calling thread; it is asked when an organisation has been quiet for long.
  base::Status count(const std::string& orgId, const std::string& environment,
                     store::ReadSession& reader);
  // [any thread but a loop's] Writes what is counted, and sees what other processes counted and
  // which plans changed.
  void flush();
  // Calls that are counted and not written.
  std::int64_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::identity
