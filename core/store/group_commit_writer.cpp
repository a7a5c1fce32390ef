#include "store/group_commit_writer.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

namespace unigate::store {

namespace {

using Jobs = std::vector<std::unique_ptr<WriteJob>>;
using Failure = WriteTransactions::Failure;

// Each attempt waits for the engine's own busy timeout first.
constexpr int kBusyAttemptsMax = 3;

base::Problem problemOf(Failure failure, const std::string& reason) {
  switch (failure) {
    case Failure::busy:
      return {503, "store_busy", "the database is busy; try again", {}, true, 1, {}};
    case Failure::full:
      return {503, "store_full", "the database has no space left", {}, true, 30, {}};
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
  std::string unhealthy;
  std::atomic<bool> healthy{true};
  std::atomic<std::size_t> queued{0};
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

  void serve() {
    Jobs taken;
    for (;;) {
      {
        std::unique_lock lock(mutex);
        asleep = true;
        wake.wait(lock, [this] { return stopping || !waiting.empty(); });
        asleep = false;
        if (waiting.empty()) return;
        std::swap(taken, waiting);
      }
      for (std::size_t from = 0; from < taken.size(); from += settings.batchMax) {
        const auto to = std::min(taken.size(), from + settings.batchMax);
        Jobs batch(std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(from)),
                   std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(to)));
        commitBatch(std::move(batch));
      }
      taken.clear();
    }
  }

  // Commits `jobs` in one transaction. Returns whether it did; else `failure` and `reason` are set
  // and nothing of it remains in the database (but see Failure::fatal).
  bool tryCommit(const Jobs& jobs, Failure& failure, std::string& reason) {
    for (int attempt = 1;; ++attempt) {
      try {
        transactions->begin();
        for (const auto& job : jobs) transactions->run(*job);
        transactions->commit();
        return true;
      } catch (...) {
        failure = transactions->classify(reason);
        transactions->rollback();
        if (failure != Failure::busy || attempt >= kBusyAttemptsMax) return false;
      }
    }
  }

  void commitBatch(Jobs jobs) {
    const auto beginUs = clock.monotonicUs();
    const auto oldestWaitUs = beginUs - jobs.front()->queuedUs;
    const auto count = jobs.size();
    Failure failure = Failure::job;
    std::string reason;
    if (!healthy) {
      failure = Failure::fatal;
      settleAll(jobs, base::fail(problemOf(failure, reason)));
    } else if (tryCommit(jobs, failure, reason)) {
      counters.batches.fetch_add(1, std::memory_order_relaxed);
      counters.jobs.fetch_add(count, std::memory_order_relaxed);
      if (settings.onBatch) {
        settings.onBatch({count, oldestWaitUs, clock.monotonicUs() - beginUs});
      }
      for (const auto& job : jobs) job->settle({});
    } else if (failure == Failure::job && count > 1) {
      counters.reruns.fetch_add(1, std::memory_order_relaxed);
      queued.fetch_add(count, std::memory_order_relaxed);  // each rerun takes its own off again
      for (auto& job : jobs) {
        Jobs single;
        single.push_back(std::move(job));
        commitBatch(std::move(single));
      }
      queued.fetch_sub(count, std::memory_order_relaxed);
      return;
    } else {
      if (failure == Failure::fatal) stopAccepting("the database failed: " + reason);
      settleAll(jobs, base::fail(problemOf(failure, reason)));
    }
    queued.fetch_sub(count, std::memory_order_relaxed);
    complete(std::move(jobs));
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
    if (!impl_->healthy || impl_->stopping ||
        impl_->queued.load(std::memory_order_relaxed) >= impl_->settings.queueMax) {
      impl_->counters.refused.fetch_add(1, std::memory_order_relaxed);
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
  return impl_->healthy;
}

std::string GroupCommitWriter::unhealthyReason() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->unhealthy;
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
