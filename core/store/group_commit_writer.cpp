#include "store/group_commit_writer.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

namespace unigate::store {

namespace {

using Jobs = std::vector<std::unique_ptr<WriteJob>>;
using Failure = WriteTransactions::Failure;

// Between attempts while another process writes (the engine waits by itself, too) or nothing can be
// written.
constexpr auto kBusyPause = std::chrono::milliseconds(10);
// How long another process may write before that is told as trouble.
constexpr std::int64_t kBusyTroubleUs = 500'000;
constexpr auto kRefusedPause = std::chrono::milliseconds(100);
// How long the owners of a commit that was not answered wait for word of it.
constexpr std::int64_t kLostCommitWaitMs = 15'000;
constexpr std::int64_t kReconnectMinMs = 50;
constexpr std::int64_t kReconnectMaxMs = 2'000;

// What may go by itself: nothing happened, and a patient job is tried again.
bool mayHeal(Failure failure) {
  return failure == Failure::busy || failure == Failure::refused || failure == Failure::lost;
}

// Without the driver's words: they name the server's address, and /ready answers anybody.
constexpr const char* kOutOfReach = "the database can't be reached";

base::Problem problemOf(Failure failure, const std::string& reason) {
  switch (failure) {
    case Failure::busy:
      return {503, "store_busy", "the database is busy; try again", {}, true, 1, {}};
    case Failure::refused:
      return {503, "store_full", "the database takes no writes: " + reason, {}, true, 30, {}};
    case Failure::lost:
      return {503, "store_unavailable", kOutOfReach, {}, true, 2, {}};
    case Failure::unknown:
    case Failure::fatal:
      return {503, "store_failed", "the database failed", {}, true, 30, {}};
    case Failure::job:
      break;
  }
  return {500, "store_refused", "the database refused the write: " + reason, {}, false, 0, {}};
}

}  // namespace

struct GroupCommitWriter::Impl {
  std::unique_ptr<WriteTransactions> transactions;
  WriterSettings settings;
  const base::Clock& clock;
  WriterCounters counters;

  mutable std::mutex mutex;
  std::condition_variable wake;
  Jobs waiting;
  bool asleep = false;
  bool stopping = false;
  std::string unhealthy;            // why nothing is taken any more
  std::string trouble;              // why the last commit failed; empty when it did not
  std::atomic<bool> healthy{true};  // false for good
  std::atomic<bool> reached{true};  // false while the connection is sought
  std::atomic<bool> troubled{false};
  std::atomic<std::size_t> queued{0};
  std::int64_t busySinceUs = 0;  // of the writer's thread: another holds the database since; 0: not
  std::thread thread;

  Impl(std::unique_ptr<WriteTransactions> theTransactions, WriterSettings theSettings,
       const base::Clock& theClock)
      : transactions(std::move(theTransactions)),
        settings(std::move(theSettings)),
        clock(theClock) {}

  void stopAccepting(std::string reason) {
    const std::lock_guard lock(mutex);
    if (unhealthy.empty()) unhealthy = std::move(reason);
    healthy = false;
  }

  // `isUnhealthy`: what is yet to be begun is refused meanwhile.
  void setTrouble(std::string reason, bool isUnhealthy = true) {
    const std::lock_guard lock(mutex);
    trouble = std::move(reason);
    troubled = !trouble.empty() && isUnhealthy;
  }

  // Seeks the lost connection once. Returns whether it is there; else until the next try passes
  // `pauseMs`, which grows.
  bool seek(std::int64_t& pauseMs) {
    try {
      transactions->begin();
      transactions->rollback();
      setTrouble({});
      reached = true;
    } catch (...) {
      std::string reason;
      transactions->classify(reason);
      transactions->rollback();
      setTrouble(kOutOfReach);
      pauseMs = std::min(pauseMs * 2, kReconnectMaxMs);
    }
    return reached;
  }

