#include "store/write_connection.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <unigate/json.hpp>

#include "store/insert_many.hpp"
#include "store/secret_rows.hpp"

namespace unigate::store {

namespace {

// Until the transaction ends nobody else changes the resource.
std::string versionSql(Engine engine) {
  return "SELECT version FROM resources WHERE id = :known_id"
         " AND org_id IS NOT DISTINCT FROM :known_org"
         " AND environment IS NOT DISTINCT FROM :known_environment" +
         dialect::forUpdate(engine);
}

constexpr const char* kTransitionSet =
    "UPDATE operations SET state = :to_state, fence = :new_fence, attempt = :attempt,"
    " epoch = :epoch, owner = :owner, updated_at = :updated_at,"
    " next_resolve_at = :next_resolve_at, transition_seq = transition_seq + 1,"
    " sent_at = CASE WHEN CAST(:sent_at AS BIGINT) > 0"
    " THEN CAST(:sent_at AS BIGINT) ELSE sent_at END";
constexpr const char* kFinalSet =
    ", outcome = :outcome, error = :error, response_status = :response_status,"
    " response_headers = :response_headers, response_body = :response_body,"
    " resource_id = CASE WHEN CAST(:resource_id AS TEXT) <> '' THEN CAST(:resource_id AS TEXT)"
    " ELSE resource_id END,"
    " provider_request_id = :provider_request_id, finished_at = :finished_at,"
    " provider_us = :provider_us, own_us = :own_us";
// Terminal states never change, whatever the caller believes. And the resource that goes with the
// transition, if one does, must be of the version that the caller knew (0: not there).
std::string transitionWhere(Engine engine) {
  return std::string(" WHERE id = :id") + kOnlyOfOrg +
         " AND state = :from_state AND fence = :from_fence"
         " AND state NOT IN ('succeeded', 'failed') AND COALESCE((" +
         versionSql(engine) + "), 0) = :known_version RETURNING transition_seq";
}

std::int64_t orNow(std::int64_t time, const base::Clock& clock) {
  return time > 0 ? time : clock.unixMs();
}

}  // namespace

// The variables that the statements are bound to stand before the statements.
struct WriteConnection::Statements {
  OperationRow operation;
  Statement insertOperation;

  std::string orgId, environment, clientKey, id, holds;
  Query<OperationRow> byClientKey;
  Query<OperationRow> byHeld;
  Query<OperationRow> byId;

  std::string fromState, owner;
  std::int64_t at = 0;
  std::int64_t seq = 0;
  InsertMany<TransitionRow> transitions;

  TransitionRecord change;
  FinalRecord final;
  std::string toState;
  std::int64_t fromFence = 0;
  Statement transition;
  Statement transitionFinal;
  Statement releaseKey;
  Statement reroute;

  ResourceRecord resource;
  std::int64_t foundVersion = 0;
  Statement resourceVersion;
  InsertMany<ResourceRecord> newResources;
  std::vector<std::string> newResourceIds;  // of this transaction
  Statement updateResource;

  Statement touchKey;

  InsertMany<AuditRow> auditRows;
  AuditHead head;
  Statement readHead;
  Statement writeHead;

