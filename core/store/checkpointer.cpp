#include "store/checkpointer.hpp"

#include <chrono>
#include <filesystem>

#include "store/statement.hpp"

namespace unigate::store {

namespace {

constexpr auto kPause = std::chrono::milliseconds(100);
constexpr std::uintmax_t kPassiveAtBytes = 4u << 20;
// Under steady load passive checkpoints never catch up entirely and the log only grows; then one
// that makes writers wait for a moment resets it.
constexpr std::uintmax_t kTruncateAtBytes = 64u << 20;
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
  std::uintmax_t doneBytes = 0;
  int idleTurns = 0;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPause, [this] { return stopping_; })) {
    const auto jobs = writer_.counters().jobs.load(std::memory_order_relaxed);
    idleTurns = jobs == jobsBefore ? idleTurns + 1 : 0;
    const bool written = jobs != jobsBefore;
    jobsBefore = jobs;
    const auto bytes = logBytes();
    if (bytes >= kTruncateAtBytes || (bytes > 0 && idleTurns == kIdleTurns)) {
      checkpoint("TRUNCATE");
    } else if (written && bytes >= kPassiveAtBytes && bytes != doneBytes) {
      checkpoint("PASSIVE");
    }
    doneBytes = bytes;
  }
  checkpoint("PASSIVE");
}

void Checkpointer::checkpoint(const char* mode) {
  try {
    std::int64_t busy = 0;
    std::int64_t frames = 0;
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
}

std::uintmax_t Checkpointer::logBytes() const {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(logPath_, error);
  return error ? 0 : bytes;
}

}  // namespace unigate::store
