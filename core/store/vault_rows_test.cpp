#include "store/vault_rows.hpp"

#include <catch2/catch.hpp>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Fixture : TestDatabase {
  Fixture() {
    must(store->createOrganisation({"org_1", "One", 1}));
    must(store->createOrganisation({"org_2", "Two", 1}));
  }

  void account(const std::string& org, const std::string& id, std::size_t secrets,
               const std::string& keyId) {
    ProviderAccount account;
    account.id = id;
    account.orgId = org;
    account.environment = "test";
    account.provider = "acme";
    account.settings = "{}";
    account.status = "unverified";
    std::vector<SecretRecord> rows;
    for (std::size_t i = 0; i < secrets; ++i) {
      SecretRecord row;
      row.id = "sec_" + id + "_" + std::to_string(i);
      row.orgId = org;
      row.accountId = id;
      row.field = "field_" + std::to_string(i);
      row.version = 2;
      row.keyId = keyId;
      row.wrappedKey = "w " + row.id;
      row.nonce = "n";
      row.ciphertext = "c";
      rows.push_back(row);
    }
    must(store->putAccount(account, rows));
  }
  std::vector<SealedRow> notUnder(const std::string& keyId) {
    return must(rowsNotUnder(*reader, keyId, std::nullopt, 100));
  }
  static VaultEntry entryOf(const std::string& name, const std::string& keyId) {
    return {name, {2, keyId, "w", "n", "c"}, 7};
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "An entry of the vault is kept as it was first written") {
  CHECK_FALSE(must(vaultEntry(*reader, "root")));
  must(addVaultEntry(*store, entryOf("root", "aaaaaaaa")));
  must(addVaultEntry(*store, entryOf("root", "bbbbbbbb")));
  const auto entry = must(vaultEntry(*reader, "root"));
  REQUIRE(entry);
  CHECK(entry->sealed.keyId == "aaaaaaaa");
  CHECK(entry->createdAt == 7);
  CHECK_FALSE(must(vaultEntry(*reader, "other")));
}

TEST_CASE_METHOD(Fixture, "Names all keys in use, of all tenants") {
  CHECK(must(sealingKeys(*reader)).empty());
  account("org_1", "acc_1", 2, "bbbbbbbb");
  account("org_2", "acc_2", 1, "cccccccc");
  must(addVaultEntry(*store, entryOf("root", "aaaaaaaa")));
  must(addVaultEntry(*store, entryOf("key:x", "dddddddd")));
  CHECK(must(sealingKeys(*reader)) == std::vector<std::string>{"aaaaaaaa", "bbbbbbbb", "cccccccc"});
}

TEST_CASE_METHOD(Fixture, "Walks over what is under other keys, page by page") {
  account("org_1", "acc_1", 5, "aaaaaaaa");
  account("org_2", "acc_2", 3, "bbbbbbbb");
  CHECK(notUnder("bbbbbbbb").size() == 5);
  CHECK(notUnder("cccccccc").size() == 8);
  std::optional<SealedRow> last;
  std::size_t seen = 0;
  for (;;) {
    const auto rows = must(rowsNotUnder(*reader, "cccccccc", last, 3));
    if (rows.empty()) break;
    CHECK(rows.size() <= 3);
    seen += rows.size();
    last = rows.back();
  }
  CHECK(seen == 8);
  const auto row = notUnder("aaaaaaaa").front();
  CHECK(row.table == "secrets");
  CHECK(row.organisation == "org_2");
  CHECK(row.row == "acc_2");
  CHECK(row.column == "field_0");
}

TEST_CASE_METHOD(Fixture, "Replaces a sealed value only as long as it is as it was read") {
  account("org_1", "acc_1", 2, "aaaaaaaa");
  const auto rows = notUnder("bbbbbbbb");
  REQUIRE(rows.size() == 2);
  account("org_1", "acc_1", 1, "cccccccc");  // the first was stored again meanwhile
  std::vector<RewrappedRow> batch;
  for (const auto& row : rows) batch.push_back({row, {2, "bbbbbbbb", "wrapped", "n2", "c2"}});
  CHECK(must(putRewrapped(*store, batch)) == 1);
  CHECK(must(putRewrapped(*store, batch)) == 0);
  const auto left = notUnder("bbbbbbbb");
  REQUIRE(left.size() == 1);
  CHECK(left.front().sealed.keyId == "cccccccc");
  const auto secrets = must(reader->secrets("org_1", "acc_1"));
  CHECK(secrets.back().wrappedKey == "wrapped");
  CHECK(secrets.back().ciphertext == "c2");
}

TEST_CASE_METHOD(Fixture,
                 "A rotation begins with root and bridge together and ends without bridges") {
  must(addVaultEntry(*store, entryOf("root", "aaaaaaaa")));
  for (int times = 0; times < 2; ++times) {
    must(beginRotation(*store, entryOf("key:bbbbbbbb", "aaaaaaaa"), entryOf("root", "bbbbbbbb")));
    CHECK(must(vaultEntry(*reader, "root"))->sealed.keyId == "bbbbbbbb");
    CHECK(must(vaultEntry(*reader, "key:bbbbbbbb"))->sealed.keyId == "aaaaaaaa");
  }
  must(endRotation(*store, "bbbbbbbb", 3, false, true));
  CHECK(must(vaultEntry(*reader, "key:bbbbbbbb")));
  must(endRotation(*store, "bbbbbbbb", 0, true, false));
  CHECK_FALSE(must(vaultEntry(*reader, "key:bbbbbbbb")));
  CHECK(must(vaultEntry(*reader, "root")));
}
