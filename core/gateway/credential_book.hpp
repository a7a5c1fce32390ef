// How credentials fare in this process while an account has two sets of them: which the provider
// refuses, so that calls begin with the one that works. Shared by all loops; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "telemetry/logger.hpp"

namespace unigate::gateway {

class CredentialBook;

// Of one account. A provider's 401 proves that nothing was done, so the same request may go out
// again with the other set.
class CredentialUse {
 public:
  CredentialUse(CredentialBook& book, std::string accountId, std::string provider,
                std::string environment);

  // Whether the newest were refused a moment ago: then a call begins with the previous ones.
  bool beginsWithPrevious(std::int64_t nowMs) const;
  // The provider answered 401 to one of the sets, and the other is tried.
  void refused(bool previous, std::int64_t nowMs);
  // The provider took them.
  void worked(bool previous);

  // "newest" or "previous", as the last calls showed; empty when none has told.
  std::string working() const;

 private:
  enum class Seen { nothing, newest, previous };

  CredentialBook& book_;
  const std::string accountId_;
  const std::string provider_;
  const std::string environment_;
  std::atomic<std::int64_t> newestRefusedAtMs_{0};
  std::atomic<std::int64_t> toldAtMs_{0};
  std::atomic<Seen> seen_{Seen::nothing};
};

class CredentialBook {
 public:
  // `log` must outlive it.
  explicit CredentialBook(telemetry::Logger& log) : log_(log) {}
  CredentialBook(const CredentialBook&) = delete;
  CredentialBook& operator=(const CredentialBook&) = delete;

  std::shared_ptr<CredentialUse> of(const std::string& accountId, const std::string& provider,
                                    const std::string& environment);
  // What was seen of an account, without making it; empty as above.
  std::string working(const std::string& accountId) const;

  // The credentials or features of an account were changed: what was seen of it is forgotten, and
  // every loop reads accounts afresh.
  void changed(const std::string& accountId);
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // Calls that went on with the other set.
  std::uint64_t fallbacks() const { return fallbacks_.load(std::memory_order_relaxed); }

 private:
  friend class CredentialUse;

  telemetry::Logger& log_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::uint64_t> fallbacks_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<CredentialUse>> uses_;  // guarded by mutex_
};

}  // namespace unigate::gateway
