// The one thread that writes: whatever jobs wait are committed together in one durable transaction,
// and their owners are told after it. The Store owns it; others see only CompletionSink and
// WriterMetrics.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"

namespace unigate::store {

// A finished write that has yet to tell its owner. Run exactly once.
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void run() = 0;
};

// Where completions run: an event loop's thread, as a rule. One call for each batch and sink, so
// that a batch costs one wake-up. Called from the writer's thread; must outlive the Store.
class CompletionSink {
 public:
  virtual ~CompletionSink() = default;
  virtual void post(std::vector<std::unique_ptr<Completion>> batch) = 0;
};

// What one committed batch cost.
struct BatchReport {
  std::size_t jobs = 0;
  std::int64_t oldestWaitUs = 0;  // enqueue until its transaction began
  std::int64_t commitUs = 0;      // begin until durable
};

struct WriterCounters {
  std::atomic<std::uint64_t> jobs{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> refused{0};  // queue full or writer stopped
  std::atomic<std::uint64_t> failedJobs{0};
  std::atomic<std::uint64_t> reruns{0};  // batches that were rolled back and run job by job
  std::atomic<std::uint64_t> checkpoints{0};
};

struct WriterSettings {
  std::size_t queueMax = base::limits::kStoreQueueMax;
  std::size_t batchMax = 256;
  // Called on the writer's thread after each commit; must be quick and not throw.
  std::function<void(const BatchReport&)> onBatch;
};

// The connection that jobs write through; its shape is the store's own matter.
class WriteConnection;

// One unit of work. run() may be called more than once (a batch that failed is rolled back and
// rerun job by job), so it must only write through the connection and keep its result in itself.
class WriteJob : public Completion {
 public:
  // [writer thread] Throws to refuse: then nothing of this job is written.
  virtual void run(WriteConnection& connection) = 0;
  // [writer thread] Before run(), where it helps: says what run() will ask for.
  virtual void announce(WriteConnection&) {}
  // [writer thread] Told once how it ended, after the commit; run() of Completion follows on the
  // sink's thread.
  virtual void settle(base::Status status) = 0;
  using Completion::run;

  CompletionSink* sink = nullptr;  // null: completed on the writer's thread
  // Where several processes write at once, jobs of a batch run tenant by tenant, and each tenant's
  // in this order: two batches that touch the same rows then wait for each other instead of
  // blocking each other.
  std::string tenant;  // an organisation's id; empty: it may touch any
  std::string order;
  std::int64_t queuedUs = 0;  // set by the writer
  // How long it waits, from its queuing, while the database can't be written: what a provider has
  // answered is worth a wait. What is yet to be begun is better refused: soon while another process
  // writes, at once without space or server.
  std::int64_t patienceMs = kPatienceMs;
  static constexpr std::int64_t kPatienceMs = 15'000;
  static constexpr std::int64_t kShortPatienceMs = 2'000;
};

// Begins, commits and rolls back on behalf of the writer, and sorts errors by the reaction to them.
class WriteTransactions {
 public:
  enum class Failure {
    job,      // this job's own fault (a constraint, bad data): others are not touched
    busy,     // another process writes: nothing happened, try again
    refused,  // no space, read-only: nothing happened; may heal
    lost,     // no connection: before a commit nothing happened; may heal
    unknown,  // the connection was lost at the commit, and nobody could say what became of it
    fatal,    // the outcome or the file can't be trusted: stop writing
  };
  enum class Outcome { committed, notCommitted, unknown };
  virtual ~WriteTransactions() = default;
  virtual void begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() noexcept = 0;
  // Runs the jobs on the connection, in their order; throws what they throw.
  virtual void run(const std::vector<std::unique_ptr<WriteJob>>& jobs) = 0;
  // Sorts the exception in flight; call inside a catch block.
  virtual Failure classify(std::string& reason) const = 0;
  // After a commit that failed with Failure::lost: finds out what became of it, for as long as
  // `waitMs`.
  virtual Outcome outcomeOfLostCommit(std::int64_t waitMs) {
    static_cast<void>(waitMs);
    return Outcome::unknown;
  }
  // Whether other processes write at the same time.
  virtual bool isShared() const { return false; }
};

class GroupCommitWriter {
 public:
  GroupCommitWriter(std::unique_ptr<WriteTransactions> transactions, WriterSettings settings,
                    const base::Clock& clock);
  // Finishes what is queued, then ends the thread.
  ~GroupCommitWriter();
  GroupCommitWriter(const GroupCommitWriter&) = delete;
  GroupCommitWriter& operator=(const GroupCommitWriter&) = delete;

  // [any thread] Queues the job. On refusal (queue full, writer stopped) the job is destroyed
  // unsettled and the Problem is a retryable 503.
  base::Status submit(std::unique_ptr<WriteJob> job);
  // False while commits fail. After an I/O error every job is refused for good, for retrying a
  // failed fsync can lose data silently: only a restart heals it. A lost connection is sought
  // again. Meanwhile, where there is no space and while another process holds the database, jobs
  // wait as long as they are patient.
  bool healthy() const;
  // Why it is not healthy; empty when it is.
  std::string unhealthyReason() const;
  // [any thread] Stops accepting for the given reason (the checkpointer's I/O error).
  void stopAccepting(std::string reason);
  std::size_t queued() const;
  const WriterCounters& counters() const;
  WriterCounters& counters();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::store
