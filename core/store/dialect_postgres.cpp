// PostgreSQL: connecting and sorting errors.
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <stdexcept>

#include "store/dialect.hpp"
#include "store/worker_lease.hpp"

namespace unigate::store::postgres {

namespace {

// A process that is frozen in the middle of a transaction keeps its locks for less than its lease,
// so that they are gone when others take its operations over.
constexpr std::int64_t kFrozenMaxMs = 4'000;
static_assert(kFrozenMaxMs + 1'000 < WorkerLease::kLeaseMs);

// No server to talk to: never reached it, or lost it. Told apart from soci_error's other uses.
class ConnectionLost final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The library keeps its classes' type information to itself, which the sanitizer would ask for.
__attribute__((no_sanitize("vptr"))) PGconn* connectionOf(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

std::string show(soci::session& session, const std::string& setting) {
  return run(session, "SHOW " + setting);
}

// An acknowledged commit must be on the disk.
void checkDurability(soci::session& session) {
  for (const char* setting : {"fsync", "full_page_writes"}) {
    if (show(session, setting) != "on")
      throw std::runtime_error(std::string("the server runs with ") + setting +
                               " = off and may lose acknowledged payments; turn it on");
  }
  run(session, "SET synchronous_commit = on");
  const auto commit = show(session, "synchronous_commit");
  if (commit != "on" && commit != "remote_apply")
    throw std::runtime_error("synchronous_commit is " + commit + "; it must be on");
}

// Row level security holds neither superusers nor those who may bypass it, and an owner could
// take it away.
void checkRole(soci::session& session, const std::string& user) {
  if (run(session, "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname ="
                   " current_user") != "f") {
    throw std::runtime_error("the role " + user +
                             " is a superuser or has BYPASSRLS, so row level security would not"
                             " keep tenants apart; give store.url a plain role, and the owner's to"
                             " store.owner_url");
  }
  if (run(session, "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
                   " AND pg_has_role(tableowner, 'MEMBER')") != "0") {
    throw std::runtime_error("the role " + user +
                             " owns the tables; give store.url another role, and this one to"
                             " store.owner_url");
  }
}

}  // namespace

std::string run(soci::session& session, const std::string& sql) {
  PGconn* connection = connectionOf(session);
  PGresult* result = PQexec(connection, sql.c_str());
  const auto status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    const bool has = PQntuples(result) > 0 && PQnfields(result) > 0;
    std::string value = has ? PQgetvalue(result, 0, 0)
                        : status == PGRES_COMMAND_OK ? PQcmdStatus(result)
                                                     : "";
    PQclear(result);
    return value;
  }
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string text = message != nullptr ? message : "the connection was lost";
  const soci::postgresql_soci_error error(text, state != nullptr ? state : "08006");
  PQclear(result);
  throw error;
}

bool isConnected(soci::session& session) {
  return PQstatus(connectionOf(session)) == CONNECTION_OK;
}

std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access) {
  std::unique_ptr<soci::session> session;
  try {
    session = std::make_unique<soci::session>(soci::postgresql, url.connection);
  } catch (const soci::soci_error&) {
    // The message may quote the connection's words, a password among them.
    throw ConnectionLost("no connection to " + url.path +
                         "; is the server up, and does it let this role in?");
  }
  // Notices are no errors of ours, and standard error is not theirs.
  PQsetNoticeReceiver(connectionOf(*session), [](void*, const PGresult*) {}, nullptr);
  const char* timeout = access == Access::migrate ? "0" : access == Access::read ? "5s" : "10s";
  // Short statements gain nothing by being compiled.
  run(*session, std::string("SET statement_timeout = '") + timeout + "'; SET jit = off");
  if (access != Access::migrate) {
    run(*session, "SET idle_in_transaction_session_timeout = " + std::to_string(kFrozenMaxMs) +
                      "; SET lock_timeout = '1s'");
    checkRole(*session, url.user);
  }
  if (access == Access::write) {
    // Whatever the writer looks for it finds by a key. Left to itself the server plans for a table
    // that it knows nothing of yet, and goes on reading it whole when it has grown.
    run(*session, "SET enable_seqscan = off; SET enable_hashjoin = off;"
                  " SET enable_mergejoin = off");
  }
  if (access != Access::read) checkDurability(*session);
  return session;
}

bool classify(const std::exception& error, std::string& reason,
              WriteTransactions::Failure& failure) {
  using Failure = WriteTransactions::Failure;
  if (dynamic_cast<const ConnectionLost*>(&error) != nullptr) {
    reason = error.what();
    failure = Failure::lost;
    return true;
  }
  const auto* postgres = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  if (postgres == nullptr) return false;
  reason = postgres->get_error_message();
  const std::string state = postgres->sqlstate();
  const auto in = [&](const char* prefix) { return state.rfind(prefix, 0) == 0; };
  if (in("08") || in("57P") || in("25P03") || in(" ") || state.empty()) {
    failure = Failure::lost;
  } else if (in("40") || in("55P03") || in("57014")) {
    failure = Failure::busy;
  } else if (in("53") || in("58") || in("25006") || in("XX")) {
    failure = Failure::refused;
  } else {
    failure = Failure::job;
  }
  return true;
}

}  // namespace unigate::store::postgres
