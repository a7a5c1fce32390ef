#include "store/services.hpp"

#include <soci/soci.h>

#include <unigate/json.hpp>
#include <utility>

#include "store/audit_entry.hpp"
#include "store/columns.hpp"
#include "store/secret_rows.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

template <typename Visit>
void visitColumns(ServiceRecord& r, Visit&& visit) {
  visit("account_id", r.accountId);
  visit("org_id", r.orgId);
  visit("environment", r.environment);
  visit("provider", r.provider);
  visit("features_off", r.featuresOff);
  visit("expires_at", r.expiresAt);
  visit("previous_settings", r.previousSettings);
  visit("previous_since", r.previousSince);
  visit("working", r.working);
  visit("checked_at", r.checkedAt);
  visit("check_code", r.checkCode);
  visit("check_detail", r.checkDetail);
  visit("updated_at", r.updatedAt);
}

namespace {

void putServiceRow(soci::session& session, const ServiceRecord& service, const char* onConflict) {
  ServiceRecord row = service;
  Statement upsert(session, insertSql<ServiceRecord>("services") +
                                " ON CONFLICT (account_id) DO UPDATE SET " + onConflict);
  bindAllIn(upsert, row);
  upsert.ready().run();
}

void auditAs(WriteConnection& connection, const std::string& actor, AuditRow row) {
  row.actor = actor;
  connection.audit(std::move(row));
}

[[noreturn]] void changedMeanwhile() {
  throw Refusal{{409,
                 "service_changed",
                 "This service was changed by somebody else meanwhile. Read it again and repeat "
                 "the change.",
                 "",
                 true,
                 1,
                 {}}};
}

// Inserts or updates the account under the condition that nobody else has since it was read.
void writeAccount(soci::session& session, const ServiceChange& change) {
  ProviderAccount row = change.account;
  if (change.readUpdatedAt == 0) {
    Statement insert(session, insertSql<ProviderAccount>("provider_accounts") +
                                  " ON CONFLICT (org_id, environment, provider, priority)"
                                  " DO NOTHING");
    bindAllIn(insert, row);
    if (insert.ready().run() == 0) changedMeanwhile();
    return;
  }
  std::int64_t before = change.readUpdatedAt;
  Statement update(session,
                   "UPDATE provider_accounts SET settings = :settings, status = :status,"
                   " verified_at = :verified_at, updated_at = :updated_at"
                   " WHERE id = :id AND org_id = :org_id AND updated_at = :before");
  const auto touched = update.in("settings", row.settings)
                           .in("status", row.status)
                           .in("verified_at", row.verifiedAt)
                           .in("updated_at", row.updatedAt)
                           .in("id", row.id)
                           .in("org_id", row.orgId)
                           .in("before", before)
                           .ready()
                           .run();
  if (touched == 0) changedMeanwhile();
}

void removeSecret(soci::session& session, const std::string& orgId, const std::string& accountId,
                  const std::string& field) {
  Statement remove(session,
                   "DELETE FROM secrets WHERE account_id = :id AND org_id = :org_id"
                   " AND field = :field");
  remove.in("id", accountId).in("org_id", orgId).in("field", field).ready().run();
}

}  // namespace

base::Result<std::optional<ServiceRecord>> findService(ReadSession& reader,
                                                       const std::string& orgId,
                                                       const std::string& accountId) {
  std::optional<ServiceRecord> found;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    Query<ServiceRecord> query(session, "services", "WHERE account_id = :id AND org_id = :org_id");
    query.statement().in("id", accountId).in("org_id", orgId).ready();
    found = query.one();
  });
  if (!status) return base::fail(status.error());
  return found;
}

