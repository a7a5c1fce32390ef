#include "store/dialect.hpp"

#include <soci/soci.h>

#include <stdexcept>

#include "store/statement.hpp"

namespace unigate::store {

std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access) {
  return url.engine == Engine::postgres ? postgres::connect(url, access)
                                        : sqlite::connect(url, access);
}

namespace dialect {

namespace {

// Organisations' ids and '*' only: nothing that could end a literal.
std::string literal(const std::string& text) {
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
    if (!plain) throw std::runtime_error("an organisation's id has a character that none has");
  }
  return "'" + text + "'";
}

constexpr std::int64_t kChainsMax = 1'000;

}  // namespace

Engine engineOf(soci::session& session) {
  return session.get_backend_name() == "postgresql" ? Engine::postgres : Engine::sqlite;
}

void beginWrite(soci::session& session) {
  if (engineOf(session) == Engine::postgres) {
    postgres::run(session, "BEGIN");
  } else {
    execute(session, "BEGIN IMMEDIATE");
  }
}

void commit(soci::session& session) {
  if (engineOf(session) == Engine::postgres) {
    // A transaction that failed ends with ROLLBACK instead, which is no error to the server.
    if (postgres::run(session, "COMMIT") != "COMMIT")
      throw std::runtime_error("the transaction was rolled back");
    return;
  }
  execute(session, "COMMIT");
}

void lockForMigration(soci::session& session) {
  if (engineOf(session) != Engine::postgres) return;
  postgres::run(session, "SELECT pg_advisory_xact_lock(30058, 0);"
                         " SELECT set_config('unigate.tenant', '*', true)");
}

void setTenant(soci::session& session, const std::string& tenant) {
  if (engineOf(session) != Engine::postgres) return;
  postgres::run(session, "SELECT set_config('unigate.tenant', " + literal(tenant) + ", true)");
}

void beginRead(soci::session& session, const std::string& tenant) {
  if (engineOf(session) != Engine::postgres) return;
  postgres::run(session, "BEGIN READ ONLY; SELECT set_config('unigate.tenant', " +
                             literal(tenant) + ", true)");
}

void endRead(soci::session& session) noexcept {
  try {
    if (engineOf(session) == Engine::postgres) postgres::run(session, "ROLLBACK");
  } catch (const std::exception&) {
    return;  // the connection is gone, and the transaction with it
  }
}

bool isConnected(soci::session& session) {
  return engineOf(session) != Engine::postgres || postgres::isConnected(session);
}

bool takeChain(soci::session& session, std::int64_t chain) {
  return postgres::run(session, "SELECT pg_try_advisory_lock(30059, " + std::to_string(chain) +
                                    ")") == "t";
}

std::int64_t takeChain(soci::session& session) {
  if (engineOf(session) != Engine::postgres) return 0;
  for (std::int64_t chain = 1; chain <= kChainsMax; ++chain) {
    if (takeChain(session, chain)) return chain;
  }
  throw std::runtime_error("too many processes write to the database");
}

std::string forUpdate(Engine engine) {
  return engine == Engine::postgres ? " FOR UPDATE" : "";
}

std::string metadataHas(Engine engine, const std::string& key, const std::string& value) {
  if (engine == Engine::postgres)
    return "(CAST(metadata AS JSONB) ->> CAST(" + key + " AS TEXT)) = " + value;
  return "EXISTS (SELECT 1 FROM json_each(metadata) AS pair WHERE pair.key = " + key +
         " AND pair.value = " + value + ")";
}

std::string holdsText(Engine engine, const std::string& column, const std::string& pattern) {
  return column + (engine == Engine::postgres ? " ILIKE " : " LIKE ") + pattern + " ESCAPE '\\'";
}

std::string patternOf(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

bool tableExists(soci::session& session, const std::string& name) {
  std::int64_t count = 0;
  const char* sql = engineOf(session) == Engine::postgres
                        ? "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname ="
                          " current_schema() AND tablename = :name"
                        : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name";
  Statement(session, sql).out(count).in("name", name).ready().one([] {});
  return count > 0;
}

WriteTransactions::Failure classify(std::string& reason) {
  using Failure = WriteTransactions::Failure;
  try {
    throw;
  } catch (const std::exception& error) {
    Failure failure = Failure::job;
    if (sqlite::classify(error, reason, failure) || postgres::classify(error, reason, failure))
      return failure;
    reason = error.what();
    return Failure::job;
  }
}

}  // namespace dialect

}  // namespace unigate::store
