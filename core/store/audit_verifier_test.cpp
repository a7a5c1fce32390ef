#include "store/audit_verifier.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "store/dialect.hpp"
#include "store/statement.hpp"
#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Chain : TestDatabase {
  std::string done = finishedOne("a");
  std::string open = inserted("b");

  std::string finishedOne(const std::string& key) {
    const auto id = inserted(key);
    TransitionRecord record;
    record.toState = OperationState::succeeded;
    record.newFence = 1;
    record.final.emplace();
    must(store->transitionNow("org_1", id, OperationState::intent, 0, record));
    return id;
  }
  AuditReport verify() { return must(verifyAudit(*reader)); }

  // What somebody with every right does to the database.
  void tamper(const std::string& sql) {
    if (testServer().empty()) {
      const auto session = connect(must(parseDatabaseUrl(folder.url())), Access::write);
      execute(*session, sql);
    } else {
      folder.onDatabase(sql);
    }
  }
  std::string where(std::int64_t seq) const {
    return " WHERE seq = " + std::to_string(seq);
  }
};

}  // namespace

TEST_CASE_METHOD(Chain, "A chain that nobody touched verifies, one row for each transition") {
  must(store->createOrganisation({"org_9", "Nine", 1}));
  const auto report = verify();
  CHECK(report.faults.empty());
  CHECK(report.rows == 4);
  CHECK(report.operations == 2);
  CHECK(report.chains == 1);
}

TEST_CASE_METHOD(Chain, "An edited, deleted, swapped, inserted or cut row is found") {
  const std::string how = GENERATE(as<std::string>(), "edit", "delete", "swap", "insert", "cut",
                                   "cut with its head", "cut everything");
  CAPTURE(how);
  if (how == "edit") tamper("UPDATE audit_log SET actor = 'nobody'" + where(2));
  if (how == "delete") tamper("DELETE FROM audit_log" + where(2));
  if (how == "swap") {
    tamper("UPDATE audit_log SET seq = 99" + where(1));
    tamper("UPDATE audit_log SET seq = 1" + where(2));
    tamper("UPDATE audit_log SET seq = 2" + where(99));
  }
  if (how == "insert")
    tamper("INSERT INTO audit_log SELECT chain, 4, at, org_id, actor, action, subject, subject_seq,"
           " data, hash FROM audit_log" + where(3));
  if (how == "cut") tamper("DELETE FROM audit_log" + where(3));
  if (how == "cut with its head") {
    tamper("DELETE FROM audit_log" + where(3));
    tamper("UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_log" + where(2) + ")");
  }
  if (how == "cut everything") tamper("DELETE FROM audit_log");
  CHECK(verify().faultCount > 0);
}

TEST_CASE_METHOD(Chain, "An operation that was changed past the chain is found") {
  tamper("UPDATE operations SET state = 'failed' WHERE id = '" + done + "'");
  const auto report = verify();
  REQUIRE(report.faultCount == 1);
  CHECK(report.faults[0].find(done) != std::string::npos);
}

TEST_CASE_METHOD(Chain, "What is undone leaves no trace in the chain") {
  REQUIRE_FALSE(store->createApiKey({"key_1", "org_unknown", "test", "", "h", "", "[]"}));
  must(store->createOrganisation({"org_8", "Eight", 1}));
  CHECK(verify().faults.empty());
  CHECK(verify().rows == 4);
}

TEST_CASE_METHOD(Chain, "Two writers at once leave whole chains") {
  const auto other = must(Store::open({folder.url(), {}}, clock));
  for (int i = 0; i < 10; ++i) {
    must(store->createOrganisation({"org_a" + std::to_string(i), "A", 1}));
    must(other->createOrganisation({"org_b" + std::to_string(i), "B", 1}));
  }
  const auto report = verify();
  CHECK(report.faults.empty());
  CHECK(report.rows == 23);
  CHECK(report.chains == (testServer().empty() ? 1 : 2));
}
