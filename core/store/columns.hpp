// Which column of which table each field of a record is, said once, for selects and inserts alike.
// Included only by the store.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>

#include "store/records.hpp"
#include "store/statement.hpp"

namespace unigate::store {

// Conditions on a row that its id (or another key of its own) finds: `=` in a form that no index
// serves. PostgreSQL knows nothing of a young table, and would as soon walk a tenant's whole index.
constexpr const char* kOnlyOfOrg = " AND org_id IS NOT DISTINCT FROM :org_id";
constexpr const char* kOnlyOfTenant =
    " AND org_id IS NOT DISTINCT FROM :org_id"
    " AND environment IS NOT DISTINCT FROM :environment";

template <typename Visit>
void visitColumns(Organisation& r, Visit&& visit) {
  visit("id", r.id);
  visit("name", r.name);
  visit("created_at", r.createdAt);
}

template <typename Visit>
void visitColumns(ApiKeyRecord& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("name", r.name);
  visit("hash", r.hash);
  visit("last4", r.last4);
  visit("scopes", r.scopes);
  visit("expires_at", r.expiresAt);
  visit("revoked_at", r.revokedAt);
  visit("rate_per_minute", r.ratePerMinute);
  visit("created_at", r.createdAt);
  visit("last_used_at", r.lastUsedAt);
}

template <typename Visit>
void visitColumns(ProviderAccount& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("provider", r.provider);
  visit("priority", r.priority);
  visit("settings", r.settings);
  visit("status", r.status);
  visit("verified_at", r.verifiedAt);
  visit("created_at", r.createdAt);
  visit("updated_at", r.updatedAt);
}

template <typename Visit>
void visitColumns(SecretRecord& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("account_id", r.accountId);
  visit("field", r.field);
  visit("version", r.version);
  visit("key_id", r.keyId);
  visit("wrapped_key", r.wrappedKey);
  visit("nonce", r.nonce);
  visit("ciphertext", r.ciphertext);
  visit("last4", r.last4);
  visit("created_at", r.createdAt);
}

template <typename Visit>
void visitColumns(TransitionRow& r, Visit&& visit) {
  visit("operation_id", r.operationId);
  visit("seq", r.seq);
  visit("org_id", r.orgId);
  visit("from_state", r.fromState);
  visit("to_state", r.toState);
  visit("attempt", r.attempt);
  visit("fence", r.fence);
  visit("at", r.at);
  visit("reason", r.reason);
  visit("action", r.action);
  visit("outcome", r.outcome);
  visit("provider_us", r.providerUs);
  visit("own_us", r.ownUs);
  visit("provider_request_id", r.providerRequestId);
  visit("actor", r.actor);
}

template <typename Visit>
void visitColumns(AuditRow& r, Visit&& visit) {
  visit("chain", r.chain);
  visit("seq", r.seq);
  visit("at", r.at);
  visit("org_id", r.orgId);
  visit("actor", r.actor);
  visit("action", r.action);
  visit("subject", r.subject);
  visit("subject_seq", r.subjectSeq);
  visit("data", r.data);
  visit("hash", r.hash);
}

template <typename Visit>
void visitColumns(ReconciliationRecord& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("provider", r.provider);
  visit("status", r.status);
  visit("since", r.since);
  visit("until", r.until);
  visit("created_at", r.createdAt);
  visit("finished_at", r.finishedAt);
  visit("differences", r.differences);
  visit("document", r.document);
}

template <typename Visit>
void visitColumns(WorkerRecord& r, Visit&& visit) {
  visit("id", r.id);
  visit("beat", r.beat);
  visit("epoch", r.epoch);
  visit("host", r.host);
  visit("process_id", r.processId);
  visit("started_at", r.startedAt);
  visit("seen_at", r.seenAt);
}

template <typename Visit>
void visitColumns(ResourceRecord& r, Visit&& visit) {
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("kind", r.kind);
  visit("provider", r.provider);
  visit("account_id", r.accountId);
  visit("provider_id", r.providerId);
  visit("status", r.status);
  visit("amount", r.amount);
  visit("currency", r.currency);
  visit("parent_id", r.parentId);
  visit("customer", r.customer);
  visit("reference", r.reference);
  visit("created_at", r.createdAt);
  visit("updated_at", r.updatedAt);
  visit("version", r.version);
  visit("document", r.document);
  visit("metadata", r.metadata);
}

// An operation with its state as the text that is stored.
struct OperationRow {
  OperationRecord record;
  std::string state;
};

template <typename Visit>
void visitColumns(OperationRow& row, Visit&& visit) {
  auto& r = row.record;
  visit("id", r.id);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("client_key", r.clientKey);
  visit("fingerprint", r.fingerprint);
  visit("operation", r.operation);
  visit("route", r.route);
  visit("provider", r.provider);
  visit("account_id", r.accountId);
  visit("resource_kind", r.resourceKind);
  visit("resource_id", r.resourceId);
  visit("amount", r.amount);
  visit("currency", r.currency);
  visit("provider_key", r.providerKey);
  visit("recovery_mode", r.recoveryMode);
  visit("recovery_window_seconds", r.recoveryWindowSeconds);
  visit("state", row.state);
  visit("attempt", r.attempt);
  visit("fence", r.fence);
  visit("epoch", r.epoch);
  visit("input", r.input);
  visit("outcome", r.outcome);
  visit("error", r.error);
  visit("response_status", r.responseStatus);
  visit("response_headers", r.responseHeaders);
  visit("response_body", r.responseBody);
  visit("provider_request_id", r.providerRequestId);
  visit("created_at", r.createdAt);
  visit("updated_at", r.updatedAt);
  visit("sent_at", r.sentAt);
  visit("finished_at", r.finishedAt);
  visit("next_resolve_at", r.nextResolveAt);
  visit("provider_us", r.providerUs);
  visit("own_us", r.ownUs);
  visit("transition_seq", r.transitionSeq);
  visit("owner", r.owner);
  visit("holds", r.holds);
}

// "id, org_id, ..."
template <typename Row>
std::string columnList() {
  Row row;
  std::string list;
  visitColumns(row, [&](const char* name, auto&) {
    if (!list.empty()) list += ", ";
    list += name;
  });
  return list;
}

template <typename Row>
std::string insertSql(const std::string& table) {
  Row row;
  std::string values;
  visitColumns(row, [&](const char* name, auto&) {
    if (!values.empty()) values += ", ";
    values += std::string(":") + name;
  });
  return "INSERT INTO " + table + " (" + columnList<Row>() + ") VALUES (" + values + ")";
}

template <typename Row>
void bindAllIn(Statement& statement, Row& row) {
  visitColumns(row, [&](const char* name, auto& field) { statement.in(name, field); });
}

template <typename Row>
void bindAllOut(Statement& statement, Row& row) {
  visitColumns(row, [&](const char*, auto& field) { statement.out(field); });
}

// Moves a fetched row out of the variables it was read into.
template <typename Row>
Row takeRow(Row& row) {
  Row taken;
  std::swap(taken, row);
  return taken;
}

inline OperationRecord takeRow(OperationRow& row) {
  const auto state = operationStateFromText(row.state);
  if (!state) throw std::runtime_error("an operation has the unknown state \"" + row.state + "\"");
  row.record.state = *state;
  OperationRecord taken;
  std::swap(taken, row.record);
  return taken;
}

// A prepared query with its own row variables, for one record type.
template <typename Row>
class Query {
 public:
  // `tail` follows "SELECT columns FROM table".
  Query(soci::session& session, const std::string& table, const std::string& tail)
      : statement_(session, "SELECT " + columnList<Row>() + " FROM " + table + " " + tail) {
    bindAllOut(statement_, row_);
  }
  Statement& statement() { return statement_; }
  auto all() {
    std::vector<decltype(takeRow(std::declval<Row&>()))> rows;
    statement_.forEach([&] { rows.push_back(takeRow(row_)); });
    return rows;
  }
  auto one() {
    std::optional<decltype(takeRow(std::declval<Row&>()))> found;
    statement_.one([&] { found = takeRow(row_); });
    return found;
  }

 private:
  Row row_;
  Statement statement_;
};

}  // namespace unigate::store