  void serve() {
    Jobs taken;
    auto pause = std::chrono::milliseconds(0);
    std::int64_t reconnectMs = kReconnectMinMs;
    for (;;) {
      if (pause.count() > 0) {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, pause, [this] { return stopping; });
      }
      pause = {};
      {
        std::unique_lock lock(mutex);
        asleep = true;
        if (reached) {
          wake.wait(lock, [this] { return stopping || !waiting.empty(); });
        } else {
          wake.wait_for(lock, std::chrono::milliseconds(reconnectMs), [this] { return stopping; });
        }
        asleep = false;
        if (stopping && waiting.empty()) return;
        std::swap(taken, waiting);
      }
      if (!reached && !seek(reconnectMs)) {
        putBack(refuseImpatient(std::move(taken), Failure::lost, {}));
      } else {
        pause = commitAll(taken);
        if (reached) reconnectMs = kReconnectMinMs;
      }
      taken.clear();
    }
  }

  // Where the batch ends that begins at `from`. Where several processes write, what belongs to no
  // tenant (management, usage, leases) is in batches of its own: a lock that it waits for is not to
  // hold up payments.
  std::size_t batchEnd(const Jobs& taken, std::size_t from) const {
    const auto most = std::min(taken.size(), from + settings.batchMax);
    if (!transactions->isShared() || !taken[from]->tenant.empty()) return most;
    const auto end = std::find_if(taken.begin() + static_cast<std::ptrdiff_t>(from),
                                  taken.begin() + static_cast<std::ptrdiff_t>(most),
                                  [](const auto& job) { return !job->tenant.empty(); });
    return static_cast<std::size_t>(end - taken.begin());
  }

  static void append(Jobs& jobs, Jobs::iterator first, Jobs::iterator last) {
    jobs.insert(jobs.end(), std::make_move_iterator(first), std::make_move_iterator(last));
  }

  // Commits in batches. When the database can't be written now, those that may wait go back to the
  // head of the queue, and the time until they are tried again is returned; else 0.
  std::chrono::milliseconds commitAll(Jobs& taken) {
    if (transactions->isShared()) {
      std::stable_partition(taken.begin(), taken.end(),
                            [](const auto& job) { return job->tenant.empty(); });
    }
    Jobs heldUp;
    std::string why;
    for (std::size_t from = 0, to = 0; from < taken.size(); from = to) {
      to = batchEnd(taken, from);
      const auto begin = taken.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end = taken.begin() + static_cast<std::ptrdiff_t>(to);
      const bool ofTenants = !(*begin)->tenant.empty();
      Jobs batch;
      append(batch, begin, end);
      if (transactions->isShared()) {
        std::stable_sort(batch.begin(), batch.end(), [](const auto& left, const auto& right) {
          return std::tie(left->tenant, left->order) < std::tie(right->tenant, right->order);
        });
      }
      std::string reason;
      const auto failure = commitBatch(batch, reason);
      if (!mayHeal(failure)) continue;
      append(heldUp, batch.begin(), batch.end());
      why = reason;
      if (failure == Failure::busy && transactions->isShared() && !ofTenants) continue;
      append(heldUp, end, taken.end());
      putBack(refuseImpatient(std::move(heldUp), failure, why));
      return failure == Failure::busy ? kBusyPause : kRefusedPause;
    }
    if (heldUp.empty()) return std::chrono::milliseconds(0);
    putBack(refuseImpatient(std::move(heldUp), Failure::busy, why));
    return kBusyPause;
  }

  // Tells those that have waited long enough, and returns the others.
  Jobs refuseImpatient(Jobs jobs, Failure failure, const std::string& reason) {
    const bool ending = isStopping();
    const auto now = clock.monotonicUs();
    const auto middle = std::stable_partition(jobs.begin(), jobs.end(), [&](const auto& job) {
      return !ending && now - job->queuedUs < job->patienceMs * 1'000 &&
             (failure == Failure::busy || job->patienceMs > WriteJob::kShortPatienceMs);
    });
    Jobs refused(std::make_move_iterator(middle), std::make_move_iterator(jobs.end()));
    jobs.erase(middle, jobs.end());
    settleAll(refused, base::fail(problemOf(failure, reason)));
    finish(std::move(refused));
    return jobs;
  }

