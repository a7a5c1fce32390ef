#include "store/migrations.hpp"

#include <map>

#include "base/text.hpp"
#include "store/dialect.hpp"
#include "store/statement.hpp"

namespace unigate::store {

// In the file that embed_migrations.cmake makes.
std::vector<Migration> embeddedMigrations();

namespace {

struct Applied {
  std::string name;
  std::string checksum;
};

using AppliedByVersion = std::map<std::int64_t, Applied>;

AppliedByVersion readApplied(soci::session& session) {
  AppliedByVersion applied;
  if (!dialect::tableExists(session, "schema_migrations")) return applied;
  std::int64_t version = 0;
  Applied row;
  Statement select(session,
                   "SELECT version, name, checksum FROM schema_migrations ORDER BY version");
  select.out(version).out(row.name).out(row.checksum).ready();
  select.forEach([&] { applied[version] = row; });
  return applied;
}

std::string label(const Migration& migration) {
  return std::to_string(migration.version) + " (" + migration.name + ")";
}

base::Result<std::vector<Migration>> findPending(const AppliedByVersion& applied,
                                                 const std::vector<Migration>& migrations) {
  const auto newest = migrations.empty() ? 0 : migrations.back().version;
  if (!applied.empty() && applied.rbegin()->first > newest) {
    return base::fail(500, "database_newer",
                      "the database has schema version " + std::to_string(applied.rbegin()->first) +
                          " but this binary knows only up to " + std::to_string(newest) +
                          "; run the newer unigate, or restore the backup from before the upgrade");
  }
  std::vector<Migration> pending;
  for (const auto& migration : migrations) {
    const auto found = applied.find(migration.version);
    if (found == applied.end()) {
      pending.push_back(migration);
    } else if (found->second.checksum != checksum(migration)) {
      return base::fail(500, "migration_changed",
                        "migration " + label(migration) +
                            " was applied with another text than this binary's; it was built from "
                            "other sources: install the release that this database belongs to");
    }
  }
  return pending;
}

// The statements of a migration that are meant for an engine. A statement ends with a semicolon at
// the end of a line, outside of $$ ... $$; "-- only: ENGINE" before it keeps it for that engine.
std::vector<std::string> splitStatements(const std::string& sql, const std::string& engine) {
  constexpr std::string_view kOnly = "-- only: ";
  std::vector<std::string> statements;
  std::string statement;
  std::string only;
  bool quoted = false;
  const auto add = [&] {
    if (only.empty() || only == engine) statements.push_back(statement);
    statement.clear();
    only.clear();
  };
  std::size_t from = 0;
  while (from < sql.size()) {
    const auto end = std::min(sql.find('\n', from), sql.size());
    const auto line = sql.substr(from, end - from);
    from = end + 1;
    if (line.rfind(kOnly, 0) == 0) only = line.substr(kOnly.size());
    if (line.empty() || line.rfind("--", 0) == 0) continue;
    statement += line + "\n";
    for (auto mark = line.find("$$"); mark != std::string::npos; mark = line.find("$$", mark + 2))
      quoted = !quoted;
    if (line.back() == ';' && !quoted) add();
  }
  if (!statement.empty()) add();
  return statements;
}

void apply(soci::session& session, const Migration& migration, std::int64_t nowMs) {
  const std::string engine =
      dialect::engineOf(session) == Engine::postgres ? "postgres" : "sqlite";
  for (const auto& statement : splitStatements(migration.sql, engine)) execute(session, statement);
  const auto sum = checksum(migration);
  Statement(session,
            "INSERT INTO schema_migrations (version, name, checksum, applied_at)"
            " VALUES (:version, :name, :checksum, :applied_at)")
      .in("version", migration.version)
      .in("name", migration.name)
      .in("checksum", sum)
      .in("applied_at", nowMs)
      .ready()
      .run();
}

// What the application's role may do on PostgreSQL: nothing to what is written once.
void grant(soci::session& session, const std::string& role) {
  if (role.find('"') != std::string::npos)
    throw std::runtime_error("the application role's name must not hold quotes");
  const std::string to = " TO \"" + role + "\"";
  execute(session, "GRANT USAGE ON SCHEMA public" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE, DELETE ON organisations, api_keys,"
                   " provider_accounts, secrets, workers, audit_heads, meta, reconciliations" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE, DELETE ON memberships, invitations, sessions,"
                   " refresh_tokens, login_attempts" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE ON users" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE, DELETE ON services" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE, DELETE ON vault_entries,"
                   " organisation_plans, usage_months" + to);
  execute(session, "GRANT SELECT, INSERT, UPDATE ON operations, resources" + to);
  execute(session, "GRANT SELECT, INSERT ON transaction_logs, audit_log" + to);
  execute(session, "GRANT SELECT ON schema_migrations" + to);
  execute(session, "GRANT EXECUTE ON FUNCTION unigate_add_log_month(BIGINT),"
                   " unigate_drop_log_months(BIGINT)" + to);
}

base::Result<MigrationReport> migrateIn(soci::session& session, const base::Clock& clock,
                                        const std::vector<Migration>& migrations,
                                        const std::string& application) {
  // Under the right to write from the first look on: a second process waits here, then finds the
  // schema current.
  dialect::beginWrite(session);
  try {
    dialect::lockForMigration(session);
    execute(session,
            "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY,"
            " name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)");
    auto pending = findPending(readApplied(session), migrations);
    if (!pending) {
      execute(session, "ROLLBACK");
      return base::fail(pending.error());
    }
    MigrationReport report;
    for (auto& migration : *pending) {
      apply(session, migration, clock.unixMs());
      report.applied.push_back({migration.version, migration.name, {}});
    }
    if (!application.empty()) grant(session, application);
    dialect::commit(session);
    report.version = migrations.empty() ? 0 : migrations.back().version;
    return report;
  } catch (...) {
    std::string reason;
    dialect::classify(reason);
    try {
      execute(session, "ROLLBACK");
    } catch (const std::exception&) {
      reason += " (rolled back by the engine)";
    }
    return base::fail(500, "migration_failed", "the migration failed and was undone: " + reason);
  }
}

base::Problem cannotOpen(const DatabaseUrl& url) {
  std::string reason;
  dialect::classify(reason);
  return {500,
          "database_unavailable",
          "cannot use the database " + url.path + ": " + reason,
          "store.url",
          false,
          0,
          {}};
}

}  // namespace

const std::vector<Migration>& builtInMigrations() {
  static const std::vector<Migration> migrations = embeddedMigrations();
  return migrations;
}

std::string checksum(const Migration& migration) {
  return base::sha256Hex(migration.sql);
}

base::Result<MigrationReport> migrate(const std::string& url, const base::Clock& clock,
                                      const std::string& applicationUrl) {
  return migrate(url, clock, builtInMigrations(), applicationUrl);
}

base::Result<MigrationReport> migrate(const std::string& url, const base::Clock& clock,
                                      const std::vector<Migration>& migrations,
                                      const std::string& applicationUrl) {
  const auto parsed = parseDatabaseUrl(url);
  if (!parsed) return base::fail(parsed.error());
  std::string application;
  if (!applicationUrl.empty()) {
    const auto other = parseDatabaseUrl(applicationUrl);
    if (!other) return base::fail(other.error());
    application = other->user;
  }
  try {
    const auto session = connect(*parsed, Access::migrate);
    return migrateIn(*session, clock, migrations, application);
  } catch (...) {
    return base::fail(cannotOpen(*parsed));
  }
}

base::Result<std::vector<Migration>> pendingMigrations(const std::string& url) {
  const auto parsed = parseDatabaseUrl(url);
  if (!parsed) return base::fail(parsed.error());
  try {
    const auto session = connect(*parsed, Access::read);
    return findPending(readApplied(*session), builtInMigrations());
  } catch (...) {
    return base::fail(cannotOpen(*parsed));
  }
}

}  // namespace unigate::store
