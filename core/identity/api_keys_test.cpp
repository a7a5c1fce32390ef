#include "identity/api_keys.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "identity/shared_clock.hpp"
#include "store/migrations.hpp"

using namespace unigate;
using identity::Environment;
using identity::KeyCache;
using identity::NewKey;
using identity::Principal;

using identity::testing::SharedClock;

namespace {

struct Fixture {
  std::string folder;
  SharedClock clock;
  base::SystemRandom random;
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::ReadSession> reader;
  std::unique_ptr<identity::Directory> directory;
  std::string org;

  Fixture() {
    folder = (std::filesystem::temp_directory_path() / "identity-test-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    REQUIRE(vault::createKekFile(folder + "/kek", random));
    vault = std::move(*vault::Vault::open("file:" + folder + "/kek", random));
    const auto url = "sqlite:" + folder + "/test.db";
    REQUIRE(store::migrate(url, clock));
    store = std::move(*store::Store::open({url, {}}, clock));
    reader = std::move(*store->openReader());
    directory = std::make_unique<identity::Directory>(*store, *vault, clock, random);
    org = directory->createOrganisation("Acme")->id;
  }
  ~Fixture() {
    reader.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  identity::CreatedKey make(NewKey key = {}) {
    key.orgId = org;
    auto created = directory->createKey(key);
    REQUIRE(created);
    return std::move(*created);
  }
};

std::string codeOf(const base::Result<std::shared_ptr<const Principal>>& result) {
  return result ? "ok" : result.error().code;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "Recognises a key that was made and knows whose it is") {
  NewKey wanted;
  wanted.environment = Environment::live;
  wanted.scopes = {"payments:write", "refunds:read"};
  wanted.ratePerMinute = 42;
  const auto key = make(wanted);
  KeyCache cache(*directory, *reader);
  const auto principal = cache.authenticate(key.text.reveal());
  REQUIRE(principal);
  CHECK((*principal)->orgId == org);
  CHECK((*principal)->keyId == key.id);
  CHECK((*principal)->environment == Environment::live);
  CHECK((*principal)->scopes == wanted.scopes);
  CHECK((*principal)->ratePerMinute == 42);
  CHECK((*cache.authenticate(make().text.reveal()))->ratePerMinute == 600);
}

TEST_CASE_METHOD(Fixture, "A rotated key goes on for the overlap, and the new one is like it") {
  NewKey wanted;
  wanted.scopes = {"payments:read"};
  wanted.allowList = {"203.0.113.0/24"};
  wanted.ratePerMinute = 7;
  const auto old = make(wanted);
  KeyCache cache(*directory, *reader);
  CHECK(cache.authenticate(old.text.reveal()));
  const auto rotated = directory->rotateKey(org, old.id, 60'000, "usr_1");
  REQUIRE(rotated);
  CHECK(rotated->oldExpiresAt == clock.unixMs() + 60'000);
  const auto next = cache.authenticate(rotated->key.text.reveal());
  REQUIRE(next);
  CHECK((*next)->scopes == wanted.scopes);
  CHECK((*next)->ratePerMinute == 7);
  CHECK((*next)->allowList.allows("203.0.113.9"));
  CHECK_FALSE((*next)->allowList.allows("203.0.114.9"));
  CHECK(cache.authenticate(old.text.reveal()));
  clock.advanceMs(60'000);
  CHECK(codeOf(cache.authenticate(old.text.reveal())) == "expired_api_key");
  CHECK(cache.authenticate(rotated->key.text.reveal()));
  CHECK(directory->rotateKey(org, old.id, 0, "").error().status == 409);
  CHECK(directory->rotateKey("org_other", rotated->key.id, 0, "").error().status == 404);
  CHECK(directory->rotateKey(org, rotated->key.id, -1, "").error().param == "overlap_seconds");
  REQUIRE(directory->revokeKey(org, rotated->key.id));
  CHECK(directory->rotateKey(org, rotated->key.id, 0, "").error().status == 409);
}

TEST_CASE_METHOD(Fixture, "A key with no overlap stops at once, and expiry is never put off") {
  NewKey wanted;
  wanted.expiresAt = clock.unixMs() + 10'000;
  const auto old = make(wanted);
  KeyCache cache(*directory, *reader);
  CHECK(cache.authenticate(old.text.reveal()));
  CHECK(directory->rotateKey(org, old.id, 60'000, "")->oldExpiresAt == wanted.expiresAt);
  const auto another = make();
  CHECK(cache.authenticate(another.text.reveal()));
  REQUIRE(directory->rotateKey(org, another.id, 0, ""));
  CHECK(codeOf(cache.authenticate(another.text.reveal())) == "expired_api_key");
}

TEST_CASE("Nobody grants what he may not do himself") {
  const auto may = [](const Principal& by, const std::vector<std::string>& scopes) {
    const auto status = identity::checkGrant(by, scopes);
    return status ? "yes" : status.error().code + "/" + status.error().param;
  };
  const std::string no = "scope_not_yours/scopes";
  Principal user;
  user.userId = "usr_1";
  user.role = "developer";
  CHECK(may(user, {"payments:write", "refunds:read", "keys:write", "members:read"}) == "yes");
  CHECK(may(user, {"*"}) == no);
  CHECK(may(user, {"payments:read", "members:write"}) == no);
  CHECK(may(user, {"audit:read"}) == no);
  user.role = "viewer";
  CHECK(may(user, {"payments:read"}) == no);
  user.role = "admin";
  CHECK(may(user, {"*", "members:write"}) == "yes");
  user.role = "nonsense";
  CHECK(may(user, {"payments:read"}) == no);
  Principal key;
  key.keyId = "key_1";
  key.scopes = {"keys:write", "payments:write"};
  CHECK(may(key, {"payments:read", "keys:write"}) == "yes");
  CHECK(may(key, {"refunds:read"}) == no);
  CHECK(may(key, {"*"}) == no);
  key.scopes = {"*"};
  CHECK(may(key, {"*", "members:write"}) == "yes");
}

TEST_CASE_METHOD(Fixture, "Keeps no key in the database") {
  const auto key = make();
  const auto rows = directory->keys(org);
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().last4 == key.text.last4());
  CHECK(rows->front().hash.size() == 64);
  reader.reset();
  store.reset();
  std::string content;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    content += text.str();
  }
  CHECK(content.find(rows->front().hash) != std::string::npos);
  CHECK(content.find(key.text.reveal()) == std::string::npos);
  CHECK(content.find(key.text.reveal().substr(9, 20)) == std::string::npos);
}

TEST_CASE_METHOD(Fixture, "Refuses unknown and malformed keys alike") {
  make();
  KeyCache cache(*directory, *reader);
  CHECK(codeOf(cache.authenticate("")) == "invalid_api_key");
  CHECK(codeOf(cache.authenticate("nonsense")) == "invalid_api_key");
  const auto stranger = identity::makeApiKeyText(Environment::test, random);
  CHECK(codeOf(cache.authenticate(stranger.reveal())) == "invalid_api_key");
  CHECK(codeOf(cache.authenticate(stranger.reveal())) == "invalid_api_key");
  CHECK(cache.authenticate(stranger.reveal()).error().status == 401);
}

TEST_CASE_METHOD(Fixture, "A revoked key is refused at once, also by caches that know it") {
  const auto key = make();
  KeyCache first(*directory, *reader);
  const auto secondReader = std::move(*store->openReader());
  KeyCache second(*directory, *secondReader);
  CHECK(first.authenticate(key.text.reveal()));
  CHECK(second.authenticate(key.text.reveal()));
  REQUIRE(directory->revokeKey(org, key.id));
  CHECK(codeOf(first.authenticate(key.text.reveal())) == "revoked_api_key");
  CHECK(codeOf(second.authenticate(key.text.reveal())) == "revoked_api_key");
}

TEST_CASE_METHOD(Fixture, "A key revoked by another process is refused within a second") {
  const auto key = make();
  KeyCache cache(*directory, *reader);
  CHECK(cache.authenticate(key.text.reveal()));
  REQUIRE(store->revokeApiKey(org, key.id, clock.unixMs()));  // past the directory
  clock.advanceMs(999);
  CHECK(cache.authenticate(key.text.reveal()));
  clock.advanceMs(1);
  CHECK(codeOf(cache.authenticate(key.text.reveal())) == "revoked_api_key");
}

TEST_CASE_METHOD(Fixture, "A key expires to the millisecond, cached or not") {
  NewKey wanted;
  wanted.expiresAt = clock.unixMs() + 3'000;
  const auto key = make(wanted);
  KeyCache cache(*directory, *reader);
  CHECK(cache.authenticate(key.text.reveal()));
  clock.advanceMs(2'999);
  CHECK(cache.authenticate(key.text.reveal()));
  clock.advanceMs(1);
  CHECK(codeOf(cache.authenticate(key.text.reveal())) == "expired_api_key");
}

TEST_CASE_METHOD(Fixture, "A key made by another process is known within a second") {
  const auto text = identity::makeApiKeyText(Environment::test, random);
  KeyCache cache(*directory, *reader);
  CHECK_FALSE(cache.authenticate(text.reveal()));
  store::ApiKeyRecord record;
  record.id = "key_other";
  record.orgId = org;
  record.environment = "test";
  record.hash = directory->hashOf(text.reveal());
  record.scopes = R"(["*"])";
  REQUIRE(store->createApiKey(record));
  clock.advanceMs(1'000);
  CHECK(cache.authenticate(text.reveal()));
}

TEST_CASE_METHOD(Fixture, "A row of the other environment does not make a key valid") {
  const auto text = identity::makeApiKeyText(Environment::test, random);
  store::ApiKeyRecord record;
  record.id = "key_forged";
  record.orgId = org;
  record.environment = "live";
  record.hash = directory->hashOf(text.reveal());
  record.scopes = R"(["*"])";
  REQUIRE(store->createApiKey(record));
  KeyCache cache(*directory, *reader);
  CHECK(codeOf(cache.authenticate(text.reveal())) == "invalid_api_key");
}

TEST_CASE_METHOD(Fixture, "Caches stay within their bounds and still answer right") {
  identity::KeyCacheSettings settings;
  settings.entriesMax = 2;
  settings.negativeEntriesMax = 2;
  KeyCache cache(*directory, *reader, settings);
  std::vector<identity::CreatedKey> keys;
  for (int i = 0; i < 5; ++i) keys.push_back(make());
  for (int round = 0; round < 2; ++round) {
    for (const auto& key : keys) {
      CHECK((*cache.authenticate(key.text.reveal()))->keyId == key.id);
      const auto stranger = identity::makeApiKeyText(Environment::test, random);
      CHECK_FALSE(cache.authenticate(stranger.reveal()));
    }
  }
}

TEST_CASE_METHOD(Fixture, "Another key-encryption key makes all API keys unknown") {
  const auto key = make();
  REQUIRE(vault::createKekFile(folder + "/other", random));
  const auto otherVault = std::move(*vault::Vault::open("file:" + folder + "/other", random));
  identity::Directory other(*store, *otherVault, clock, random);
  KeyCache cache(other, *reader);
  CHECK(codeOf(cache.authenticate(key.text.reveal())) == "invalid_api_key");
}

TEST_CASE("Scopes allow what they name and no more") {
  Principal principal;
  principal.scopes = {"payments:write", "refunds:read"};
  CHECK(principal.allows("payments", "write"));
  CHECK(principal.allows("payments", "read"));
  CHECK(principal.allows("refunds", "read"));
  CHECK_FALSE(principal.allows("refunds", "write"));
  CHECK_FALSE(principal.allows("payment", "write"));
  CHECK_FALSE(principal.allows("payments:", "write"));
  CHECK_FALSE(principal.allows("customers", "read"));
  principal.scopes = {};
  CHECK_FALSE(principal.allows("payments", "read"));
  principal.scopes = {"*"};
  CHECK(principal.allows("customers", "write"));
}

TEST_CASE_METHOD(Fixture,
                 "Refuses bad names, scopes, expiry and organisations with the field's name") {
  const auto problem = [this](NewKey key) {
    if (key.orgId.empty()) key.orgId = org;
    const auto created = directory->createKey(key);
    REQUIRE_FALSE(created);
    return created.error().param;
  };
  NewKey key;
  for (const auto& scopes : std::vector<std::vector<std::string>>{
           {}, {"payments"}, {"payments:delete"}, {":read"}, {"a\":read"}}) {
    key.scopes = scopes;
    CHECK(problem(key) == "scopes");
  }
  key = {};
  key.expiresAt = clock.unixMs();
  CHECK(problem(key) == "expires_at");
  key = {};
  key.name = "a\nb";
  CHECK(problem(key) == "name");
  key = {};
  key.ratePerMinute = -1;
  CHECK(problem(key) == "rate_per_minute");
  key = {};
  key.allowList = {"203.0.113.7", "nonsense"};
  CHECK(problem(key) == "allow_list");
  key = {};
  key.orgId = "org_unknown";
  CHECK(problem(key) == "org");
  CHECK(directory->createOrganisation("").error().param == "name");
  CHECK(directory->revokeKey(org, "key_unknown").error().status == 404);
  const auto mine = make();
  CHECK(directory->revokeKey("org_other", mine.id).error().status == 404);
}
