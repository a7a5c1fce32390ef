#include "store/dialect.hpp"

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

#include "store/statement.hpp"

namespace unigate::store {

namespace {

constexpr int kBusyTimeoutMs = 5'000;
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

base::Result<DatabaseUrl> parseDatabaseUrl(const std::string& url) {
  const auto refuse = [](std::string detail) {
    return base::fail(400, "bad_store_url", std::move(detail), "store.url");
  };
  const std::string scheme = "sqlite:";
  if (url.rfind("postgresql:", 0) == 0 || url.rfind("postgres:", 0) == 0) {
    return refuse(
        "this build stores in SQLite only; write \"sqlite:PATH\", e.g. "
        "\"sqlite:var/unigate.db\"");
  }
  if (url.rfind(scheme, 0) != 0) {
    return refuse("the database URL must be \"sqlite:PATH\", e.g. \"sqlite:var/unigate.db\"");
  }
  std::string path = url.substr(scheme.size());
  if (path.rfind("///", 0) == 0) path.erase(0, 2);
  if (path.empty() || path.front() == ':' || path.back() == '/') {
    return refuse(
        "the database URL names no file; write \"sqlite:PATH\", e.g. "
        "\"sqlite:var/unigate.db\"");
  }
  if (path.find_first_of("\"'\\") != std::string::npos) {
    return refuse("the path in \"sqlite:PATH\" must not hold quotes or backslashes");
  }
  return DatabaseUrl{std::move(path)};
}

std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access) {
  if (access == Access::write) {
    makePrivateFile(url.path);
  } else if (!std::filesystem::exists(url.path)) {
    throw std::runtime_error("there is no database at " + url.path + "; run \"unigate migrate\"");
  }
  configureOnce();
  auto session = std::make_unique<soci::session>(soci::sqlite3, "dbname=\"" + url.path + "\"");
  const int busyMs = access == Access::checkpoint ? kCheckpointBusyTimeoutMs : kBusyTimeoutMs;
  execute(*session, "PRAGMA busy_timeout = " + std::to_string(busyMs));
  if (access == Access::write) enableWriteAheadLog(*session);
  execute(*session, "PRAGMA synchronous = FULL");
  // Checkpoints have a thread of their own; a commit must not pay for one.
  execute(*session, "PRAGMA wal_autocheckpoint = 0");
  execute(*session, "PRAGMA foreign_keys = ON");
  execute(*session, "PRAGMA temp_store = MEMORY");
  if (access == Access::write) execute(*session, "PRAGMA cache_size = -16000");
  if (access == Access::read) execute(*session, "PRAGMA query_only = ON");
  return session;
}

namespace dialect {

std::string metadataHas(const std::string& key, const std::string& value) {
  return "EXISTS (SELECT 1 FROM json_each(metadata) AS pair WHERE pair.key = " + key +
         " AND pair.value = " + value + ")";
}

std::string holdsText(const std::string& column, const std::string& pattern) {
  return column + " LIKE " + pattern + " ESCAPE '\\'";
}

std::string patternOf(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

std::string nameOf(soci::session& session) {
  return session.get_backend_name() == "postgresql" ? "postgres" : "sqlite";
}

bool tableExists(soci::session& session, const std::string& name) {
  std::int64_t count = 0;
  Statement(session, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name")
      .out(count)
      .in("name", name)
      .ready()
      .one([] {});
  return count > 0;
}

WriteTransactions::Failure classify(std::string& reason) {
  using Failure = WriteTransactions::Failure;
  try {
    throw;
  } catch (const soci::soci_error& error) {
    // what() would add the values of the statement.
    reason = error.get_error_message();
    switch (resultCode(error)) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return Failure::busy;
      case SQLITE_FULL:
      case SQLITE_NOMEM:
        return Failure::full;
      case SQLITE_IOERR:
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
      case SQLITE_CANTOPEN:
      case SQLITE_READONLY:
      case SQLITE_PROTOCOL:
        return Failure::fatal;
      default:
        return Failure::job;
    }
  } catch (const std::exception& error) {
    reason = error.what();
    return Failure::job;
  }
}

}  // namespace dialect

}  // namespace unigate::store