  Statements(soci::session& session, Engine engine)
      : insertOperation(session, insertSql<OperationRow>("operations") + " ON CONFLICT DO NOTHING"),
        byClientKey(session, "operations",
                    "WHERE org_id = :org_id AND environment = :environment"
                    " AND client_key = :client_key AND client_key <> ''"),
        byHeld(session, "operations",
               std::string("WHERE holds = :holds AND holds <> '' AND state <> 'succeeded'"
                           " AND state <> 'failed'") +
                   kOnlyOfTenant),
        byId(session, "operations", std::string("WHERE id = :id") + kOnlyOfTenant),
        transitions(session, engine, "transaction_logs"),
        transition(session, kTransitionSet + transitionWhere(engine)),
        transitionFinal(session, std::string(kTransitionSet) + kFinalSet + transitionWhere(engine)),
        releaseKey(session, "UPDATE operations SET client_key = '' WHERE id = :id"),
        reroute(session,
                "UPDATE operations SET provider = :provider, account_id = :account_id,"
                " provider_key = :provider_key WHERE id = :id"),
        resourceVersion(session, versionSql(engine)),
        newResources(session, engine, "resources"),
        updateResource(session, updateResourceSql()),
        touchKey(session,
                 "UPDATE api_keys SET last_used_at = :at WHERE id = :id AND last_used_at < :at"),
        auditRows(session, engine, "audit_log"),
        readHead(session, "SELECT seq, hash FROM audit_heads WHERE chain = :chain"),
        writeHead(session,
                  "INSERT INTO audit_heads (chain, seq, hash) VALUES (:chain, :seq, :hash)"
                  " ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash") {
    readHead.out(head.seq).out(head.hash).in("chain", head.chain).ready();
    writeHead.in("chain", head.chain).in("seq", head.seq).in("hash", head.hash).ready();
    bindAllIn(insertOperation, operation);
    insertOperation.ready();
    byClientKey.statement()
        .in("org_id", orgId)
        .in("environment", environment)
        .in("client_key", clientKey)
        .ready();
    byHeld.statement()
        .in("holds", holds)
        .in("org_id", orgId)
        .in("environment", environment)
        .ready();
    byId.statement().in("org_id", orgId).in("environment", environment).in("id", id).ready();
    bindTransition(transition);
    transition.ready();
    bindTransition(transitionFinal);
    bindFinal(transitionFinal);
    transitionFinal.ready();
    releaseKey.in("id", id).ready();
    reroute.in("provider", change.provider)
        .in("account_id", change.accountId)
        .in("provider_key", change.providerKey)
        .in("id", id)
        .ready();
    bindResource(resourceVersion.out(foundVersion));
    resourceVersion.ready();
    bindResourceUpdate();
    touchKey.in("at", at).in("id", id).ready();
  }

  void bindTransition(Statement& statement) {
    statement.out(seq).in("to_state", toState)
        .in("new_fence", change.newFence)
        .in("attempt", change.attempt)
        .in("epoch", change.epoch)
        .in("owner", owner)
        .in("updated_at", at)
        .in("next_resolve_at", change.nextResolveAt)
        .in("sent_at", change.sentAt)
        .in("id", id)
        .in("org_id", orgId)
        .in("from_state", fromState)
        .in("from_fence", fromFence);
    bindResource(statement);
    statement.in("known_version", resource.version);
  }

  void bindResource(Statement& statement) {
    statement.in("known_id", resource.id)
        .in("known_org", resource.orgId)
        .in("known_environment", resource.environment);
  }

  void bindFinal(Statement& statement) {
    statement.in("outcome", final.outcome)
        .in("error", final.error)
        .in("response_status", final.responseStatus)
        .in("response_headers", final.responseHeaders)
        .in("response_body", final.responseBody)
        .in("resource_id", final.resourceId)
        .in("provider_request_id", final.providerRequestId)
        .in("finished_at", final.finishedAt)
        .in("provider_us", final.providerUs)
        .in("own_us", final.ownUs);
  }

  // Identity, tenant, kind and creation time of a resource never change.
  static bool isFixed(std::string_view column) {
    return column == "id" || column == "org_id" || column == "environment" || column == "kind" ||
           column == "created_at" || column == "version";
  }

  static std::string updateResourceSql() {
    std::string sql = "UPDATE resources SET version = version + 1";
    ResourceRecord row;
    visitColumns(row, [&](const char* name, auto&) {
      if (!isFixed(name)) sql += std::string(", ") + name + " = :" + name;
    });
    return sql + " WHERE id = :id" + kOnlyOfTenant + " AND version = :version";
  }

