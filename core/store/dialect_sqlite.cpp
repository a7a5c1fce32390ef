// SQLite: connecting and sorting errors.
#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "store/dialect.hpp"
#include "store/statement.hpp"

namespace unigate::store::sqlite {

namespace {

// The writer decides itself how long each job waits for a locked database.
constexpr int kBusyTimeoutMs = 200;
// A migration is asked for once and has to find its turn among those who write.
constexpr int kMigrateBusyTimeoutMs = 30'000;
constexpr int kCheckpointBusyTimeoutMs = 50;

// A connection is never used by two threads at once, and nobody reads SQLite's memory statistics:
// without the locks for both a write costs a tenth less. Has no effect once SQLite has been used.
void configureOnce() {
  static const bool configured = [] {
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(configured);
}

// SQLite gives its files the mode of the main one, so making that private covers the log as well.
void makePrivateFile(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty() && !std::filesystem::exists(parent)) {
    std::filesystem::create_directories(parent);
    std::filesystem::permissions(parent, std::filesystem::perms::owner_all);
  }
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    throw std::runtime_error("cannot open the database file " + path + ": " + std::strerror(errno) +
                             "; check the folder's owner and mode");
  }
  struct stat status {};
  if (::fstat(fd, &status) == 0 && (status.st_mode & 077) != 0) {
    ::fchmod(fd, S_IRUSR | S_IWUSR);
  }
  ::close(fd);
}

// The library keeps its classes' type information to itself, which the sanitizer would ask for.
__attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3* connectionOf(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

int resultCode(const soci::soci_error& error) {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  return sqlite == nullptr ? -1 : sqlite->result() & 0xff;
}

// Turning the log on needs the file alone for a moment and does not wait by itself.
void enableWriteAheadLog(soci::session& session) {
  for (int attempt = 0;; ++attempt) {
    try {
      std::string mode;
      Statement(session, "PRAGMA journal_mode = WAL").out(mode).ready().one([] {});
      if (mode != "wal") throw std::runtime_error("the file system cannot hold a write-ahead log");
      return;
    } catch (const soci::soci_error& error) {
      if (resultCode(error) != SQLITE_BUSY || attempt >= 500) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace

std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access) {
  const bool writes = access == Access::write || access == Access::migrate;
  if (writes) {
    makePrivateFile(url.path);
  } else if (!std::filesystem::exists(url.path)) {
    throw std::runtime_error("there is no database at " + url.path + "; run \"unigate migrate\"");
  }
  configureOnce();
  auto session = std::make_unique<soci::session>(soci::sqlite3, "dbname=\"" + url.path + "\"");
  const int busyMs = access == Access::checkpoint ? kCheckpointBusyTimeoutMs
                     : access == Access::migrate  ? kMigrateBusyTimeoutMs
                                                  : kBusyTimeoutMs;
  sqlite_api::sqlite3_extended_result_codes(connectionOf(*session), 1);
  execute(*session, "PRAGMA busy_timeout = " + std::to_string(busyMs));
  if (writes) enableWriteAheadLog(*session);
  execute(*session, "PRAGMA synchronous = FULL");
  // Checkpoints have a thread of their own; a commit must not pay for one.
  execute(*session, "PRAGMA wal_autocheckpoint = 0");
  execute(*session, "PRAGMA foreign_keys = ON");
  execute(*session, "PRAGMA temp_store = MEMORY");
  if (writes) execute(*session, "PRAGMA cache_size = -16000");
  if (access == Access::read) execute(*session, "PRAGMA query_only = ON");
  return session;
}

bool classify(const std::exception& error, std::string& reason,
              WriteTransactions::Failure& failure) {
  using Failure = WriteTransactions::Failure;
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  if (sqlite == nullptr) return false;
  // what() would add the values of the statement.
  reason = sqlite->get_error_message();
  switch (resultCode(*sqlite)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      failure = Failure::busy;
      break;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
      failure = Failure::refused;
      break;
    case SQLITE_IOERR:
      // The log could not be written, or there is no space for its index: nothing was committed,
      // for the frame that commits is the last one written. After a failed fsync nobody knows.
      failure = sqlite->result() == SQLITE_IOERR_WRITE || sqlite->result() == SQLITE_IOERR_SHMSIZE
                    ? Failure::refused
                    : Failure::fatal;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      failure = Failure::fatal;
      break;
    default:
      failure = Failure::job;
  }
  return true;
}

}  // namespace unigate::store::sqlite
