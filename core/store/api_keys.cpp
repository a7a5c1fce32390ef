#include "store/api_keys.hpp"

#include <algorithm>
#include <unigate/json.hpp>

#include "store/audit_entry.hpp"
#include "store/columns.hpp"
#include "store/early_refusal.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

constexpr const char* kMore = ", allow_list, replaced_by, created_by";

// The columns of the plain row, and those that it has beyond.
std::string selectSql(const std::string& tail) {
  return "SELECT " + columnList<ApiKeyRecord>() + kMore + " FROM api_keys " + tail;
}

void bindOut(Statement& select, ApiKeyRow& row) {
  bindAllOut(select, static_cast<ApiKeyRecord&>(row));
  select.out(row.allowList).out(row.replacedBy).out(row.createdBy);
}

void noteApiKeysChanged(WriteConnection& connection) {
  const std::string key = kApiKeysChanged;
  Statement(connection.session(),
            "INSERT INTO meta (key, value) VALUES (:key, '1') ON CONFLICT (key) DO UPDATE"
            " SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)")
      .in("key", key)
      .ready()
      .run();
}

void auditBy(WriteConnection& connection, const std::string& actor, const std::string& orgId,
             const char* action, const std::string& keyId, json::Writer& data) {
  AuditRow row = entry(orgId, action, keyId, data);
  row.actor = actor;
  connection.audit(std::move(row));
}

}  // namespace

base::Result<std::optional<ApiKeyRow>> apiKeyRowByHash(ReadSession& reader,
                                                       const std::string& hash) {
  std::optional<ApiKeyRow> found;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    found.reset();
    ApiKeyRow row;
    Statement select(session, selectSql("WHERE hash = :hash"));
    bindOut(select, row);
    select.in("hash", hash).ready().one([&] { found = row; });
  });
  if (!status) return base::fail(status.error());
  return found;
}

base::Result<std::vector<ApiKeyRow>> apiKeyRows(ReadSession& reader, const std::string& orgId) {
  std::vector<ApiKeyRow> rows;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    rows.clear();
    ApiKeyRow row;
    Statement select(session, selectSql("WHERE org_id = :org_id ORDER BY id"));
    bindOut(select, row);
    select.in("org_id", orgId).ready().forEach([&] { rows.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return rows;
}

void insertApiKey(WriteConnection& connection, const ApiKeyRow& key) {
  connection.forTenant(key.orgId);
  ApiKeyRow row = key;
  Statement insert(connection.session(), insertSql<ApiKeyRecord>("api_keys"));
  bindAllIn(insert, static_cast<ApiKeyRecord&>(row));
  insert.ready().run();
  Statement(connection.session(),
            "UPDATE api_keys SET allow_list = :allow_list, replaced_by = :replaced_by,"
            " created_by = :created_by WHERE id = :id")
      .in("allow_list", row.allowList)
      .in("replaced_by", row.replacedBy)
      .in("created_by", row.createdBy)
      .in("id", row.id)
      .ready()
      .run();
  json::Writer data;
  data.beginObject()
      .member("environment", key.environment)
      .member("name", key.name)
      .member("last4", key.last4)
      .key("scopes")
      .rawJson(key.scopes.empty() ? "[]" : key.scopes);
  auditBy(connection, key.createdBy, key.orgId, "api_key.create", key.id, data);
  noteApiKeysChanged(connection);
}

base::Status createApiKey(Store& store, const ApiKeyRow& key) {
  return writeUnlessRefused(store,
                            [&](WriteConnection& connection) { insertApiKey(connection, key); });
}

base::Status revokeApiKey(Store& store, const std::string& orgId, const std::string& keyId,
                          std::int64_t at, const std::string& actor) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(orgId);
    Statement update(connection.session(),
                     "UPDATE api_keys SET revoked_at = CASE WHEN revoked_at > 0 THEN revoked_at"
                     " ELSE :at END WHERE id = :id AND org_id = :org_id");
    if (update.in("at", at).in("id", keyId).in("org_id", orgId).ready().run() == 0) {
      throw Refusal{
          {404, "not_found", "there is no such API key in this organisation", "", false, 0, {}}};
    }
    json::Writer data;
    data.beginObject();
    auditBy(connection, actor, orgId, "api_key.revoke", keyId, data);
    noteApiKeysChanged(connection);
  });
}

base::Status rotateApiKey(Store& store, const ApiKeyRow& next, const std::string& oldId,
                          std::int64_t oldExpiresAt, std::int64_t nowMs, ApiKeyRow& old) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(next.orgId);
    Statement select(connection.session(),
                     selectSql("WHERE id = :id AND org_id = :org_id") +
                         dialect::forUpdate(dialect::engineOf(connection.session())));
    bindOut(select, old);
    if (!select.in("id", oldId).in("org_id", next.orgId).ready().one([] {}))
      throw Refusal{{404, "not_found", "There is no API key with this id.", "id", false, 0, {}}};
    const auto refuse = [](const char* why) {
      throw Refusal{
          {409, "key_not_rotatable", std::string("This API key ") + why, "id", false, 0, {}}};
    };
    if (old.revokedAt > 0) refuse("was revoked; make a new one.");
    if (!old.replacedBy.empty()) refuse("was rotated before; rotate the key that replaced it.");
    if (old.expiresAt > 0 && old.expiresAt <= nowMs) refuse("has expired; make a new one.");
    old.replacedBy = next.id;
    old.expiresAt = old.expiresAt > 0 ? std::min(old.expiresAt, oldExpiresAt) : oldExpiresAt;
    insertApiKey(connection, next);
    Statement(connection.session(),
              "UPDATE api_keys SET replaced_by = :replaced_by, expires_at = :expires_at"
              " WHERE id = :id AND org_id = :org_id")
        .in("replaced_by", old.replacedBy)
        .in("expires_at", old.expiresAt)
        .in("id", old.id)
        .in("org_id", old.orgId)
        .ready()
        .run();
    json::Writer data;
    data.beginObject().member("replaced_by", next.id).member("expires_at", old.expiresAt);
    auditBy(connection, next.createdBy, old.orgId, "api_key.rotate", old.id, data);
  });
}

}  // namespace unigate::store
