#include "gateway/run_parts.hpp"

#include <catch2/catch.hpp>

namespace unigate::gateway {
namespace {

store::OperationRecord row() {
  store::OperationRecord made;
  made.id = "txn_1";
  made.state = store::OperationState::unknown;
  made.attempt = 2;
  made.fence = 5;
  made.epoch = 7;
  made.owner = "wrk_1";
  made.createdAt = 1'000;
  made.sentAt = 1'100;
  made.updatedAt = 1'500;
  return made;
}

std::string errorOf(const engine::Snapshot& snapshot) {
  json::Writer out;
  out.beginObject().member("category", "unknown_outcome");
  writeSnapshot(snapshot, out);
  out.endObject();
  return out.take();
}

TEST_CASE("What the engine must remember comes back from the row") {
  engine::Snapshot kept;
  kept.lastSendAnswered = true;
  kept.askOnly = true;
  kept.openAnswers = 3;
  kept.unansweredAtMs = 1'300;
  kept.unansweredUs = 99;
  auto stored = row();
  stored.error = errorOf(kept);
  const auto snapshot = snapshotOf(stored, "wrk_1", 7);
  CHECK(snapshot.state == engine::State::unknown);
  CHECK(snapshot.attempt == 2);
  CHECK(snapshot.fence == 5);
  CHECK(snapshot.createdAtMs == 1'000);
  CHECK(snapshot.seenAtMs == 1'500);
  CHECK(snapshot.lastSendAnswered);
  CHECK(snapshot.askOnly);
  CHECK(snapshot.openAnswers == 3);
  CHECK(snapshot.unansweredAtMs == 1'300);
  CHECK(snapshot.unansweredUs == 99);
  CHECK_FALSE(snapshot.restored);
  CHECK_FALSE(snapshot.inherited);
}

TEST_CASE("Another process's monotonic clock says nothing here") {
  engine::Snapshot kept;
  kept.unansweredUs = 99;
  auto stored = row();
  stored.error = errorOf(kept);
  const auto snapshot = snapshotOf(stored, "wrk_2", 7);
  CHECK(snapshot.inherited);
  CHECK(snapshot.unansweredUs == 0);
}

TEST_CASE("An operation of another epoch was restored from a backup") {
  CHECK(snapshotOf(row(), "wrk_1", 8).restored);
}

TEST_CASE("Without an outcome on record the last send counts as unanswered") {
  CHECK(snapshotOf(row(), "wrk_1", 7).unansweredAtMs == 1'100);
}

TEST_CASE("A busy resource names the operation that holds it, and who can help") {
  auto holder = row();
  holder.state = store::OperationState::sent;
  const auto soon = resourceBusy("payment", holder);
  CHECK(soon.status == 409);
  CHECK(soon.code == "payment_processing");
  CHECK(soon.retryable);
  holder.state = store::OperationState::escalated;
  const auto stuck = resourceBusy("payment", holder);
  CHECK_FALSE(stuck.retryable);
  CHECK(stuck.detail.find("/v1/transactions/txn_1/resolve") != std::string::npos);
}

TEST_CASE("Modes keep their names on the way through the store") {
  store::OperationRecord stored;
  for (const auto mode :
       {plugin_host::RecoveryMode::none, plugin_host::RecoveryMode::native,
        plugin_host::RecoveryMode::nativeRef, plugin_host::RecoveryMode::query,
        plugin_host::RecoveryMode::queryFirst, plugin_host::RecoveryMode::atMostOnce}) {
    stored.recoveryMode = recoveryName(mode);
    CHECK(static_cast<int>(policyOf(stored).recovery) == static_cast<int>(mode));
  }
}

}  // namespace
}  // namespace unigate::gateway
