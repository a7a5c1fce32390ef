// Row level security on PostgreSQL: with the application's own role, whatever SQL is run. On SQLite
// there is nothing of the kind, so these are skipped there.
#include <catch2/catch.hpp>
#include <string>

#include "store/dialect.hpp"
#include "store/services.hpp"
#include "store/statement.hpp"
#include "store/test_database.hpp"
#include "store/users.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct TwoTenants : TestDatabase {
  TwoTenants() {
    for (const std::string org : {"org_1", "org_2"}) {
      must(store->createOrganisation({org, "The " + org, 1}));
      ApiKeyRecord key;
      key.id = "key_" + org;
      key.orgId = org;
      key.environment = "test";
      key.hash = "hash of " + org;
      key.scopes = "[]";
      must(store->createApiKey(key));
      ProviderAccount account;
      account.id = "acc_" + org;
      account.orgId = org;
      account.environment = "test";
      account.provider = "acme";
      SecretRecord secret;
      secret.id = "sec_" + org;
      secret.orgId = org;
      secret.accountId = account.id;
      secret.field = "secret_key";
      must(store->putAccount(account, {secret}));
      ServiceRecord service;
      service.accountId = account.id;
      service.orgId = org;
      service.environment = "test";
      service.provider = "acme";
      must(setServiceFeatures(*store, service, "usr_1"));
      auto record = intent("same-key");
      record.operation.orgId = org;
      record.operation.id = "txn_" + org;
      auto resource = payment();
      resource.orgId = org;
      resource.id = "pay_" + org;
      record.resources.push_back(resource);
      must(store->insertIntentNow(record));
      ReconciliationRecord report;
      report.id = "rec_" + org;
      report.orgId = org;
      report.environment = "test";
      report.document = "{}";
      must(store->putReconciliation(report));
      NewUser user;
      user.user.id = "usr_" + org;
      user.user.email = org + "@example.com";
      user.membership = {org, user.user.id, "owner", 1};
      user.session = SessionRow();
      user.session->id = "ses_" + org;
      user.session->userId = user.user.id;
      user.refreshHash = "refresh of " + org;
      must(createUser(*store, user));
      InvitationRow invitation;
      invitation.id = "ivt_" + org;
      invitation.orgId = org;
      invitation.role = "viewer";
      invitation.tokenHash = "invitation of " + org;
      must(createInvitation(*store, invitation, user.user.id));
    }
  }
};

constexpr const char* kTenantTables[] = {"organisations", "api_keys",        "provider_accounts",
                                         "secrets",       "operations",      "resources",
                                         "audit_log",     "reconciliations", "transaction_logs",
                                         "memberships",   "invitations",     "sessions",
                                         "services"};

}  // namespace

TEST_CASE_METHOD(TwoTenants, "Without a WHERE clause a tenant sees its own rows alone") {
  if (testServer().empty()) return;
  const auto url = must(parseDatabaseUrl(folder.url()));
  const auto session = connect(url, Access::write);
  for (const std::string table : kTenantTables) {
    CAPTURE(table);
    const std::string column = table == "organisations" ? "id" : "org_id";
    dialect::beginRead(*session, "org_1");
    CHECK(postgres::run(*session, "SELECT count(*) > 0 FROM " + table) == "t");
    CHECK(postgres::run(*session, "SELECT count(*) FROM " + table + " WHERE " + column +
                                      " <> 'org_1'") == "0");
    dialect::endRead(*session);
    // Whoever names no tenant sees nothing.
    CHECK(postgres::run(*session, "SELECT count(*) FROM " + table) == "0");
  }
}

TEST_CASE_METHOD(TwoTenants, "A tenant can't write another's rows, nor take its own elsewhere") {
  if (testServer().empty()) return;
  const auto session = connect(must(parseDatabaseUrl(folder.url())), Access::write);
  dialect::beginWrite(*session);
  dialect::setTenant(*session, "org_1");
  CHECK(postgres::run(*session, "UPDATE operations SET amount = 1") == "UPDATE 1");
  CHECK(postgres::run(*session, "DELETE FROM secrets WHERE org_id = 'org_2'") == "DELETE 0");
  CHECK_THROWS(postgres::run(*session, "UPDATE resources SET org_id = 'org_2'"));
  execute(*session, "ROLLBACK");
}