  void putBack(Jobs jobs) {
    const std::lock_guard lock(mutex);
    jobs.insert(jobs.end(), std::make_move_iterator(waiting.begin()),
                std::make_move_iterator(waiting.end()));
    waiting = std::move(jobs);
  }

  bool isStopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }

  // Commits `jobs` in one transaction. Returns whether it did; else `failure` and `reason` are set
  // and nothing of it remains in the database (but see Failure::fatal).
  bool tryCommit(const Jobs& jobs, Failure& failure, std::string& reason) {
    for (int attempt = 1;; ++attempt) {
      bool committing = false;
      try {
        transactions->begin();
        transactions->run(jobs);
        committing = true;
        transactions->commit();
        return true;
      } catch (...) {
        failure = transactions->classify(reason);
        transactions->rollback();
      }
      if (failure == Failure::lost && committing) {
        const auto outcome = transactions->outcomeOfLostCommit(kLostCommitWaitMs);
        if (outcome == WriteTransactions::Outcome::committed) return true;
        if (outcome == WriteTransactions::Outcome::unknown) {
          failure = Failure::unknown;
          return false;
        }
      }
      // A connection that ended since it was last used is made anew once; nothing was committed.
      if (failure != Failure::lost || attempt > 1) return false;
    }
  }

  // Settles and completes the jobs and leaves none, unless the database can't be written now: then
  // nothing has happened to what is left in `jobs`, and it returns why (else Failure::job).
  Failure commitBatch(Jobs& jobs, std::string& reason) {
    const auto beginUs = clock.monotonicUs();
    const auto oldestWaitUs = beginUs - jobs.front()->queuedUs;
    const auto count = jobs.size();
    Failure failure = Failure::fatal;
    if (!healthy) {
      settleAll(jobs, base::fail(problemOf(failure, reason)));
    } else if (tryCommit(jobs, failure, reason)) {
      if (troubled || busySinceUs != 0) setTrouble({});
      busySinceUs = 0;
      counters.batches.fetch_add(1, std::memory_order_relaxed);
      counters.jobs.fetch_add(count, std::memory_order_relaxed);
      if (settings.onBatch) {
        settings.onBatch({count, oldestWaitUs, clock.monotonicUs() - beginUs});
      }
      for (const auto& job : jobs) job->settle({});
    } else if (failure == Failure::job && count > 1) {
      return commitOneByOne(jobs, reason);
    } else {
      noteFailure(failure, reason);
      if (mayHeal(failure)) return failure;
      settleAll(jobs, base::fail(problemOf(failure, reason)));
    }
    finish(std::move(jobs));
    jobs.clear();
    return Failure::job;
  }

  // A batch that failed for one job's fault. When the database goes meanwhile, those that are left
  // stay in `jobs`.
  Failure commitOneByOne(Jobs& jobs, std::string& reason) {
    counters.reruns.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Jobs single;
      single.push_back(std::move(jobs[i]));
      const auto failure = commitBatch(single, reason);
      if (!mayHeal(failure)) continue;
      jobs[i] = std::move(single.front());
      jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(i));
      return failure;
    }
    jobs.clear();
    return Failure::job;
  }

  void finish(Jobs jobs) {
    queued.fetch_sub(jobs.size(), std::memory_order_relaxed);
    complete(std::move(jobs));
  }

  void noteFailure(Failure failure, const std::string& reason) {
    if (failure == Failure::fatal) stopAccepting("the database failed: " + reason);
    if (failure == Failure::lost || failure == Failure::unknown) {
      setTrouble(kOutOfReach);
      reached = false;
    }
    if (failure == Failure::refused) setTrouble("the database takes no writes: " + reason);
    if (failure == Failure::busy) {
      // Another's short write is no trouble: jobs wait for it.
      const auto now = clock.monotonicUs();
      if (busySinceUs == 0) busySinceUs = now;
      setTrouble("another process holds the database: " + reason,
                 now - busySinceUs >= kBusyTroubleUs);
    }
  }

  void settleAll(const Jobs& jobs, const base::Status& status) {
    counters.failedJobs.fetch_add(jobs.size(), std::memory_order_relaxed);
    for (const auto& job : jobs) job->settle(status);
  }

  // One post for each sink of the batch.
  static void complete(Jobs jobs) {
    std::vector<std::pair<CompletionSink*, std::vector<std::unique_ptr<Completion>>>> groups;
    for (auto& job : jobs) {
      auto* sink = job->sink;
      if (sink == nullptr) {
        static_cast<Completion&>(*job).run();
        continue;
      }
      auto group = std::find_if(groups.begin(), groups.end(),
                                [sink](const auto& entry) { return entry.first == sink; });
      if (group == groups.end()) {
        groups.emplace_back(sink, std::vector<std::unique_ptr<Completion>>{});
        group = std::prev(groups.end());
        group->second.reserve(jobs.size());
      }
      group->second.push_back(std::move(job));
    }
    for (auto& [sink, batch] : groups) sink->post(std::move(batch));
  }
};

