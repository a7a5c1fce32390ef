// The lease under which a gateway process drives operations: it says at intervals in the database
// that it lives, and watches the others do so. Time is each process's own monotonic clock alone: a
// process is dead to an observer who has not seen its beat change for a lease's length, and has
// lost its own lease when its last durable beat is nearly that old. Owned by the Store.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/group_commit_writer.hpp"
#include "store/records.hpp"

namespace unigate::store {

class WorkerLease {
 public:
  static constexpr std::int64_t kBeatMs = 1'000;
  static constexpr std::int64_t kLeaseMs = 6'000;
  // How much earlier than others do a process thinks its own lease lost.
  static constexpr std::int64_t kMarginMs = 2'000;

  // `alone`: no other process can serve this database (it is locked), so all others are dead.
  // `logRetentionMonths`: see log_months.hpp, whose upkeep the lease's thread asks for.
  WorkerLease(std::string workerId, bool alone, std::int64_t logRetentionMonths,
              GroupCommitWriter& writer, const base::Clock& clock);
  // Says that it goes, if the writer still can, then ends its thread.
  ~WorkerLease();
  WorkerLease(const WorkerLease&) = delete;
  WorkerLease& operator=(const WorkerLease&) = delete;

  // Makes the first beat durable and reads the epoch; call before anything is driven. Blocks.
  base::Status begin();

  const std::string& workerId() const { return workerId_; }
  std::int64_t epoch() const { return epoch_; }
  // [any thread] Whether this process may still send for operations that it drives. False for good
  // when the database's epoch has changed under it: it was restored from a backup.
  bool held() const;
  // [any thread] The same, and that it was never lost since a moment of the monotonic clock: who
  // was stopped, lost the lease and has it again must not finish what he was about to send then.
  bool heldSince(std::int64_t monotonicUs) const;
  // [any thread] Whether another process that lives drives what has this owner.
  bool drivenElsewhere(const std::string& owner) const;
  // [any thread] How many others have gone or died since the start; grows when their work is to be
  // taken up.
  std::uint64_t othersGone() const { return othersGone_; }
  // [any thread] Why the lease can't be had again; empty when it can.
  std::string lostForGood() const;

 private:
  struct Seen {
    std::int64_t beat = -1;
    std::int64_t changedUs = 0;
    bool dead = false;
  };

  void serve();
  // [under the lock] Others that have not been seen alive for so long that nobody waits for them.
  std::vector<std::string> longDead() const;
  void note(std::int64_t beganUs, std::int64_t epoch,
            const std::map<std::string, std::int64_t>& beats);

  const std::string workerId_;
  const bool alone_;
  const std::int64_t logRetentionMonths_;
  GroupCommitWriter& writer_;
  const base::Clock& clock_;
  std::int64_t epoch_ = 0;
  std::atomic<std::int64_t> lastBeatUs_{0};
  std::atomic<std::int64_t> heldFromUs_{0};
  std::atomic<std::uint64_t> othersGone_{0};
  std::atomic<bool> epochChanged_{false};
  mutable std::mutex mutex_;
  std::map<std::string, Seen> others_;
  bool underWay_ = false;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace unigate::store
