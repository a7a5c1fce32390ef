// Numbered migrations, built into the binary from migrations/NNNN_name.sql. `unigate migrate`,
// `serve` and `doctor` call these before the Store is opened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace unigate::store {

struct Migration {
  std::int64_t version = 0;
  std::string name;
  std::string sql;
};

struct MigrationReport {
  std::vector<Migration> applied;  // by this call, in order; `sql` left empty
  std::int64_t version = 0;        // of the schema now
};

// The migrations of this binary, by version.
const std::vector<Migration>& builtInMigrations();

// Hex SHA-256 of a migration's text, as kept in schema_migrations.
std::string checksum(const Migration& migration);

// Brings the database at `url` up to date, creating it when absent. Does nothing when it is
// current. Safe when two processes call it at once. Refuses a database newer than this binary and
// one whose applied migrations differ from this binary's.
//
// On PostgreSQL `url` is the owner's and `applicationUrl` that of the role which serves: it gets the
// rights that it needs and no more.
base::Result<MigrationReport> migrate(const std::string& url, const base::Clock& clock,
                                      const std::string& applicationUrl = {});
base::Result<MigrationReport> migrate(const std::string& url, const base::Clock& clock,
                                      const std::vector<Migration>& migrations,
                                      const std::string& applicationUrl = {});

// The migrations that migrate() would apply, without changing anything. Also refuses as it does.
base::Result<std::vector<Migration>> pendingMigrations(const std::string& url);

}  // namespace unigate::store
