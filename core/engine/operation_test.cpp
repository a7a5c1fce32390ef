#include "engine/operation.hpp"

#include <catch2/catch.hpp>

namespace unigate::engine {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

Policy nativePolicy() {
  Policy policy;
  policy.recovery = RecoveryMode::native;
  policy.windowMs = kDayMs;
  return policy;
}

// A machine with time and randomness of its own.
struct Bench {
  base::ManualClock clock;
  base::SeededRandom random{7};

  Operation fresh(Policy policy = nativePolicy()) { return Operation(policy, clock, random); }
  Operation stored(Snapshot snapshot, Policy policy = nativePolicy()) {
    return Operation(policy, snapshot, clock, random);
  }
  // Brings a new operation to where the first request is under way.
  Decision launch(Operation& operation) {
    operation.first();
    return operation.committed();
  }
  Snapshot open(State state) {
    Snapshot snapshot;
    snapshot.state = state;
    snapshot.attempt = 1;
    snapshot.fence = 1;
    snapshot.createdAtMs = clock.unixMs();
    snapshot.unansweredAtMs = clock.unixMs();
    return snapshot;
  }
};

TEST_CASE("Commits the intent before anything is sent") {
  Bench bench;
  Operation operation = bench.fresh();
  const Decision first = operation.first();
  CHECK(first.action == Action::commit);
  CHECK(first.to == State::intent);
  CHECK(operation.committed().action == Action::execute);
}

TEST_CASE("Ends as succeeded when the provider did it") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  const Decision commit = operation.finished({Verdict::done, true, false, 0});
  CHECK(commit.to == State::succeeded);
  CHECK(commit.fence == 2);
  CHECK(operation.committed().action == Action::finish);
}

TEST_CASE("Ends as failed when the provider declined, without a second try") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  CHECK(operation.finished({Verdict::declined, true, true, 0}).to == State::failed);
}

TEST_CASE("Tries again after a proven not-executed, each try committed first, three at most") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  for (int attempt = 2; attempt <= 3; ++attempt) {
    const Decision retry = operation.finished({Verdict::notExecuted, false, true, 0});
    CHECK(retry.action == Action::commit);
    CHECK(retry.to == State::sent);
    CHECK(retry.attempt == attempt);
    CHECK(operation.committed().action == Action::execute);
  }
  CHECK(operation.finished({Verdict::notExecuted, false, true, 0}).to == State::failed);
}