base::Result<std::vector<ServiceRecord>> servicesExpiring(ReadSession& reader,
                                                          std::int64_t beforeMs,
                                                          std::size_t limit) {
  std::vector<ServiceRecord> rows;
  const auto status = reader.read(kAllTenants, [&](soci::session& session) {
    std::int64_t before = beforeMs;
    std::int64_t count = static_cast<std::int64_t>(limit);
    Query<ServiceRecord> query(session, "services",
                               "WHERE expires_at > 0 AND expires_at < :before"
                               " ORDER BY expires_at, account_id LIMIT :limit_rows");
    query.statement().in("before", before).in("limit_rows", count).ready();
    rows = query.all();
  });
  if (!status) return base::fail(status.error());
  return rows;
}

base::Status putService(Store& store, const ServiceChange& change) {
  return store.writeNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    const ProviderAccount& account = change.account;
    connection.forTenant(account.orgId);
    writeAccount(session, change);
    json::Writer data;
    data.beginObject()
        .member("provider", account.provider)
        .member("environment", account.environment)
        .key("fields")
        .beginArray();
    for (const std::string& field : change.removed)
      removeSecret(session, account.orgId, account.id, field);
    for (const SecretRecord& secret : change.secrets) {
      insertOrReplaceSecret(session, secret);
      data.value(secret.field);
    }
    data.endArray();
    putServiceRow(session, change.service,
                  "features_off = excluded.features_off, expires_at = excluded.expires_at,"
                  " previous_settings = excluded.previous_settings,"
                  " previous_since = excluded.previous_since, working = excluded.working,"
                  " checked_at = excluded.checked_at, check_code = excluded.check_code,"
                  " check_detail = excluded.check_detail, updated_at = excluded.updated_at");
    auditAs(connection, change.actor, entry(account.orgId, "service.configure", account.id, data));
  });
}

base::Status setServiceFeatures(Store& store, const ServiceRecord& service,
                                const std::string& actor) {
  return store.writeNow([&](WriteConnection& connection) {
    connection.forTenant(service.orgId);
    putServiceRow(connection.session(), service,
                  "features_off = excluded.features_off, updated_at = excluded.updated_at");
    json::Writer data;
    data.beginObject().key("off").rawJson(service.featuresOff);
    auditAs(connection, actor, entry(service.orgId, "service.features", service.accountId, data));
  });
}

base::Status noteServiceCheck(Store& store, const ServiceRecord& service,
                              const std::string& actor) {
  return store.writeNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(service.orgId);
    putServiceRow(session, service,
                  "working = excluded.working, checked_at = excluded.checked_at,"
                  " check_code = excluded.check_code, check_detail = excluded.check_detail");
    if (service.working == "newest" || service.working == "previous") {
      std::int64_t at = service.checkedAt;
      Statement update(session,
                       "UPDATE provider_accounts SET status = 'active', verified_at = :at"
                       " WHERE id = :id AND org_id = :org_id AND status <> 'disabled'");
      update.in("at", at).in("id", service.accountId).in("org_id", service.orgId).ready().run();
    }
    json::Writer data;
    data.beginObject().member("working", service.working).member("code", service.checkCode);
    auditAs(connection, actor, entry(service.orgId, "service.verify", service.accountId, data));
  });
}

base::Status removeService(Store& store, const std::string& orgId, const std::string& accountId,
                           const std::string& actor) {
  return store.writeNow([&](WriteConnection& connection) {
    auto& session = connection.session();
    connection.forTenant(orgId);
    for (const char* table : {"secrets", "services"}) {
      Statement remove(session, std::string("DELETE FROM ") + table +
                                    " WHERE account_id = :id AND org_id = :org_id");
      remove.in("id", accountId).in("org_id", orgId).ready().run();
    }
    Statement account(session, "DELETE FROM provider_accounts WHERE id = :id AND org_id = :org_id");
    if (account.in("id", accountId).in("org_id", orgId).ready().run() == 0) {
      throw Refusal{
          {404, "not_found", "There is no such service in this organisation.", "", false, 0, {}}};
    }
    json::Writer data;
    auditAs(connection, actor, entry(orgId, "service.disconnect", accountId, data.beginObject()));
  });
}

}  // namespace unigate::store
