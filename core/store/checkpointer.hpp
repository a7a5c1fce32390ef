// Moves committed pages from SQLite's write-ahead log into the database file, on a thread and a
// connection of its own, so that no commit waits for it. Owned by the Store.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/dialect.hpp"
#include "store/group_commit_writer.hpp"

namespace unigate::store {

class Checkpointer {
 public:
  // `writer` must outlive it; it is stopped when a checkpoint fails with an I/O error.
  Checkpointer(const DatabaseUrl& url, GroupCommitWriter& writer);
  // Ends the thread after a last checkpoint.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  void serve();
  // Returns how many frames the log holds; 0 when that is not known.
  std::int64_t checkpoint(const char* mode);
  std::uintmax_t logBytes() const;

  std::string logPath_;
  GroupCommitWriter& writer_;
  std::unique_ptr<soci::session> session_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace unigate::store
