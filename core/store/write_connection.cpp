#include "store/write_connection.hpp"

#include <stdexcept>

#include "store/secret_rows.hpp"

namespace unigate::store {

namespace {

constexpr const char* kTransitionSet =
    "UPDATE operations SET state = :to_state, fence = :new_fence, attempt = :attempt,"
    " epoch = :epoch, owner = :owner, updated_at = :updated_at,"
    " next_resolve_at = :next_resolve_at, transition_seq = transition_seq + 1,"
    " sent_at = CASE WHEN :sent_at > 0 THEN :sent_at ELSE sent_at END";
constexpr const char* kFinalSet =
    ", outcome = :outcome, error = :error, response_status = :response_status,"
    " response_headers = :response_headers, response_body = :response_body,"
    " resource_id = CASE WHEN :resource_id <> '' THEN :resource_id ELSE resource_id END,"
    " provider_request_id = :provider_request_id, finished_at = :finished_at,"
    " provider_us = :provider_us, own_us = :own_us";
// Terminal states never change, whatever the caller believes.
constexpr const char* kTransitionWhere =
    " WHERE id = :id AND org_id = :org_id AND state = :from_state AND fence = :from_fence"
    " AND state NOT IN ('succeeded', 'failed')";

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

  std::string fromState, reason, owner, actor;
  std::int64_t at = 0;
  AttemptRecord attempted;
  Statement addTransition;

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
  Statement insertResource;
  Statement updateResource;

  Statement touchKey;

  explicit Statements(soci::session& session)
      : insertOperation(session, insertSql<OperationRow>("operations") + " ON CONFLICT DO NOTHING"),
        byClientKey(session, "operations",
                    "WHERE org_id = :org_id AND environment = :environment"
                    " AND client_key = :client_key AND client_key <> ''"),
        byHeld(session, "operations",
               "WHERE holds = :holds AND holds <> '' AND state <> 'succeeded'"
               " AND state <> 'failed' AND org_id = :org_id AND environment = :environment"),
        byId(session, "operations",
             "WHERE org_id = :org_id AND environment = :environment AND id = :id"),
        addTransition(session,
                      "INSERT INTO transaction_logs (operation_id, seq, org_id, from_state,"
                      " to_state, attempt, fence, at, reason, action, outcome, provider_us, own_us,"
                      " provider_request_id, actor) SELECT id, transition_seq, org_id,"
                      " CAST(:from_state AS TEXT), state, attempt, fence, CAST(:at AS BIGINT),"
                      " CAST(:reason AS TEXT), CAST(:action AS TEXT), CAST(:outcome AS TEXT),"
                      " CAST(:provider_us AS BIGINT), CAST(:own_us AS BIGINT),"
                      " CAST(:request_id AS TEXT), CAST(:actor AS TEXT)"
                      " FROM operations WHERE id = :id"),
        transition(session, std::string(kTransitionSet) + kTransitionWhere),
        transitionFinal(session, std::string(kTransitionSet) + kFinalSet + kTransitionWhere),
        releaseKey(session, "UPDATE operations SET client_key = '' WHERE id = :id"),
        reroute(session,
                "UPDATE operations SET provider = :provider, account_id = :account_id,"
                " provider_key = :provider_key WHERE id = :id"),
        resourceVersion(session,
                        "SELECT version FROM resources WHERE id = :id AND org_id = :org_id"
                        " AND environment = :environment"),
        insertResource(session, insertSql<ResourceRecord>("resources")),
        updateResource(session, updateResourceSql()),
        touchKey(session,
                 "UPDATE api_keys SET last_used_at = :at WHERE id = :id AND last_used_at < :at") {
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
    addTransition.in("from_state", fromState).in("at", at).in("reason", reason).in("id", id);
    addTransition.in("action", attempted.action).in("outcome", attempted.outcome);
    addTransition.in("provider_us", attempted.providerUs).in("own_us", attempted.ownUs);
    addTransition.in("request_id", attempted.providerRequestId).in("actor", actor);
    addTransition.ready();
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
    resourceVersion.out(foundVersion)
        .in("id", resource.id)
        .in("org_id", resource.orgId)
        .in("environment", resource.environment)
        .ready();
    bindAllIn(insertResource, resource);
    insertResource.ready();
    bindResourceUpdate();
    touchKey.in("at", at).in("id", id).ready();
  }