TEST_CASE(
    "Does not try again when the provider asks for a longer pause than the client would wait") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  CHECK(operation.finished({Verdict::notExecuted, true, true, 60'000}).to == State::failed);
}

TEST_CASE("Says unknown and waits when no answer came, never failed") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  const Decision commit = operation.finished({Verdict::unknown, false, false, 0});
  CHECK(commit.to == State::unknown);
  CHECK(commit.atMs > bench.clock.unixMs());
  CHECK(operation.committed().action == Action::wait);
}

TEST_CASE("Takes up an intent of a dead process by sending again with the same key") {
  Bench bench;
  Operation operation = bench.stored(bench.open(State::intent));
  const Decision takeUp = operation.first();
  CHECK(takeUp.to == State::sent);
  CHECK(takeUp.fence == 2);
  CHECK(operation.committed().action == Action::resend);
}

TEST_CASE("Asks instead of sending once the key's window less a tenth has passed") {
  Bench bench;
  const Snapshot snapshot = bench.open(State::unknown);
  Policy policy = nativePolicy();
  policy.giveUpMs = 10 * kDayMs;
  bench.clock.advanceMs(kDayMs - kDayMs / 10);
  Operation operation = bench.stored(snapshot, policy);
  operation.first();
  CHECK(operation.committed().action == Action::query);
}

TEST_CASE("Asks when the provider has answered in full and the outcome is still open") {
  Bench bench;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;
  Operation operation = bench.stored(snapshot);
  operation.first();
  CHECK(operation.committed().action == Action::query);
}

TEST_CASE("A refused connection while resolving proves nothing about the first send") {
  Bench bench;
  Operation operation = bench.stored(bench.open(State::unknown));
  operation.first();
  operation.committed();
  CHECK(operation.finished({Verdict::notExecuted, false, true, 0}).to == State::unknown);
}

TEST_CASE("Believes not-there only after a lost request can no longer arrive") {
  Bench bench;
  Policy policy = nativePolicy();
  policy.recovery = RecoveryMode::query;
  const Snapshot snapshot = bench.open(State::unknown);
  {
    Operation early = bench.stored(snapshot, policy);
    early.first();
    early.committed();
    CHECK(early.finished({Verdict::notExecuted, true, false, 0}).to == State::unknown);
  }
  bench.clock.advanceMs(policy.settleMs);
  Operation late = bench.stored(snapshot, policy);
  late.first();
  late.committed();
  CHECK(late.finished({Verdict::notExecuted, true, false, 0}).to == State::failed);
}

TEST_CASE("Time spent waiting for an answer in vain is not time to settle") {
  Bench bench;
  Policy policy = nativePolicy();
  policy.recovery = RecoveryMode::query;
  Operation operation = bench.fresh(policy);
  bench.launch(operation);
  bench.clock.advanceMs(policy.settleMs + 10'000);  // a provider that is slower than the time limit
  operation.finished({Verdict::unknown, false, false, 0});
  operation.committed();
  Operation resolver = bench.stored(operation.snapshot(), policy);
  resolver.first();
  resolver.committed();
  CHECK(resolver.finished({Verdict::notExecuted, true, false, 0}).to == State::unknown);
}

TEST_CASE("What a dead process had under way may still run at the provider after a restart") {
  Bench bench;
  Policy policy = nativePolicy();
  policy.recovery = RecoveryMode::query;
  for (const State state : {State::intent, State::sent}) {
    const Snapshot snapshot = bench.open(state);
    bench.clock.advanceMs(policy.settleMs);
    Operation operation = bench.stored(snapshot, policy);
    operation.first();
    operation.committed();
    CHECK(operation.finished({Verdict::notExecuted, true, false, 0}).to == State::unknown);
    operation.committed();
    // Asking does not put the end off: once settled, not-there is believed.
    bench.clock.advanceMs(policy.settleMs);
    Operation later = bench.stored(operation.snapshot(), policy);
    later.first();
    later.committed();
    CHECK(later.finished({Verdict::notExecuted, true, false, 0}).to == State::failed);
  }
}

TEST_CASE(
    "Sends again, and believes no not-there, while the provider says that the key is in use") {
  Bench bench;
  Operation operation = bench.stored(bench.open(State::intent));
  operation.first();
  REQUIRE(operation.committed().action == Action::resend);
  Outcome inUse{Verdict::unknown, true, true, 0};
  inUse.stillRunning = true;
  CHECK(operation.finished(inUse).to == State::unknown);
  operation.committed();
  Operation next = bench.stored(operation.snapshot());
  next.first();
  CHECK(next.committed().action == Action::resend);
}

TEST_CASE("An answer to a later send says nothing about an earlier one that had none") {
  Bench bench;
  Operation operation = bench.stored(bench.open(State::sent));
  operation.first();
  REQUIRE(operation.committed().action == Action::resend);
  operation.finished({Verdict::unknown, true, false, 0});  // e.g. a 500 of a proxy
  operation.committed();
  Operation next = bench.stored(operation.snapshot());
  next.first();
  REQUIRE(next.committed().action == Action::query);
  CHECK(next.finished({Verdict::notExecuted, true, false, 0}).to == State::unknown);
}

TEST_CASE("Mistrusts not-there after an answer that left the outcome open, as after none") {
  Bench bench;
  Operation operation = bench.fresh();
  bench.launch(operation);
  // A proxy's 504: behind it the provider may be at work.
  CHECK(operation.finished({Verdict::unknown, true, false, 0}).to == State::unknown);
  operation.committed();
  Operation early = bench.stored(operation.snapshot());
  early.first();
  REQUIRE(early.committed().action == Action::query);
  CHECK(early.finished({Verdict::notExecuted, true, false, 0}).to == State::unknown);
}

TEST_CASE("Sends again with the same key where the adapter has no way to ask") {
  Bench bench;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;
  Operation operation = bench.stored(snapshot);
  operation.first();
  REQUIRE(operation.committed().action == Action::query);
  Outcome mute;
  mute.cannotQuery = true;
  CHECK(operation.finished(mute).to == State::unknown);
  operation.committed();
  Operation next = bench.stored(operation.snapshot());
  next.first();
  CHECK(next.committed().action == Action::resend);
}

TEST_CASE("Never sends an at-most-once operation again: not found means an operator looks") {
  Bench bench;
  Policy policy = nativePolicy();
  policy.recovery = RecoveryMode::atMostOnce;
  const Snapshot snapshot = bench.open(State::unknown);
  bench.clock.advanceMs(policy.settleMs);
  Operation operation = bench.stored(snapshot, policy);
  operation.first();
  CHECK(operation.committed().action == Action::query);
  CHECK(operation.finished({Verdict::notExecuted, true, false, 0}).to == State::escalated);
}

TEST_CASE("Leaves terminal operations alone") {
  Bench bench;
  for (const State state : {State::succeeded, State::failed, State::escalated}) {
    Operation operation = bench.stored(bench.open(state));
    CHECK(operation.first().action == Action::finish);
  }
}

TEST_CASE("Escalates what stays unresolved to the end, but asks once more before") {
  Bench bench;
  const Snapshot snapshot = bench.open(State::unknown);
  bench.clock.advanceMs(nativePolicy().giveUpMs + 1);
  Operation operation = bench.stored(snapshot);
  CHECK(operation.first().to == State::sent);
  REQUIRE(operation.committed().action == Action::query);
  CHECK(operation.finished({Verdict::unknown, false, false, 0}).to == State::escalated);
}

TEST_CASE("Every path ends, raises the fence with every commit and never leaves a terminal state") {
  Bench bench;
  for (int run = 0; run < 2'000; ++run) {
    Operation operation = bench.fresh();
    Decision decision = operation.first();
    std::int64_t fence = 0;
    int steps = 0;
    while (decision.action != Action::finish && decision.action != Action::wait) {
      REQUIRE(++steps < 40);
      if (decision.action == Action::commit) {
        REQUIRE_FALSE(isTerminal(operation.snapshot().state));
        REQUIRE(decision.fence == fence + 1);
        fence = decision.fence;
        decision = operation.committed();
      } else {
        const auto verdict = static_cast<Verdict>(bench.random.below(4));
        decision = operation.finished(
            {verdict, bench.random.below(2) == 1, bench.random.below(2) == 1, 0});
      }
    }
  }
}

TEST_CASE("State names survive the way to the store and back") {
  for (const State state : {State::received, State::intent, State::sent, State::succeeded,
                            State::failed, State::unknown, State::escalated}) {
    CHECK(stateFromString(toString(state)) == state);
  }
}

}  // namespace
}  // namespace unigate::engine
