// Looks every hour for credentials that end within two weeks: a metric counts them, and the log has
// a line for each, once. On a thread of its own, for `serve`.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "store/store.hpp"
#include "telemetry/logger.hpp"

namespace unigate::app {

class ExpiryWatch {
 public:
  ExpiryWatch(std::unique_ptr<store::ReadSession> reader, const base::Clock& clock,
              telemetry::Logger& log);
  ~ExpiryWatch();
  ExpiryWatch(const ExpiryWatch&) = delete;
  ExpiryWatch& operator=(const ExpiryWatch&) = delete;

  // [any thread] As the last look found them.
  std::int64_t expiring() const { return expiring_.load(); }
  std::int64_t expired() const { return expired_.load(); }

 private:
  void serve();
  void look();

  std::unique_ptr<store::ReadSession> reader_;
  const base::Clock& clock_;
  telemetry::Logger& log_;
  std::atomic<std::int64_t> expiring_{0};
  std::atomic<std::int64_t> expired_{0};
  std::set<std::string> told_;  // account, end and alarm
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace unigate::app
