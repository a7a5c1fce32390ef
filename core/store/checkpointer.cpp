#include "store/checkpointer.hpp"

#include <chrono>
#include <filesystem>

#include "store/statement.hpp"

namespace unigate::store {

namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::uintmax_t kPassiveAtBytes = 4u << 20;
// A file that keeps its size between checkpoints, written this often, is looked at all the same.
constexpr std::uint64_t kPassiveAtJobs = 256;
// Under steady load passive checkpoints never catch up entirely and the log only grows; then one
// that makes writers wait for a moment has them start at its beginning. The file keeps its size:
// to write over blocks that are there is half the price of a commit that makes the file longer.
constexpr std::int64_t kRestartAtFrames = (64 << 20) / 4096;
constexpr int kIdleTurns = 20;

}  // namespace

Checkpointer::Checkpointer(const DatabaseUrl& url, GroupCommitWriter& writer)
    : logPath_(url.path + "-wal"),
      writer_(writer),
      session_(connect(url, Access::checkpoint)),
      thread_([this] { serve(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Checkpointer::serve() {
  std::uint64_t jobsBefore = 0;
  std::uint64_t jobsDone = 0;
  std::uintmax_t doneBytes = 0;
  std::int64_t frames = 0;
  int idleTurns = 0;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPause, [this] { return stopping_; })) {
    // After a failed fsync the log is left as it is: what the disk holds of it is not known.
    if (!writer_.healthy()) continue;
    const auto jobs = writer_.counters().jobs.load(std::memory_order_relaxed);
    idleTurns = jobs == jobsBefore ? idleTurns + 1 : 0;
    jobsBefore = jobs;
    const auto bytes = logBytes();
    if (bytes > 0 && idleTurns == kIdleTurns) {
      frames = checkpoint("TRUNCATE");
    } else if (bytes >= kPassiveAtBytes && jobs != jobsDone &&
               (bytes != doneBytes || jobs - jobsDone >= kPassiveAtJobs)) {
      if (frames >= kRestartAtFrames) {
        checkpoint("RESTART");
        frames = 0;
      } else {
        frames = checkpoint("PASSIVE");
      }
      jobsDone = jobs;
    }
    doneBytes = bytes;
  }
  if (writer_.healthy()) checkpoint("PASSIVE");
}

std::int64_t Checkpointer::checkpoint(const char* mode) {
  std::int64_t frames = 0;
  try {
    std::int64_t busy = 0;
    std::int64_t moved = 0;
    Statement(*session_, std::string("PRAGMA wal_checkpoint(") + mode + ")")
        .out(busy)
        .out(frames)
        .out(moved)
        .ready()
        .one([] {});
    writer_.counters().checkpoints.fetch_add(1, std::memory_order_relaxed);
  } catch (...) {
    std::string reason;
    if (dialect::classify(reason) == WriteTransactions::Failure::fatal) {
      writer_.stopAccepting("a checkpoint failed: " + reason);
    }
  }
  return frames;
}

std::uintmax_t Checkpointer::logBytes() const {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(logPath_, error);
  return error ? 0 : bytes;
}

}  // namespace unigate::store
