#include <catch2/catch.hpp>

#include "store/audit_list.hpp"
#include "store/columns.hpp"
#include "store/test_database.hpp"
#include "store/write_connection.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Fixture : TestDatabase {
  Fixture() { must(store->createOrganisation({"org_1", "One", 1})); }

  ApiKeyRecord key(const std::string& id) {
    ApiKeyRecord record;
    record.id = id;
    record.orgId = "org_1";
    record.environment = "test";
    record.name = "n";
    record.hash = "hash of " + id;
    record.last4 = "abcd";
    record.scopes = R"(["*"])";
    record.createdAt = 7;
    return record;
  }
  ProviderAccount account(const std::string& id = "acc_1") {
    ProviderAccount record;
    record.id = id;
    record.orgId = "org_1";
    record.environment = "test";
    record.provider = "acme";
    record.settings = R"({"a":1})";
    record.status = "unverified";
    record.createdAt = 5;
    record.updatedAt = 5;
    return record;
  }
  SecretRecord secret(const std::string& id, const std::string& field) {
    SecretRecord record;
    record.id = id;
    record.orgId = "org_1";
    record.accountId = "acc_1";
    record.field = field;
    record.keyId = "01234567";
    record.wrappedKey = "w";
    record.nonce = "n";
    record.ciphertext = "c-" + id;
    record.last4 = "1234";
    return record;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "Organisations are listed and found by id") {
  must(store->createOrganisation({"org_2", "Two", 2}));
  CHECK(must(reader->organisations()).size() == 2);
  CHECK(must(reader->organisationById("org_2"))->name == "Two");
  CHECK_FALSE(must(reader->organisationById("org_3")));
  CHECK(store->createOrganisation({"org_2", "Again", 3}).error().code == "store_refused");
}

TEST_CASE_METHOD(Fixture, "A key is found by its hash, revoked once and only by its organisation") {
  must(store->createApiKey(key("key_1")));
  const auto found = must(reader->apiKeyByHash("hash of key_1"));
  REQUIRE(found);
  CHECK(found->id == "key_1");
  CHECK(found->scopes == R"(["*"])");
  CHECK(store->revokeApiKey("org_2", "key_1", 9).error().status == 404);
  must(store->revokeApiKey("org_1", "key_1", 9));
  must(store->revokeApiKey("org_1", "key_1", 10));
  CHECK(must(reader->apiKeyByHash("hash of key_1"))->revokedAt == 9);
  CHECK_FALSE(must(reader->apiKeyByHash("hash of key_2")));
  CHECK(must(reader->apiKeys("org_1")).size() == 1);
  CHECK(must(reader->apiKeys("org_2")).empty());
}

TEST_CASE_METHOD(Fixture, "A key's hash is unique and its organisation must be there") {
  must(store->createApiKey(key("key_1")));
  auto twin = key("key_2");
  twin.hash = "hash of key_1";
  CHECK_FALSE(store->createApiKey(twin));
  auto orphan = key("key_3");
  orphan.orgId = "org_unknown";
  CHECK_FALSE(store->createApiKey(orphan));
}