  void bindResourceUpdate() {
    visitColumns(resource, [&](const std::string& name, auto& field) {
      if (!isFixed(name) || name == "id" || name == "org_id" || name == "environment" ||
          name == "version") {
        updateResource.in(name, field);
      }
    });
    updateResource.ready();
  }
};

WriteConnection::WriteConnection(const DatabaseUrl& url, std::string owner,
                                 const base::Clock& clock)
    : clock_(clock),
      owner_(std::move(owner)),
      session_(connect(url, Access::write)),
      engine_(url.engine),
      statements_(std::make_unique<Statements>(*session_, url.engine)) {
  head_.chain = dialect::takeChain(*session_);
}

WriteConnection::~WriteConnection() = default;

void WriteConnection::forTenant(const std::string& orgId) {
  if (engine_ == Engine::sqlite || orgId == tenant_) return;
  flush();  // as the tenant whose rows they are
  dialect::setTenant(*session_, orgId);
  tenant_ = orgId;
}

void WriteConnection::audit(AuditRow row) {
  auto& s = *statements_;
  if (!headKnown_) {
    s.head = {head_.chain, 0, {}};
    s.readHead.one([] {});
    head_ = s.head;
    durableHead_ = head_;
    headKnown_ = true;
  }
  row.chain = head_.chain;
  row.seq = head_.seq + 1;
  row.at = clock_.unixMs();
  if (row.actor.empty()) row.actor = owner_;
  row.hash = auditHash(row, head_.hash);
  head_.seq = row.seq;
  head_.hash = row.hash;
  s.auditRows.add(std::move(row));
}

soci::session& WriteConnection::session() {
  flush();
  return *session_;
}

void WriteConnection::flush() {
  auto& s = *statements_;
  s.newResources.flush();
  s.transitions.flush();
  s.auditRows.flush();
}

void WriteConnection::beginning() {
  tenant_.clear();
  statements_->newResourceIds.clear();
  // On SQLite all processes write one chain, one at a time.
  if (engine_ == Engine::sqlite) headKnown_ = false;
}

void WriteConnection::committing() {
  flush();
  if (!headKnown_ || head_.seq == durableHead_.seq) return;
  statements_->head = head_;
  statements_->writeHead.run();
}

void WriteConnection::rolledBack() {
  auto& s = *statements_;
  s.newResources.clear();
  s.transitions.clear();
  s.auditRows.clear();
  head_ = {head_.chain, durableHead_.seq, durableHead_.hash};
}

IntentOutcome WriteConnection::insertIntent(const IntentRecord& intent) {
  auto& s = *statements_;
  forTenant(intent.operation.orgId);
  s.operation.record = intent.operation;
  auto& record = s.operation.record;
  record.owner = owner_;
  s.operation.state = toText(record.state);
  record.createdAt = orNow(record.createdAt, clock_);
  record.updatedAt = orNow(record.updatedAt, clock_);
  record.transitionSeq = 1;
  if (s.insertOperation.run() == 1) {
    TransitionRow row;
    row.operationId = record.id;
    row.seq = 1;
    row.orgId = record.orgId;
    row.toState = s.operation.state;
    row.attempt = record.attempt;
    row.fence = record.fence;
    row.reason = intent.reason;
    logTransition(std::move(row));
    for (const auto& resource : intent.resources) writeResource(resource);
    return {true, false, {}};
  }
  s.orgId = record.orgId;
  s.environment = record.environment;
  s.clientKey = record.clientKey;
  s.id = record.id;
  s.holds = record.holds;
  auto existing = s.byClientKey.one();
  if (!existing) existing = s.byId.one();
  if (existing) return {false, false, std::move(*existing)};
  // Whoever held the resource may have let it go in between; it was held all the same.
  existing = s.byHeld.one();
  if (!existing && record.holds.empty()) throw std::runtime_error("the operation's id is taken");
  return {false, true, existing ? std::move(*existing) : OperationRecord()};
}

TransitionOutcome WriteConnection::transition(const std::string& orgId,
                                              const std::string& operationId,
                                              OperationState fromState, std::int64_t fromFence,
                                              const TransitionRecord& record) {
  forTenant(orgId);
  // Checked before anything is written; until the transaction ends nobody else can write these
  // rows, so it still holds below. One resource is checked by the transition's own statement.
  const auto& resources = record.resources;
  const bool single = resources.size() == 1 && resources.front().orgId == orgId;
  if (!single && !versionsHold(resources)) return TransitionOutcome::resourceChanged;
  lookAt(single ? resources.front() : ResourceRecord());
  auto& s = *statements_;
  s.id = operationId;
  s.orgId = orgId;
  s.fromState = toText(fromState);
  s.fromFence = fromFence;
  s.toState = toText(record.toState);
  s.at = clock_.unixMs();
  s.change.newFence = record.newFence;
  s.change.attempt = record.attempt;
  s.change.epoch = record.epoch;
  s.change.nextResolveAt = record.nextResolveAt;
  s.change.sentAt = record.sentAt;
  s.owner = owner_;
  if (record.final) s.final = *record.final;
  auto& update = record.final ? s.transitionFinal : s.transition;
  if (!update.one([] {})) {
    return versionsHold(resources) ? TransitionOutcome::lostRace
                                   : TransitionOutcome::resourceChanged;
  }
  logTransition(rowOf(orgId, operationId, record));
  if (record.releaseClientKey) s.releaseKey.run();
  if (!record.provider.empty()) {
    s.change.provider = record.provider;
    s.change.accountId = record.accountId;
    s.change.providerKey = record.providerKey;
    s.reroute.run();
  }
  for (const auto& resource : resources) writeResource(resource);
  if (record.credentials) changeCredentials(*session_, orgId, *record.credentials, s.at);
  return TransitionOutcome::applied;
}

TransitionOutcome WriteConnection::putResources(const std::vector<ResourceRecord>& resources) {
  if (!versionsHold(resources)) return TransitionOutcome::resourceChanged;
  for (const auto& resource : resources) writeResource(resource);
  return TransitionOutcome::applied;
}

void WriteConnection::touchApiKey(const std::string& keyId, std::int64_t at) {
  forTenant(kAllTenants);
  statements_->id = keyId;
  statements_->at = at;
  statements_->touchKey.run();
}

void WriteConnection::lookAt(const ResourceRecord& resource) {
  auto& s = *statements_;
  const auto& made = s.newResourceIds;
  if (std::find(made.begin(), made.end(), resource.id) != made.end()) s.newResources.flush();
  s.resource.id = resource.id;
  s.resource.orgId = resource.orgId;
  s.resource.environment = resource.environment;
  s.resource.version = resource.version;
}

bool WriteConnection::versionsHold(const std::vector<ResourceRecord>& resources) {
  auto& s = *statements_;
  for (const auto& resource : resources) {
    forTenant(resource.orgId);
    lookAt(resource);
    s.foundVersion = 0;
    s.resourceVersion.one([] {});
    if (s.foundVersion != resource.version) return false;
  }
  return true;
}

void WriteConnection::writeResource(const ResourceRecord& resource) {
  auto& s = *statements_;
  forTenant(resource.orgId);
  s.resource = resource;
  auto& row = s.resource;
  if (row.metadata.empty()) row.metadata = "{}";
  row.updatedAt = orNow(row.updatedAt, clock_);
  if (row.version == 0) {
    row.createdAt = orNow(row.createdAt, clock_);
    row.version = 1;
    s.newResourceIds.push_back(row.id);
    s.newResources.add(row);
  } else if (s.updateResource.run() != 1) {
    throw std::runtime_error("a resource changed under its own transaction");
  }
}

TransitionRow WriteConnection::rowOf(const std::string& orgId, const std::string& operationId,
                                     const TransitionRecord& record) const {
  const auto& s = *statements_;
  TransitionRow row;
  row.operationId = operationId;
  row.seq = s.seq;
  row.orgId = orgId;
  row.fromState = s.fromState;
  row.toState = s.toState;
  row.attempt = record.attempt;
  row.fence = record.newFence;
  row.reason = record.reason;
  row.action = record.attempted.action;
  row.outcome = record.attempted.outcome;
  row.providerUs = record.attempted.providerUs;
  row.ownUs = record.attempted.ownUs;
  row.providerRequestId = record.attempted.providerRequestId;
  row.actor = record.actor;
  return row;
}

void WriteConnection::logTransition(TransitionRow row) {
  auto& s = *statements_;
  if (row.actor.empty()) row.actor = owner_;
  row.at = clock_.unixMs();
  AuditRow entry;
  entry.orgId = row.orgId;
  entry.actor = row.actor;
  entry.action = kTransitionAction;
  entry.subject = row.operationId;
  entry.subjectSeq = row.seq;
  json::Writer data;
  data.beginObject()
      .member("from", row.fromState)
      .member("to", row.toState)
      .member("attempt", row.attempt)
      .member("fence", row.fence)
      .member("outcome", row.outcome)
      .member("reason", row.reason)
      .endObject();
  entry.data = data.take();
  s.transitions.add(std::move(row));
  audit(std::move(entry));
}

SqlTransactions::SqlTransactions(const DatabaseUrl& url, std::string owner,
                                 const base::Clock& clock)
    : url_(url),
      owner_(std::move(owner)),
      clock_(clock),
      connection_(std::make_unique<WriteConnection>(url_, owner_, clock_)) {}

SqlTransactions::~SqlTransactions() = default;

void SqlTransactions::begin() {
  if (connection_ && !dialect::isConnected(connection_->session())) connection_.reset();
  if (!connection_) connection_ = std::make_unique<WriteConnection>(url_, owner_, clock_);
  connection_->beginning();
  dialect::beginWrite(connection_->session());
}

void SqlTransactions::commit() {
  connection_->committing();
  before_ = connection_->durableHead_;
  after_ = connection_->head_;
  dialect::commit(connection_->session());
  connection_->durableHead_ = connection_->head_;
}

void SqlTransactions::rollback() noexcept {
  if (!connection_) return;
  try {
    connection_->rolledBack();
    execute(connection_->session(), "ROLLBACK");
  } catch (const std::exception&) {
    // SQLite has already rolled back, as it does when it runs out of space; a PostgreSQL that can't
    // is not there any more.
    if (url_.engine == Engine::postgres) connection_.reset();
  }
}

// Whoever gets the chain of the broken connection knows that the server has done with it, one way
// or the other; and then the row that the transaction was to end the chain with is there or not.
// (The number of the transaction would not do: a server that crashed may give it out again.) A
// transaction that added nothing to the chain is told as not committed: to do it again is harmless.
WriteTransactions::Outcome SqlTransactions::outcomeOfLostCommit(std::int64_t waitMs) {
  constexpr std::int64_t kPauseMs = 100;
  const auto deadlineUs = clock_.monotonicUs() + waitMs * 1'000;
  connection_.reset();
  if (after_.seq == before_.seq) return Outcome::notCommitted;
  do {
    try {
      const auto session = connect(url_, Access::write);
      if (dialect::takeChain(*session, after_.chain)) {
        dialect::beginRead(*session, kAllTenants);
        std::string hash;
        AuditHead looked = after_;
        Statement(*session, "SELECT hash FROM audit_log WHERE chain = :chain AND seq = :seq")
            .out(hash)
            .in("chain", looked.chain)
            .in("seq", looked.seq)
            .ready()
            .one([] {});
        dialect::endRead(*session);
        return hash == after_.hash ? Outcome::committed : Outcome::notCommitted;
      }
    } catch (const std::exception&) {
      // Not back yet.
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
  } while (clock_.monotonicUs() < deadlineUs);
  return Outcome::unknown;
}

}  // namespace unigate::store
