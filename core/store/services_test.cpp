#include "store/services.hpp"

#include <catch2/catch.hpp>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Fixture : TestDatabase {
  Fixture() { must(store->createOrganisation({"org_1", "One", 1})); }

  static SecretRecord secret(const std::string& field) {
    SecretRecord record;
    record.id = "sec_" + field;
    record.orgId = "org_1";
    record.accountId = "acc_1";
    record.field = field;
    record.keyId = "01234567";
    record.last4 = "1234";
    return record;
  }

  static ServiceChange change(std::int64_t readUpdatedAt, std::int64_t at) {
    ServiceChange made;
    made.account.id = "acc_1";
    made.account.orgId = "org_1";
    made.account.environment = "test";
    made.account.provider = "acme";
    made.account.settings = R"({"a":"1"})";
    made.account.status = "active";
    made.account.verifiedAt = at;
    made.account.createdAt = 5;
    made.account.updatedAt = at;
    made.readUpdatedAt = readUpdatedAt;
    made.secrets = {secret("secret_key")};
    made.service.accountId = "acc_1";
    made.service.orgId = "org_1";
    made.service.environment = "test";
    made.service.provider = "acme";
    made.service.working = "newest";
    made.service.checkedAt = at;
    made.service.updatedAt = at;
    made.actor = "usr_1";
    return made;
  }

  std::vector<std::string> fields() {
    std::vector<std::string> names;
    for (const SecretRecord& each : must(reader->secrets("org_1", "acc_1")))
      names.push_back(each.field);
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "A service is stored with its account and its secrets, and read again") {
  auto first = change(0, 10);
  first.service.featuresOff = R"(["refunds"])";
  first.service.expiresAt = 99;
  must(putService(*store, first));

  const auto row = must(findService(*reader, "org_1", "acc_1"));
  REQUIRE(row);
  CHECK(row->featuresOff == R"(["refunds"])");
  CHECK(row->expiresAt == 99);
  CHECK(row->working == "newest");
  CHECK(must(reader->account("org_1", "test", "acme"))->verifiedAt == 10);
  CHECK(fields() == std::vector<std::string>{"secret_key"});
  CHECK_FALSE(must(findService(*reader, "org_2", "acc_1")));
  CHECK_FALSE(must(findService(*reader, "org_1", "acc_2")));
}

TEST_CASE_METHOD(Fixture, "A change by somebody else meanwhile is not overwritten") {
  must(putService(*store, change(0, 10)));
  CHECK(putService(*store, change(0, 11)).error().code == "service_changed");
  CHECK(putService(*store, change(9, 12)).error().code == "service_changed");
  CHECK(must(reader->account("org_1", "test", "acme"))->updatedAt == 10);
  must(putService(*store, change(10, 13)));
  CHECK(must(reader->account("org_1", "test", "acme"))->updatedAt == 13);
}

TEST_CASE_METHOD(Fixture, "Secrets of before come and go with the change that says so") {
  must(putService(*store, change(0, 10)));
  auto rotated = change(10, 20);
  rotated.secrets = {secret("secret_key"), secret("previous.secret_key")};
  rotated.service.previousSettings = R"({"a":"0"})";
  rotated.service.previousSince = 20;
  must(putService(*store, rotated));
  CHECK(fields().size() == 2);
  CHECK(must(findService(*reader, "org_1", "acc_1"))->previousSettings == R"({"a":"0"})");

  auto ended = change(20, 30);
  ended.removed = {"previous.secret_key"};
  must(putService(*store, ended));
  CHECK(fields() == std::vector<std::string>{"secret_key"});
  CHECK(must(findService(*reader, "org_1", "acc_1"))->previousSettings.empty());
}

TEST_CASE_METHOD(Fixture, "Features and checks change their own columns alone") {
  auto first = change(0, 10);
  first.service.expiresAt = 99;
  must(putService(*store, first));
  ServiceRecord features = first.service;
  features.expiresAt = 0;
  features.featuresOff = R"(["payments"])";
  must(setServiceFeatures(*store, features, "key_1"));
  ServiceRecord checked = first.service;
  checked.working = "none";
  checked.checkCode = "credentials_refused";
  checked.checkedAt = 40;
  must(noteServiceCheck(*store, checked, "key_1"));

  const auto row = must(findService(*reader, "org_1", "acc_1"));
  CHECK(row->featuresOff == R"(["payments"])");
  CHECK(row->expiresAt == 99);
  CHECK(row->working == "none");
  CHECK(row->checkCode == "credentials_refused");
  // Credentials that don't work verify nothing.
  CHECK(must(reader->account("org_1", "test", "acme"))->verifiedAt == 10);
}

TEST_CASE_METHOD(Fixture, "A check makes the row of an account that had none") {
  ProviderAccount account = change(0, 10).account;
  account.status = "unverified";
  account.verifiedAt = 0;
  must(store->putAccount(account, {secret("secret_key")}));
  CHECK_FALSE(must(findService(*reader, "org_1", "acc_1")));
  ServiceRecord checked = change(0, 10).service;
  must(noteServiceCheck(*store, checked, "key_1"));
  CHECK(must(findService(*reader, "org_1", "acc_1"))->working == "newest");
  CHECK(must(reader->account("org_1", "test", "acme"))->status == "active");
}

TEST_CASE_METHOD(Fixture, "Services that end before a time are found across tenants") {
  auto first = change(0, 10);
  first.service.expiresAt = 50;
  must(putService(*store, first));
  CHECK(must(servicesExpiring(*reader, 50, 10)).empty());
  CHECK(must(servicesExpiring(*reader, 51, 10)).size() == 1);
  CHECK(must(servicesExpiring(*reader, 51, 0)).empty());
}

TEST_CASE_METHOD(Fixture,
                 "A removed service leaves nothing behind, and only its own tenant removes it") {
  must(putService(*store, change(0, 10)));
  CHECK(removeService(*store, "org_2", "acc_1", "usr_2").error().code == "not_found");
  must(removeService(*store, "org_1", "acc_1", "usr_1"));
  CHECK(fields().empty());
  CHECK_FALSE(must(findService(*reader, "org_1", "acc_1")));
  CHECK_FALSE(must(reader->account("org_1", "test", "acme")));
  CHECK(removeService(*store, "org_1", "acc_1", "usr_1").error().code == "not_found");
}
