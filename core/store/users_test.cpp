#include "store/users.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "store/api_keys.hpp"
#include "store/log_in_attempts.hpp"
#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

constexpr std::int64_t kNow = 1'790'000'000'000;
constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

struct Fixture : TestDatabase {
  NewUser newUser(const std::string& name) const {
    NewUser made;
    made.user.id = "usr_" + name;
    made.user.email = name + "@example.com";
    made.user.passwordHash = "hash of " + name;
    made.user.createdAt = kNow;
    made.organisation = Organisation{"org_" + name, "Of " + name, kNow};
    made.membership = {"org_" + name, made.user.id, "owner", kNow};
    made.session = session(name);
    made.refreshHash = "refresh of " + name;
    return made;
  }
  static SessionRow session(const std::string& name, const std::string& id = "") {
    SessionRow row;
    row.id = id.empty() ? "ses_" + name : id;
    row.orgId = "org_" + name;
    row.userId = "usr_" + name;
    row.createdAt = row.usedAt = kNow;
    row.expiresAt = kNow + 30 * kDayMs;
    return row;
  }
  std::string codeOf(const base::Status& status) const {
    return status ? "ok" : status.error().code;
  }
  void addMember(const std::string& org, const std::string& name, const std::string& role) {
    must(store::addMember(*store, {"org_" + org, "usr_" + name, role, kNow}, "usr_" + org));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "A user, his organisation and his log-in are made together or not at all") {
  must(createUser(*store, newUser("ada")));
  const auto user = must(userByEmail(*reader, "ada@example.com"));
  REQUIRE(user);
  CHECK(user->id == "usr_ada");
  CHECK(user->passwordHash == "hash of ada");
  CHECK(must(roleInSession(*reader, session("ada"), kNow)) == "owner");
  CHECK(must(sessionByRefreshHash(*reader, "refresh of ada"))->id == "ses_ada");
  auto twin = newUser("eve");
  twin.user.email = "ada@example.com";
  CHECK(codeOf(createUser(*store, twin)) == "email_taken");
  CHECK_FALSE(must(userById(*reader, "usr_eve")));
  CHECK_FALSE(must(reader->organisationById("org_eve")));
}

TEST_CASE_METHOD(Fixture, "A log-in stands only for its user, organisation, time and membership") {
  must(createUser(*store, newUser("ada")));
  must(createUser(*store, newUser("bob")));
  addMember("ada", "bob", "viewer");
  CHECK_FALSE(must(roleInSession(*reader, session("ada"), kNow + 30 * kDayMs)));
  auto wrong = session("ada");
  wrong.userId = "usr_bob";
  CHECK_FALSE(must(roleInSession(*reader, wrong, kNow)));
  wrong = session("bob");
  wrong.orgId = "org_ada";  // a member there, but the log-in is for another
  CHECK_FALSE(must(roleInSession(*reader, wrong, kNow)));
  must(revokeSessions(*store, "usr_ada", "", "ses_other", "test", kNow));
  CHECK_FALSE(must(roleInSession(*reader, session("ada"), kNow)));
  CHECK(must(roleInSession(*reader, session("bob"), kNow)) == "owner");
}

TEST_CASE_METHOD(Fixture,
                 "Of many who come with one refresh token at once, one at most is served") {
  must(createUser(*store, newUser("ada")));
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto rotated =
          rotateRefreshToken(*store, "refresh of ada", "next " + std::to_string(i), kNow + 1);
      rotated ? ++served : ++refused;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(served == 1);
  CHECK(refused == 7);
  // The second one ended the log-in.
  CHECK_FALSE(must(roleInSession(*reader, session("ada"), kNow + 1)));
}

TEST_CASE_METHOD(Fixture, "Two owners who go at once don't leave nobody") {
  must(createUser(*store, newUser("ada")));
  must(createUser(*store, newUser("bob")));
  addMember("ada", "bob", "owner");
  std::atomic<int> gone{0};
  std::vector<std::thread> threads;
  for (const std::string name : {"ada", "bob"}) {
    threads.emplace_back([&, name] {
      if (changeMember(*store, "org_ada", "usr_" + name, "", false, "usr_" + name, kNow)) ++gone;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(gone == 1);
  CHECK(must(membersOf(*reader, "org_ada")).size() == 1);
}

TEST_CASE_METHOD(Fixture, "Ended log-ins are cleared away at the next one, with their tokens") {
  must(createUser(*store, newUser("ada")));
  auto later = session("ada", "ses_later");
  later.createdAt = later.usedAt = kNow + 31 * kDayMs;
  later.expiresAt = later.createdAt + kDayMs;
  must(createSession(*store, later, "refresh later", ""));
  CHECK_FALSE(must(sessionById(*reader, "ses_ada")));
  CHECK_FALSE(must(sessionByRefreshHash(*reader, "refresh of ada")));
  CHECK(must(sessionById(*reader, "ses_later")));
}

TEST_CASE_METHOD(Fixture, "A password is changed only from the one that was checked") {
  must(createUser(*store, newUser("ada")));
  CHECK(codeOf(changePassword(*store, "org_ada", "usr_ada", "hash of ada", "new", "ses_ada",
                              kNow)) == "ok");
  CHECK(codeOf(changePassword(*store, "org_ada", "usr_ada", "hash of ada", "newer", "ses_ada",
                              kNow)) == "password_changed");
  CHECK(must(userById(*reader, "usr_ada"))->passwordHash == "new");
  CHECK(must(roleInSession(*reader, session("ada"), kNow)) == "owner");
}

TEST_CASE_METHOD(Fixture, "An attempt that is refused counts for nobody, and counts fade") {
  const std::vector<AttemptLimit> limits = {{"a", 1, 1'000, 4'000}, {"b", 100}};
  CHECK(codeOf(takeAttempt(*store, limits, kNow)) == "ok");
  CHECK(codeOf(takeAttempt(*store, limits, kNow)) == "ok");
  const auto refused = takeAttempt(*store, limits, kNow);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 429);
  CHECK(refused.error().retryAfterSeconds == 1);
  // Each wait is twice as long, up to the most.
  std::int64_t now = kNow;
  for (const std::int64_t seconds : {1, 2, 4, 4}) {
    now += seconds * 1'000;
    CHECK(codeOf(takeAttempt(*store, limits, now)) == "ok");
    CHECK(codeOf(takeAttempt(*store, limits, now)) == "too_many_attempts");
  }
  must(forgiveAttempt(*store, {"a"}, {"b"}));
  CHECK(codeOf(takeAttempt(*store, limits, now)) == "ok");
  CHECK(codeOf(takeAttempt(*store, limits, now)) == "ok");
  CHECK(codeOf(takeAttempt(*store, limits, now)) == "too_many_attempts");
  now += 3'600'001;
  CHECK(codeOf(takeAttempt(*store, limits, now)) == "ok");
  CHECK(codeOf(takeAttempt(*store, limits, now)) == "ok");
}

TEST_CASE_METHOD(Fixture, "Every change of a key is told to other processes by a number") {
  must(createUser(*store, newUser("ada")));
  const auto changes = [&] { return must(reader->meta(kApiKeysChanged)).value_or("0"); };
  ApiKeyRow key;
  key.id = "key_1";
  key.orgId = "org_ada";
  key.environment = "test";
  key.hash = "hash 1";
  key.scopes = "[]";
  key.allowList = R"(["203.0.113.7"])";
  key.createdBy = "usr_ada";
  must(createApiKey(*store, key));
  CHECK(changes() == "1");
  CHECK(must(apiKeyRowByHash(*reader, "hash 1"))->allowList == key.allowList);
  CHECK(must(apiKeyRows(*reader, "org_ada")).front().createdBy == "usr_ada");
  ApiKeyRow next = key;
  next.id = "key_2";
  next.hash = "hash 2";
  ApiKeyRow old;
  must(rotateApiKey(*store, next, "key_1", kNow + 5, kNow, old));
  CHECK(changes() == "2");
  CHECK(old.replacedBy == "key_2");
  CHECK(must(apiKeyRowByHash(*reader, "hash 1"))->expiresAt == kNow + 5);
  must(revokeApiKey(*store, "org_ada", "key_2", kNow, "usr_ada"));
  CHECK(changes() == "3");
  CHECK(codeOf(revokeApiKey(*store, "org_other", "key_2", kNow, "")) == "not_found");
  CHECK(changes() == "3");
  must(store->revokeApiKey("org_ada", "key_1", kNow));
  CHECK(changes() == "4");
}
