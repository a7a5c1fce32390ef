#include "store/usage.hpp"

#include <soci/soci.h>

#include "store/audit_entry.hpp"
#include "store/early_refusal.hpp"
#include "store/statement.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

// Takes the rows, or throws a Refusal when another process has one of them: it may have been
// stopped in the middle of its transaction, and payments are in the same batch as this.
void takeOrRefuse(WriteConnection& connection, const std::vector<UsageRow>& calls) {
  if (dialect::engineOf(connection.session()) != Engine::postgres) return;  // one writes at a time
  UsageRow row;
  int found = 0;
  const std::string sql =
      "SELECT 1 FROM usage_months WHERE org_id = :org_id AND month = :month"
      " AND environment = :environment";
  const auto bind = [&](Statement& select) {
    select.out(found).in("org_id", row.orgId).in("month", row.month);
    select.in("environment", row.environment).ready();
  };
  Statement seen(connection.session(), sql);
  bind(seen);
  Statement taken(connection.session(), sql + " FOR UPDATE SKIP LOCKED");
  bind(taken);
  for (const UsageRow& each : calls) {
    row = each;
    if (taken.one([] {}) || !seen.one([] {})) continue;
    throw Refusal{
        {503, "store_busy", "another process writes the usage; try again", {}, true, 1, {}}};
  }
}

}  // namespace

base::Status addUsage(Store& store, const std::vector<UsageRow>& calls) {
  if (calls.empty()) return {};
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    takeOrRefuse(connection, calls);
    UsageRow row;
    Statement add(connection.session(),
                  "INSERT INTO usage_months (org_id, environment, month, calls)"
                  " SELECT id, :environment, :month, :calls FROM organisations WHERE id = :org_id"
                  " ON CONFLICT (org_id, month, environment)"
                  " DO UPDATE SET calls = usage_months.calls + excluded.calls");
    add.in("environment", row.environment).in("month", row.month).in("calls", row.calls);
    add.in("org_id", row.orgId).ready();
    for (const UsageRow& each : calls) {
      row = each;
      add.run();
    }
  });
}

base::Result<std::vector<UsageRow>> usageOf(ReadSession& reader, const std::string& orgId,
                                            std::int64_t fromMonth, std::int64_t toMonth) {
  std::vector<UsageRow> rows;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    rows.clear();
    UsageRow row;
    row.orgId = orgId;
    std::int64_t from = fromMonth;
    std::int64_t to = toMonth;
    Statement select(session,
                     "SELECT environment, month, calls FROM usage_months WHERE org_id = :org_id"
                     " AND month >= :from_month AND month <= :to_month"
                     " ORDER BY month DESC, environment");
    select.out(row.environment).out(row.month).out(row.calls);
    select.in("org_id", row.orgId).in("from_month", from).in("to_month", to).ready();
    select.forEach([&] { rows.push_back(row); });
  });
  if (!status) return base::fail(status.error());
  return rows;
}

base::Result<std::string> planOf(ReadSession& reader, const std::string& orgId) {
  std::string plan;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    std::string found;
    std::string id = orgId;
    Statement select(session, "SELECT plan FROM organisation_plans WHERE org_id = :org_id");
    select.out(found).in("org_id", id).ready();
    plan = select.one([] {}) ? found : std::string();
  });
  if (!status) return base::fail(status.error());
  return plan;
}

base::Status setPlan(Store& store, const std::string& orgId, const std::string& plan) {
  return store.writeNow([&](WriteConnection& connection) {
    connection.forTenant(orgId);
    std::string id = orgId;
    std::string name = plan;
    std::int64_t now = connection.clock().unixMs();
    Statement upsert(connection.session(),
                     "INSERT INTO organisation_plans (org_id, plan, updated_at)"
                     " SELECT id, :plan, :at FROM organisations WHERE id = :org_id"
                     " ON CONFLICT (org_id) DO UPDATE SET plan = excluded.plan,"
                     " updated_at = excluded.updated_at");
    const auto rows = upsert.in("plan", name).in("at", now).in("org_id", id).ready().run();
    if (rows == 0) {
      throw Refusal{{404,
                     "not_found",
                     "there is no organisation " + orgId + "; `unigate org list` shows them",
                     "org",
                     false,
                     0,
                     {}}};
    }
    connection.audit(entry(orgId, "organisation.plan", orgId,
                           json::Writer().beginObject().member("plan", plan)));
  });
}

base::Result<std::vector<std::string>> servicesOf(ReadSession& reader, const std::string& orgId) {
  std::vector<std::string> providers;
  const auto status = reader.read(orgId, [&](soci::session& session) {
    providers.clear();
    std::string provider;
    std::string id = orgId;
    Statement select(session,
                     "SELECT DISTINCT provider FROM provider_accounts WHERE org_id = :org_id"
                     " ORDER BY provider");
    select.out(provider).in("org_id", id).ready();
    select.forEach([&] { providers.push_back(provider); });
  });
  if (!status) return base::fail(status.error());
  return providers;
}

}  // namespace unigate::store
