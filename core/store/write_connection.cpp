#include "store/write_connection.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>
#include <unigate/json.hpp>

#include "store/secret_rows.hpp"
#include "store/transition_row.hpp"
#include "store/write_many.hpp"

namespace unigate::store {

namespace {

// Two changes of one transaction may be of one operation; each is an object of its own.
std::string ticketOf(const TransitionRecord& record) {
  return std::to_string(reinterpret_cast<std::uintptr_t>(&record));
}

std::int64_t orNow(std::int64_t time, const base::Clock& clock) {
  return time > 0 ? time : clock.unixMs();
}

}  // namespace

// The variables that the statements are bound to stand before the statements.
struct WriteConnection::Statements {
  WriteMany<OperationRow> intents;
  WriteMany<TransitionChange> changes;
  WriteMany<TransitionRow> transitions;
  WriteMany<AuditRow> auditRows;
  WriteMany<ResourceRecord> newResources;
  // Resources of this transaction: made, and looked at by transitions that were announced.
  std::set<std::string> newResourceIds;
  std::set<std::string> announcedResourceIds;

  std::string orgId, environment, clientKey, id, holds;
  Query<OperationRow> byClientKey;
  Query<OperationRow> byHeld;
  Query<OperationRow> byId;

  std::string provider, accountId, providerKey;
  Statement releaseKey;
  Statement reroute;

  ResourceRecord resource;
  std::int64_t foundVersion = 0;
  Statement resourceVersion;
  Statement updateResource;

  std::int64_t at = 0;
  Statement touchKey;

  AuditHead head;
  Statement readHead;
  Statement writeHead;