GroupCommitWriter::GroupCommitWriter(std::unique_ptr<WriteTransactions> transactions,
                                     WriterSettings settings, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(transactions), std::move(settings), clock)) {
  impl_->settings.batchMax = std::max<std::size_t>(impl_->settings.batchMax, 1);
  impl_->thread = std::thread([this] { impl_->serve(); });
}

GroupCommitWriter::~GroupCommitWriter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->thread.join();
}

base::Status GroupCommitWriter::submit(std::unique_ptr<WriteJob> job) {
  job->queuedUs = impl_->clock.monotonicUs();
  bool wake = false;
  {
    const std::lock_guard lock(impl_->mutex);
    // What is patient is queued for the connection's return.
    const bool lost = impl_->healthy && !impl_->stopping && !impl_->reached &&
                      job->patienceMs <= WriteJob::kShortPatienceMs;
    if (!impl_->healthy || impl_->stopping || lost ||
        impl_->queued.load(std::memory_order_relaxed) >= impl_->settings.queueMax) {
      impl_->counters.refused.fetch_add(1, std::memory_order_relaxed);
      if (lost) return base::fail(problemOf(Failure::lost, {}));
      const bool full = impl_->healthy && !impl_->stopping;
      return base::fail(base::Problem{
          503,
          full ? "store_overloaded" : "store_failed",
          full ? "too many writes are waiting; try again" : "the database takes no more writes",
          {},
          true,
          full ? 1 : 30,
          {}});
    }
    impl_->queued.fetch_add(1, std::memory_order_relaxed);
    impl_->waiting.push_back(std::move(job));
    wake = impl_->asleep && impl_->waiting.size() == 1;
  }
  if (wake) impl_->wake.notify_one();
  return {};
}

bool GroupCommitWriter::healthy() const {
  return impl_->healthy && impl_->reached && !impl_->troubled;
}

std::string GroupCommitWriter::unhealthyReason() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->unhealthy.empty() ? impl_->trouble : impl_->unhealthy;
}

void GroupCommitWriter::stopAccepting(std::string reason) {
  impl_->stopAccepting(std::move(reason));
}

std::size_t GroupCommitWriter::queued() const {
  return impl_->queued.load(std::memory_order_relaxed);
}

const WriterCounters& GroupCommitWriter::counters() const {
  return impl_->counters;
}
WriterCounters& GroupCommitWriter::counters() {
  return impl_->counters;
}

}  // namespace unigate::store
