// Signed checkpoints of the audit chain, a JSON line each: where every chain stood at a time. Kept
// away from the database they show when rows were cut off or the whole chain was written anew.
// Used by `unigate audit` and, on a schedule, by `serve`.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"
#include "telemetry/logger.hpp"
#include "vault/vault.hpp"

namespace unigate::app {

struct Checkpoint {
  std::string at;  // RFC 3339
  std::vector<store::AuditHead> heads;
};

// The line of a checkpoint now, without its end of line.
base::Result<std::string> makeCheckpoint(store::ReadSession& reader, const vault::Vault& vault,
                                         const base::Clock& clock);
// Adds the line to the file (mode 0600, made when absent) and sees it onto the disk.
base::Status appendCheckpoint(const std::string& file, const std::string& line);
// Reads a file of checkpoints; a line that this gateway's key has not signed is a problem that names
// it.
base::Result<std::vector<Checkpoint>> readCheckpoints(const std::string& file,
                                                      const vault::Vault& vault);

// Adds a checkpoint at the start and every so many minutes, on a thread of its own.
class CheckpointSchedule {
 public:
  CheckpointSchedule(std::string file, std::int64_t everyMinutes,
                     std::unique_ptr<store::ReadSession> reader, const vault::Vault& vault,
                     const base::Clock& clock, telemetry::Logger& log);
  ~CheckpointSchedule();
  CheckpointSchedule(const CheckpointSchedule&) = delete;
  CheckpointSchedule& operator=(const CheckpointSchedule&) = delete;

 private:
  void serve();
  void add();

  const std::string file_;
  const std::int64_t everyMinutes_;
  std::unique_ptr<store::ReadSession> reader_;
  const vault::Vault& vault_;
  const base::Clock& clock_;
  telemetry::Logger& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace unigate::app