  Statements(soci::session& session, Engine engine)
      : intents(session, engine,
                insertManySql<OperationRow>(engine, "operations") + " ON CONFLICT DO NOTHING" +
                    (engine == Engine::postgres ? " RETURNING id, transition_seq" : ""),
                engine == Engine::postgres ? WriteMany<OperationRow>::Answers::returned
                                           : WriteMany<OperationRow>::Answers::written),
        changes(session, engine, transitionSql(engine),
                WriteMany<TransitionChange>::Answers::returned),
        transitions(session, engine, insertManySql<TransitionRow>(engine, "transaction_logs")),
        auditRows(session, engine, insertManySql<AuditRow>(engine, "audit_log")),
        newResources(session, engine, insertManySql<ResourceRecord>(engine, "resources")),
        byClientKey(session, "operations",
                    "WHERE org_id = :org_id AND environment = :environment"
                    " AND client_key = :client_key AND client_key <> ''"),
        byHeld(session, "operations",
               std::string("WHERE holds = :holds AND holds <> '' AND state <> 'succeeded'"
                           " AND state <> 'failed'") +
                   kOnlyOfTenant),
        byId(session, "operations", std::string("WHERE id = :id") + kOnlyOfTenant),
        releaseKey(session, "UPDATE operations SET client_key = '' WHERE id = :id"),
        reroute(session,
                "UPDATE operations SET provider = :provider, account_id = :account_id,"
                " provider_key = :provider_key WHERE id = :id"),
        resourceVersion(session, std::string("SELECT version FROM resources WHERE id = :id") +
                                     kOnlyOfTenant + dialect::forUpdate(engine)),
        updateResource(session, updateResourceSql()),
        touchKey(session,
                 "UPDATE api_keys SET last_used_at = :at WHERE id = :id AND last_used_at < :at"),
        readHead(session, "SELECT seq, hash FROM audit_heads WHERE chain = :chain"),
        writeHead(session,
                  "INSERT INTO audit_heads (chain, seq, hash) VALUES (:chain, :seq, :hash)"
                  " ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash") {
    readHead.out(head.seq).out(head.hash).in("chain", head.chain).ready();
    writeHead.in("chain", head.chain).in("seq", head.seq).in("hash", head.hash).ready();
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
    releaseKey.in("id", id).ready();
    reroute.in("provider", provider)
        .in("account_id", accountId)
        .in("provider_key", providerKey)
        .in("id", id)
        .ready();
    resourceVersion.out(foundVersion)
        .in("id", resource.id)
        .in("org_id", resource.orgId)
        .in("environment", resource.environment)
        .ready();
    bindResourceUpdate();
    touchKey.in("at", at).in("id", id).ready();
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
  s.intents.flush();
  s.changes.flush();
  s.newResources.flush();
  s.transitions.flush();
  s.auditRows.flush();
}

void WriteConnection::forget() {
  auto& s = *statements_;
  s.intents.clear();
  s.changes.clear();
  s.newResources.clear();
  s.transitions.clear();
  s.auditRows.clear();
  s.newResourceIds.clear();
  s.announcedResourceIds.clear();
}

void WriteConnection::beginning() {
  tenant_.clear();
  forget();
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
  forget();
  head_ = {head_.chain, durableHead_.seq, durableHead_.hash};
}

void WriteConnection::announce(const IntentRecord& intent) {
  auto& s = *statements_;
  if (s.intents.has(intent.operation.id)) return;
  forTenant(intent.operation.orgId);
  OperationRow row{intent.operation, std::string(toText(intent.operation.state))};
  auto& record = row.record;
  record.owner = owner_;
  record.createdAt = orNow(record.createdAt, clock_);
  record.updatedAt = orNow(record.updatedAt, clock_);
  record.transitionSeq = 1;
  s.intents.add(std::move(row), intent.operation.id);
}

IntentOutcome WriteConnection::insertIntent(const IntentRecord& intent) {
  auto& s = *statements_;
  const auto& record = intent.operation;
  announce(intent);
  forTenant(record.orgId);
  s.intents.flush();
  if (s.intents.take(record.id) != 0) {
    TransitionRow row;
    row.operationId = record.id;
    row.seq = 1;
    row.orgId = record.orgId;
    row.toState = toText(record.state);
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

// Whether a transition's own statement checks all its resources.
bool WriteConnection::checksItself(const std::string& orgId, const TransitionRecord& record) {
  return record.resources.empty() ||
         (record.resources.size() == 1 && record.resources.front().orgId == orgId);
}

void WriteConnection::announce(const std::string& orgId, const std::string& operationId,
                               OperationState fromState, std::int64_t fromFence,
                               const TransitionRecord& record) {
  auto& s = *statements_;
  if (!checksItself(orgId, record)) return;
  // Of two that go with one resource the second must see what the first makes of it.
  if (!record.resources.empty() &&
      !s.announcedResourceIds.insert(record.resources.front().id).second)
    return;
  addChange(orgId, operationId, fromState, fromFence, record);
}

void WriteConnection::addChange(const std::string& orgId, const std::string& operationId,
                                OperationState fromState, std::int64_t fromFence,
                                const TransitionRecord& record) {
  auto& s = *statements_;
  forTenant(orgId);
  TransitionChange change;
  change.ticket = ticketOf(record);
  change.operationId = operationId;
  change.orgId = orgId;
  change.fromState = toText(fromState);
  change.fromFence = fromFence;
  change.owner = owner_;
  change.toState = toText(record.toState);
  change.updatedAt = clock_.unixMs();
  change.newFence = record.newFence;
  change.attempt = record.attempt;
  change.epoch = record.epoch;
  change.nextResolveAt = record.nextResolveAt;
  change.sentAt = record.sentAt;
  if (checksItself(orgId, record) && !record.resources.empty()) {
    const auto& resource = record.resources.front();
    if (s.newResourceIds.count(resource.id) > 0) s.newResources.flush();
    change.knownId = resource.id;
    change.knownEnvironment = resource.environment;
    change.knownVersion = resource.version;
  }
  if (record.final) {
    change.isFinal = 1;
    change.final = *record.final;
  }
  s.changes.add(std::move(change), ticketOf(record));
}

TransitionOutcome WriteConnection::transition(const std::string& orgId,
                                              const std::string& operationId,
                                              OperationState fromState, std::int64_t fromFence,
                                              const TransitionRecord& record) {
  auto& s = *statements_;
  const auto& resources = record.resources;
  if (!s.changes.has(ticketOf(record))) {
    // Checked before anything is written; until the transaction ends nobody else can write these
    // rows, so it still holds below. One resource is checked by the transition's own statement.
    if (!checksItself(orgId, record) && !versionsHold(resources))
      return TransitionOutcome::resourceChanged;
    addChange(orgId, operationId, fromState, fromFence, record);
  }
  forTenant(orgId);
  s.changes.flush();
  const auto seq = s.changes.take(ticketOf(record));
  if (seq == 0) {
    return versionsHold(resources) ? TransitionOutcome::lostRace
                                   : TransitionOutcome::resourceChanged;
  }
  auto row = rowOf(orgId, operationId, record);
  row.seq = seq;
  row.fromState = toText(fromState);
  logTransition(std::move(row));
  s.id = operationId;
  if (record.releaseClientKey) s.releaseKey.run();
  if (!record.provider.empty()) {
    s.provider = record.provider;
    s.accountId = record.accountId;
    s.providerKey = record.providerKey;
    s.reroute.run();
  }
  for (const auto& resource : resources) writeResource(resource);
  if (record.credentials)
    changeCredentials(*session_, orgId, *record.credentials, clock_.unixMs());
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

bool WriteConnection::versionsHold(const std::vector<ResourceRecord>& resources) {
  auto& s = *statements_;
  for (const auto& resource : resources) {
    forTenant(resource.orgId);
    if (s.newResourceIds.count(resource.id) > 0) s.newResources.flush();
    s.resource.id = resource.id;
    s.resource.orgId = resource.orgId;
    s.resource.environment = resource.environment;
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
    s.newResourceIds.insert(row.id);
    s.newResources.add(row);
    return;
  }
  if (s.newResourceIds.count(row.id) > 0) s.newResources.flush();
  if (s.updateResource.run() != 1) {
    throw std::runtime_error("a resource changed under its own transaction");
  }
}

TransitionRow WriteConnection::rowOf(const std::string& orgId, const std::string& operationId,
                                     const TransitionRecord& record) {
  TransitionRow row;
  row.operationId = operationId;
  row.orgId = orgId;
  row.toState = toText(record.toState);
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

void SqlTransactions::run(const std::vector<std::unique_ptr<WriteJob>>& jobs) {
  for (auto first = jobs.begin(); first != jobs.end();) {
    const auto end = std::find_if(first, jobs.end(), [&first](const auto& job) {
      return job->tenant != (*first)->tenant;
    });
    if (isShared()) {
      for (auto job = first; job != end; ++job) (*job)->announce(*connection_);
    }
    for (; first != end; ++first) (*first)->run(*connection_);
  }
}

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