TEST_CASE_METHOD(TwoTenants, "The application's role can't change what is written once") {
  if (testServer().empty()) return;
  const auto session = connect(must(parseDatabaseUrl(folder.url())), Access::write);
  for (const std::string sql :
       {"UPDATE audit_log SET data = '{}'", "DELETE FROM audit_log",
        "DELETE FROM transaction_logs", "DELETE FROM operations", "TRUNCATE operations",
        "ALTER TABLE operations DISABLE ROW LEVEL SECURITY", "DROP TABLE resources",
        "UPDATE schema_migrations SET checksum = ''"}) {
    CAPTURE(sql);
    CHECK_THROWS(postgres::run(*session, sql));
  }
}

TEST_CASE_METHOD(TwoTenants, "A tenant sees its own members among the users, and changes none") {
  if (testServer().empty()) return;
  const auto session = connect(must(parseDatabaseUrl(folder.url())), Access::write);
  dialect::beginWrite(*session);
  dialect::setTenant(*session, "org_1");
  CHECK(postgres::run(*session, "SELECT string_agg(id, ' ') FROM users") == "usr_org_1");
  CHECK(postgres::run(*session, "UPDATE users SET password_hash = 'x'") == "UPDATE 0");
  for (const std::string table : {"refresh_tokens", "login_attempts"}) {
    CAPTURE(table);
    CHECK(postgres::run(*session, "SELECT count(*) FROM " + table) == "0");
  }
  execute(*session, "ROLLBACK");
}

TEST_CASE_METHOD(TestDatabase, "Every table has a forced policy, or a reason to have none") {
  if (testServer().empty()) return;
  // Who lives, where audit chains end, settings of the installation, the schema's own history:
  // about no tenant, and the same for all.
  CHECK(folder.onDatabase("SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c"
                          " JOIN pg_namespace n ON n.oid = c.relnamespace"
                          " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
                          " AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR NOT EXISTS"
                          " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))") ==
        "audit_heads meta schema_migrations workers");
}

TEST_CASE_METHOD(TestDatabase, "Every table with a tenant's column has a forced policy") {
  if (testServer().empty()) return;
  CHECK(folder.onDatabase("SELECT string_agg(c.relname, ' ') FROM pg_class c"
                          " JOIN pg_namespace n ON n.oid = c.relnamespace"
                          " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'"
                          " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
                          " AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR NOT EXISTS"
                          " (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))") == "");
  CHECK(std::stoi(folder.onDatabase("SELECT count(*) FROM pg_policy")) >= 9);
}

TEST_CASE_METHOD(TestDatabase, "The log has this month's partition, and one made late takes its rows") {
  if (testServer().empty()) return;
  inserted("k");  // the clock stands at 2026-09
  const auto month = [](const std::string& number) {
    return "SELECT unigate_add_log_month(" + number + ")";
  };
  CHECK(folder.onDatabase("SELECT count(*) FROM transaction_logs_rest") == "1");
  CHECK(folder.onDatabase(month("2026 * 12 + 8")) == "t");
  CHECK(folder.onDatabase(month("2026 * 12 + 8")) == "f");
  CHECK(folder.onDatabase("SELECT count(*) FROM transaction_logs_rest") == "0");
  CHECK(folder.onDatabase("SELECT count(*) FROM transaction_logs_202609") == "1");
  CHECK(folder.onDatabase("SELECT unigate_drop_log_months(2026 * 12 + 8)") == "0");
  CHECK(folder.onDatabase("SELECT unigate_drop_log_months(2026 * 12 + 9)") == "1");
  CHECK(folder.onDatabase("SELECT count(*) FROM transaction_logs") == "0");
}

TEST_CASE("A role that row level security would not hold back is refused") {
  if (testServer().empty()) return;
  TestFolder folder;
  base::ManualClock clock;
  migrateAll(folder, clock);
  const auto owner = Store::open({folder.ownerUrl(), {}}, clock);
  REQUIRE_FALSE(owner);
  CHECK(owner.error().detail.find("owns the tables") != std::string::npos);
  const std::string admin = folder.ownerUrl();
  const auto super = Store::open(
      {"postgresql://admin" + admin.substr(admin.find('@')), {}}, clock);
  REQUIRE_FALSE(super);
  CHECK(super.error().detail.find("superuser") != std::string::npos);
}