  void bindTransition(Statement& statement) {
    statement.in("to_state", toState)
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
    return sql +
           " WHERE id = :id AND org_id = :org_id AND environment = :environment"
           " AND version = :version";
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
      statements_(std::make_unique<Statements>(*session_)) {}

WriteConnection::~WriteConnection() = default;

void WriteConnection::forTenant(const std::string&) {}

IntentOutcome WriteConnection::insertIntent(const IntentRecord& intent) {
  auto& s = *statements_;
  s.operation.record = intent.operation;
  auto& record = s.operation.record;
  record.owner = owner_;
  s.operation.state = toText(record.state);
  record.createdAt = orNow(record.createdAt, clock_);
  record.updatedAt = orNow(record.updatedAt, clock_);
  record.transitionSeq = 1;
  if (s.insertOperation.run() == 1) {
    s.id = record.id;
    s.attempted = {};
    s.actor = owner_;
    addTransitionRow(record.id, {}, intent.reason);
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
  // Checked before anything is written: this transaction alone may write, so it still holds below.
  if (!versionsHold(record.resources)) return TransitionOutcome::resourceChanged;
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
  s.attempted = record.attempted;
  s.actor = record.actor.empty() ? owner_ : record.actor;
  if (record.final) s.final = *record.final;
  auto& update = record.final ? s.transitionFinal : s.transition;
  if (update.run() != 1) return TransitionOutcome::lostRace;
  addTransitionRow(operationId, s.fromState, record.reason);
  if (record.releaseClientKey) s.releaseKey.run();
  if (!record.provider.empty()) {
    s.change.provider = record.provider;
    s.change.accountId = record.accountId;
    s.change.providerKey = record.providerKey;
    s.reroute.run();
  }
  for (const auto& resource : record.resources) writeResource(resource);
  if (record.credentials) changeCredentials(*session_, orgId, *record.credentials, s.at);
  return TransitionOutcome::applied;
}

TransitionOutcome WriteConnection::putResources(const std::vector<ResourceRecord>& resources) {
  if (!versionsHold(resources)) return TransitionOutcome::resourceChanged;
  for (const auto& resource : resources) writeResource(resource);
  return TransitionOutcome::applied;
}

void WriteConnection::touchApiKey(const std::string& keyId, std::int64_t at) {
  statements_->id = keyId;
  statements_->at = at;
  statements_->touchKey.run();
}

bool WriteConnection::versionsHold(const std::vector<ResourceRecord>& resources) {
  auto& s = *statements_;
  for (const auto& resource : resources) {
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
  s.resource = resource;
  auto& row = s.resource;
  if (row.metadata.empty()) row.metadata = "{}";
  row.updatedAt = orNow(row.updatedAt, clock_);
  if (row.version == 0) {
    row.createdAt = orNow(row.createdAt, clock_);
    row.version = 1;
    s.insertResource.run();
  } else if (s.updateResource.run() != 1) {
    throw std::runtime_error("a resource changed under its own transaction");
  }
}

void WriteConnection::addTransitionRow(const std::string& operationId, const std::string& fromState,
                                       const std::string& reason) {
  auto& s = *statements_;
  s.id = operationId;
  if (&fromState != &s.fromState) s.fromState = fromState;
  s.reason = reason;
  s.at = clock_.unixMs();
  if (s.addTransition.run() != 1) throw std::runtime_error("a transition left no audit row");
}

SqlTransactions::SqlTransactions(const DatabaseUrl& url, std::string owner,
                                 const base::Clock& clock)
    : connection_(url, std::move(owner), clock),
      begin_(connection_.session(), dialect::kBeginWrite),
      commit_(connection_.session(), "COMMIT") {
  begin_.ready();
  commit_.ready();
}

SqlTransactions::~SqlTransactions() = default;

void SqlTransactions::begin() {
  begin_.run();
}
void SqlTransactions::commit() {
  commit_.run();
}

void SqlTransactions::rollback() noexcept {
  try {
    execute(connection_.session(), "ROLLBACK");
  } catch (const std::exception&) {
    // The engine has already rolled back, as it does when it runs out of space.
    return;
  }
}

}  // namespace unigate::store