TEST_CASE_METHOD(Fixture, "A refusal does not quote what was to be written") {
  must(store->createApiKey(key("key_1")));
  const auto refused = store->createApiKey(key("key_1"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("hash of") == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "The last use of a key only moves forward") {
  must(store->createApiKey(key("key_1")));
  store->touchApiKey("key_1", 50);
  store->touchApiKey("key_1", 40);
  must(store->setMeta("fence", "after"));  // behind both in the queue
  CHECK(must(reader->apiKeyByHash("hash of key_1"))->lastUsedAt == 50);
}

TEST_CASE_METHOD(Fixture, "Credentials are replaced field by field and the account keeps its id") {
  must(store->putAccount(account(), {secret("sec_1", "secret_key"), secret("sec_2", "webhook")}));
  auto again = account("acc_other");
  again.settings = R"({"a":2})";
  again.updatedAt = 6;
  must(store->putAccount(again, {secret("sec_3", "secret_key")}));
  const auto stored = must(reader->account("org_1", "test", "acme"));
  REQUIRE(stored);
  CHECK(stored->id == "acc_1");
  CHECK(stored->settings == R"({"a":2})");
  CHECK(stored->createdAt == 5);
  CHECK(stored->updatedAt == 6);
  const auto secrets = must(reader->secrets("org_1", "acc_1"));
  REQUIRE(secrets.size() == 2);
  CHECK(secrets[0].field == "secret_key");
  CHECK(secrets[0].ciphertext == "c-sec_3");
  CHECK(secrets[0].id == "sec_3");
  CHECK(secrets[1].ciphertext == "c-sec_2");
  CHECK(must(reader->secrets("org_2", "acc_1")).empty());
}

TEST_CASE_METHOD(Fixture,
                 "Accounts are one environment's, listed by priority, and can be removed") {
  auto second = account("acc_2");
  second.priority = 1;
  must(store->putAccount(second, {}));
  must(store->putAccount(account(), {secret("sec_1", "secret_key")}));
  CHECK(must(reader->account("org_1", "test", "acme"))->id == "acc_1");
  CHECK_FALSE(must(reader->account("org_1", "live", "acme")));
  const auto all = must(reader->accounts("org_1", "test"));
  REQUIRE(all.size() == 2);
  CHECK(all[1].id == "acc_2");
  must(store->setAccountStatus("org_1", "acc_1", "active", 99));
  CHECK(must(reader->account("org_1", "test", "acme"))->verifiedAt == 99);
  CHECK(store->setAccountStatus("org_2", "acc_1", "active", 99).error().status == 404);
  CHECK(store->deleteAccount("org_2", "acc_1").error().status == 404);
  CHECK(must(reader->secrets("org_1", "acc_1")).size() == 1);
  must(store->deleteAccount("org_1", "acc_1"));
  CHECK(must(reader->secrets("org_1", "acc_1")).empty());
  CHECK(must(reader->account("org_1", "test", "acme"))->id == "acc_2");
}

TEST_CASE_METHOD(Fixture, "Meta values are kept and replaced") {
  CHECK_FALSE(must(reader->meta("epoch")));
  must(store->setMeta("epoch", "1"));
  must(store->setMeta("epoch", "2"));
  CHECK(must(reader->meta("epoch")) == "2");
}

TEST_CASE("State names and states are each other's inverse") {
  for (int i = 0; i <= static_cast<int>(OperationState::escalated); ++i) {
    const auto state = static_cast<OperationState>(i);
    CHECK(operationStateFromText(toText(state)) == state);
  }
  CHECK_FALSE(operationStateFromText("SENT"));
  CHECK(isTerminal(OperationState::succeeded));
  CHECK(isTerminal(OperationState::failed));
  CHECK_FALSE(isTerminal(OperationState::unknown));
  CHECK_FALSE(isTerminal(OperationState::escalated));
}

TEST_CASE_METHOD(Fixture, "Work that refuses writes nothing and its problem is what comes back") {
  const auto insert = [](WriteConnection& connection) {
    connection.forTenant("org_2");
    Organisation row{"org_2", "Two", 2};
    Statement statement(connection.session(), insertSql<Organisation>("organisations"));
    bindAllIn(statement, row);
    statement.ready().run();
  };
  const auto refused = store->writeNow([&](WriteConnection& connection) {
    insert(connection);
    throw Refusal{{409, "taken", "no", "name", false, 0, {}}};
  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "taken");
  CHECK_FALSE(must(reader->organisationById("org_2")));

  must(store->writeNow(insert));
  std::string name;
  must(reader->read("org_2", [&](soci::session& session) {
    Statement select(session, "SELECT name FROM organisations WHERE id = 'org_2'");
    select.out(name).ready().one([] {});
  }));
  CHECK(name == "Two");
}

TEST_CASE_METHOD(Fixture, "An organisation's audit rows are listed, newest first, page by page") {
  must(store->createOrganisation({"org_2", "Two", 2}));
  for (int i = 0; i < 5; ++i) must(store->createApiKey(key("key_" + std::to_string(i))));
  std::vector<std::string> subjects;
  AuditFilter filter;
  filter.limit = 2;
  for (bool more = true; more;) {
    const auto page = must(listAudit(*reader, "org_1", filter));
    for (const AuditRow& row : page.rows) subjects.push_back(row.subject);
    more = page.hasMore;
    filter.startingAfter = auditRowId(page.rows.back());
  }
  CHECK(subjects ==
        std::vector<std::string>{"key_4", "key_3", "key_2", "key_1", "key_0", "org_1"});

  AuditFilter one;
  one.subject = "key_3";
  one.action = "api_key.create";
  CHECK(must(listAudit(*reader, "org_1", one)).rows.size() == 1);
  one.action = "api_key.revoke";
  CHECK(must(listAudit(*reader, "org_1", one)).rows.empty());
  // Another's row is no cursor.
  AuditFilter foreign;
  foreign.startingAfter = auditRowId(must(listAudit(*reader, "org_1", {})).rows.front());
  CHECK(listAudit(*reader, "org_2", foreign).error().param == "starting_after");
  foreign.startingAfter = "aud_1";
  CHECK(listAudit(*reader, "org_1", foreign).error().status == 400);
}
