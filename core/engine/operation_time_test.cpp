// What time, restores and other processes may not do to an operation.
#include <catch2/catch.hpp>

#include "engine/forward_clock.hpp"
#include "engine/operation.hpp"

namespace unigate::engine {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
constexpr Outcome kNotThere{Verdict::notExecuted, true, false, 0};
constexpr Outcome kNotSent{Verdict::notExecuted, false, true, 0};
constexpr Outcome kNoAnswer{Verdict::unknown, false, false, 0};
constexpr Outcome kDeclined{Verdict::declined, true, false, 0};

Policy policyFor(RecoveryMode mode) {
  Policy policy;
  policy.recovery = mode;
  policy.windowMs = mode == RecoveryMode::native ? kDayMs : 0;
  return policy;
}

struct Bench {
  base::ManualClock clock;
  base::SeededRandom random{11};

  Snapshot open(State state) {
    Snapshot snapshot;
    snapshot.state = state;
    snapshot.attempt = 1;
    snapshot.fence = 1;
    snapshot.createdAtMs = clock.unixMs();
    snapshot.unansweredAtMs = clock.unixMs();
    return snapshot;
  }
  Operation stored(const Snapshot& snapshot, const Policy& policy) {
    return Operation(policy, snapshot, clock, random);
  }
  // Takes the operation up and says what it does.
  Decision takeUp(Operation& operation) {
    operation.first();
    return operation.committed();
  }
};

// ---- restored from a backup ----

TEST_CASE("An operation of before a restore is unknown first, then only asked for") {
  Bench bench;
  for (const State state : {State::intent, State::sent, State::unknown}) {
    Snapshot snapshot = bench.open(state);
    snapshot.restored = true;
    Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
    const Decision first = operation.first();
    CHECK(first.action == Action::commit);
    CHECK(first.to == State::unknown);
    CHECK(first.reason.find("restored") != std::string_view::npos);
    CHECK(first.atMs > 0);
    CHECK(operation.committed().action == Action::wait);
    REQUIRE(operation.snapshot().askOnly);
    // The next take-up, which no longer sees the old epoch.
    Snapshot next = operation.snapshot();
    next.restored = false;
    Operation resolver = bench.stored(next, policyFor(RecoveryMode::native));
    CHECK(bench.takeUp(resolver).action == Action::query);
  }
}

TEST_CASE("An operation of before a restore that nobody can ask for goes to an operator") {
  Bench bench;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.askOnly = true;
  Operation mute = bench.stored(snapshot, policyFor(RecoveryMode::none));
  CHECK(mute.first().to == State::escalated);
  Operation native = bench.stored(snapshot, policyFor(RecoveryMode::native));
  bench.takeUp(native);
  Outcome cannot;
  cannot.cannotQuery = true;
  CHECK(native.finished(cannot).to == State::escalated);
}

TEST_CASE("What a restore made forget may have been sent a moment ago, so not-there must settle") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredAtMs = 0;
  snapshot.restored = true;
  bench.clock.advanceMs(10 * policy.settleMs);
  Operation operation = bench.stored(snapshot, policy);
  operation.first();
  operation.committed();
  Operation early = bench.stored(operation.snapshot(), policy);
  bench.takeUp(early);
  CHECK(early.finished(kNotThere).to == State::unknown);
}

TEST_CASE("A restore changes nothing about what had ended") {
  Bench bench;
  for (const State state : {State::succeeded, State::failed, State::escalated}) {
    Snapshot snapshot = bench.open(state);
    snapshot.restored = true;
    Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
    CHECK(operation.first().action == Action::finish);
  }
}

// ---- until when something may come to be ----

TEST_CASE("A look-up is told until when the last unanswered send may have done something") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Operation operation(policy, bench.clock, bench.random);
  operation.first();
  operation.committed();
  bench.clock.advanceMs(1'000);
  const std::int64_t endedMs = bench.clock.unixMs();
  operation.finished(kNoAnswer);
  CHECK(operation.sentUntilMs() == endedMs + policy.settleMs);
  bench.clock.advanceMs(3'600'000);
  CHECK(operation.sentUntilMs() == endedMs + policy.settleMs);
}

TEST_CASE("A resend moves the time until when something may come to be, a look-up does not") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredUs = bench.clock.monotonicUs();
  snapshot.lastSendAnswered = true;
  bench.clock.advanceMs(10'000);
  Operation asks = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(asks).action == Action::query);
  bench.clock.advanceMs(500);
  asks.finished(kNotThere);
  CHECK(asks.sentUntilMs() == snapshot.unansweredAtMs + policy.settleMs);
  snapshot.lastSendAnswered = false;
  Operation sends = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(sends).action == Action::resend);
  bench.clock.advanceMs(500);
  sends.finished(kNoAnswer);
  CHECK(sends.sentUntilMs() == bench.clock.unixMs() + policy.settleMs);
}

TEST_CASE("A clock that was set forward since the send does not end its time early") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredUs = bench.clock.monotonicUs();
  bench.clock.advanceMs(1'000);
  bench.clock.setUnixMs(bench.clock.unixMs() + 3'600'000);
  const Operation operation = bench.stored(snapshot, policy);
  CHECK(operation.sentUntilMs() == bench.clock.unixMs() - 1'000 + policy.settleMs);
}

TEST_CASE("What another process sent may come to be until it has settled here") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Snapshot snapshot = bench.open(State::sent);
  snapshot.inherited = true;
  bench.clock.advanceMs(3'600'000);
  const Operation operation = bench.stored(snapshot, policy);
  CHECK(operation.sentUntilMs() == bench.clock.unixMs() + policy.settleMs);
}

TEST_CASE("What is not there is asked for again as soon as that may be the end") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.attempt = 9;  // its pauses have grown to ten seconds
  bench.clock.advanceMs(policy.settleMs - 1'000);
  Operation operation = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(operation).action == Action::query);
  const Decision wait = operation.finished(kNotThere);
  CHECK(wait.to == State::unknown);
  CHECK(wait.atMs <= bench.clock.unixMs() + 1'000 + policy.backoffMinMs);
}

// ---- answers that tell nothing ----

constexpr Outcome kStoredError{Verdict::unknown, true, false, 0};
constexpr Outcome kCannotTell{Verdict::unknown, true, false, 0};

// How often a key that brings nothing but an error is used within a time, where look-ups don't know
// either.
int resendsWithin(Bench& bench, std::int64_t spanMs, const Outcome& told) {
  const Policy policy = policyFor(RecoveryMode::native);
  const std::int64_t endMs = bench.clock.unixMs() + spanMs;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredUs = bench.clock.monotonicUs();
  int resends = 0;
  while (bench.clock.unixMs() < endMs && snapshot.state == State::unknown) {
    Operation operation = bench.stored(snapshot, policy);
    const Decision decision = bench.takeUp(operation);
    const bool resend = decision.action == Action::resend;
    resends += resend ? 1 : 0;
    const Decision next = operation.finished(resend ? kStoredError : told);
    operation.committed();
    snapshot = operation.snapshot();
    if (next.atMs > bench.clock.unixMs()) bench.clock.advanceMs(next.atMs - bench.clock.unixMs());
  }
  return resends;
}

TEST_CASE("A key that brings nothing but an error is used ever more seldom") {
  Bench bench;
  const int hour = resendsWithin(bench, 3'600'000, kCannotTell);
  CHECK(hour >= 6);
  CHECK(hour <= 12);
}

TEST_CASE("Between two uses of such a key there comes a time in which all has settled") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredUs = bench.clock.monotonicUs();
  snapshot.lastSendAnswered = true;
  snapshot.openAnswers = 4;
  bench.clock.advanceMs(2 * policy.settleMs - 1);
  Operation waits = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(waits).action == Action::query);
  waits.finished(kCannotTell);
  CHECK(waits.snapshot().lastSendAnswered);
  bench.clock.advanceMs(1);
  Operation due = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(due).action == Action::query);
  due.finished(kCannotTell);
  CHECK_FALSE(due.snapshot().lastSendAnswered);
}

TEST_CASE("A look-up that says when to ask again is asked again, and nothing is sent meanwhile") {
  Bench bench;
  Outcome later = kCannotTell;
  later.retryAfterMs = 15'000;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;
  Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
  REQUIRE(bench.takeUp(operation).action == Action::query);
  const Decision wait = operation.finished(later);
  CHECK(wait.to == State::unknown);
  CHECK(wait.atMs >= bench.clock.unixMs() + 15'000);
  CHECK(operation.snapshot().lastSendAnswered);
}

TEST_CASE("Where nobody can be asked, the key is used as before") {
  Bench bench;
  Outcome cannot = kCannotTell;
  cannot.cannotQuery = true;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;
  snapshot.openAnswers = 9;
  Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
  bench.takeUp(operation);
  operation.finished(cannot);
  CHECK_FALSE(operation.snapshot().lastSendAnswered);
}

// ---- clocks ----

TEST_CASE("A clock behind a time on record was set back: asked, never sent again") {
  Bench bench;
  Snapshot snapshot = bench.open(State::unknown);
  bench.clock.advanceMs(kDayMs);  // past the window
  snapshot.seenAtMs = bench.clock.unixMs();
  bench.clock.setUnixMs(snapshot.createdAtMs + 1'000);  // looks fresh again
  Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
  const Decision first = operation.first();
  CHECK(first.to == State::unknown);
  CHECK(first.reason.find("clock") != std::string_view::npos);
  operation.committed();
  // Also when the clock has come so far again that nothing shows.
  bench.clock.setUnixMs(snapshot.seenAtMs + 1'000);
  Operation later = bench.stored(operation.snapshot(), policyFor(RecoveryMode::native));
  CHECK(bench.takeUp(later).action == Action::query);
}

TEST_CASE("Clocks of two hosts that differ a little stop no resend") {
  Bench bench;
  Snapshot snapshot = bench.open(State::intent);
  snapshot.createdAtMs += 2'000;
  snapshot.seenAtMs = snapshot.createdAtMs;
  Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
  CHECK(bench.takeUp(operation).action == Action::resend);
}

TEST_CASE("The age of a key never shrinks for a process that lives, whatever its clock does") {
  Bench bench;
  const ForwardClock clock(bench.clock);
  const Snapshot snapshot = bench.open(State::unknown);
  for (int step = 0; step < 22; ++step) {
    bench.clock.advanceMs(3'600'000);
    bench.clock.setUnixMs(bench.clock.unixMs() - 1'800'000);
    (void)clock.unixMs();
  }
  Operation operation(policyFor(RecoveryMode::native), snapshot, clock, bench.random);
  CHECK(bench.takeUp(operation).action == Action::query);
}

TEST_CASE("A take-up whose commit outlasts the window asks instead of sending") {
  Bench bench;
  const Snapshot snapshot = bench.open(State::unknown);
  bench.clock.advanceMs(kDayMs - kDayMs / 10 - 1);
  Operation operation = bench.stored(snapshot, policyFor(RecoveryMode::native));
  operation.first();
  bench.clock.advanceMs(1);
  CHECK(operation.committed().action == Action::query);
}

TEST_CASE("A clock that leaps forward does not make an early not-there true") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Operation sender(policy, bench.clock, bench.random);
  sender.first();
  sender.committed();
  sender.finished(kNoAnswer);
  sender.committed();
  bench.clock.setUnixMs(bench.clock.unixMs() + kDayMs / 2);
  Operation early = bench.stored(sender.snapshot(), policy);
  bench.takeUp(early);
  CHECK(early.finished(kNotThere).to == State::unknown);
  bench.clock.advanceMs(policy.settleMs);
  early.committed();
  Operation late = bench.stored(early.snapshot(), policy);
  bench.takeUp(late);
  CHECK(late.finished(kNotThere).to == State::failed);
}

TEST_CASE("A not-there that was asked for too early is not made true by reading it late") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Operation operation = bench.stored(bench.open(State::intent), policy);
  bench.takeUp(operation);
  bench.clock.advanceMs(10 * policy.settleMs);  // stopped between the answer and its reading
  CHECK(operation.finished(kNotThere).to == State::unknown);
}

TEST_CASE("A refusal of a resend that is read late is no older proof than its sending") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Operation operation = bench.stored(bench.open(State::intent), policy);
  REQUIRE(bench.takeUp(operation).action == Action::resend);
  bench.clock.advanceMs(10 * policy.settleMs);
  CHECK(operation.finished(kDeclined).to == State::unknown);
}

TEST_CASE("Another process's times are not compared with this one's clocks") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.inherited = true;
  bench.clock.advanceMs(10 * policy.settleMs);
  Operation operation = bench.stored(snapshot, policy);
  bench.takeUp(operation);
  CHECK(operation.finished(kNotThere).to == State::unknown);
}

TEST_CASE("A time to settle that lies in the future begins now") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::query);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.unansweredAtMs += kDayMs;
  Operation operation = bench.stored(snapshot, policy);
  bench.takeUp(operation);
  operation.finished(kNotThere);
  operation.committed();
  bench.clock.advanceMs(policy.settleMs);
  Operation later = bench.stored(operation.snapshot(), policy);
  bench.takeUp(later);
  CHECK(later.finished(kNotThere).to == State::failed);
}

// ---- deadlines and retries ----

TEST_CASE(
    "Bounds the client's calls by one deadline from the intent, a resolver's each by its own") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Operation operation(policy, bench.clock, bench.random);
  const std::int64_t startedAt = bench.clock.unixMs();
  operation.first();
  bench.clock.advanceMs(1'000);
  CHECK(operation.committed().deadlineAtMs == startedAt + policy.deadlineMs);
  operation.finished({Verdict::notExecuted, true, true, 0});
  bench.clock.advanceMs(1'000);
  CHECK(operation.committed().deadlineAtMs == startedAt + policy.deadlineMs);

  Operation resolver = bench.stored(bench.open(State::intent), policy);
  CHECK(bench.takeUp(resolver).deadlineAtMs == bench.clock.unixMs() + policy.resolveCallMs);
}

TEST_CASE("A clock that is set moves no deadline of a running call") {
  Bench bench;
  Policy policy = policyFor(RecoveryMode::native);
  policy.patienceMs = 60'000;
  Operation operation(policy, bench.clock, bench.random);
  operation.first();
  bench.clock.advanceMs(10'000);
  bench.clock.setUnixMs(bench.clock.unixMs() - kDayMs);
  CHECK(operation.committed().deadlineAtMs == bench.clock.unixMs() + policy.deadlineMs - 10'000);
  operation.finished({Verdict::notExecuted, true, true, 0});
}

TEST_CASE("No retry starts past the deadline, however patient the client") {
  Bench bench;
  Policy policy = policyFor(RecoveryMode::native);
  policy.patienceMs = 600'000;
  Operation operation(policy, bench.clock, bench.random);
  operation.first();
  operation.committed();
  bench.clock.advanceMs(policy.deadlineMs);
  CHECK(operation.finished({Verdict::notExecuted, true, true, 0}).to == State::failed);
}

TEST_CASE("Retries only while the provider's budget has one left") {
  Bench bench;
  RetryBudget budget(0, 1);
  Policy policy = policyFor(RecoveryMode::native);
  policy.budget = &budget;
  Operation operation(policy, bench.clock, bench.random);
  operation.first();
  operation.committed();
  CHECK(operation.finished({Verdict::notExecuted, true, true, 0}).to == State::sent);
  operation.committed();
  CHECK(operation.finished({Verdict::notExecuted, true, true, 0}).to == State::failed);
}

TEST_CASE("First executions alone earn retries") {
  Bench bench;
  RetryBudget budget(100, 1);
  Policy policy = policyFor(RecoveryMode::native);
  policy.budget = &budget;
  REQUIRE(budget.takeRetry());
  Operation resolver = bench.stored(bench.open(State::intent), policy);
  REQUIRE(bench.takeUp(resolver).action == Action::resend);
  CHECK_FALSE(budget.takeRetry());
  Operation operation(policy, bench.clock, bench.random);
  operation.first();
  operation.committed();
  CHECK(budget.takeRetry());
}

TEST_CASE("A provider's long pause does not hide an unresolved operation for more than a minute") {
  Bench bench;
  Operation operation = bench.stored(bench.open(State::unknown), policyFor(RecoveryMode::query));
  bench.takeUp(operation);
  const Decision wait = operation.finished({Verdict::unknown, true, false, 86'400'000});
  CHECK(wait.atMs >= bench.clock.unixMs() + 60'000);
  CHECK(wait.atMs < bench.clock.unixMs() + 61'000);
}

// ---- proofs ----

TEST_CASE("A driver that lost its lease before the first send proves that nothing happened") {
  Bench bench;
  Operation operation(policyFor(RecoveryMode::native), bench.clock, bench.random);
  operation.first();
  operation.committed();
  CHECK(operation.finished({Verdict::notExecuted, false, false, 0}).to == State::failed);
}

TEST_CASE("A driver that lost its lease before a resend or a query proves nothing") {
  Bench bench;
  for (const RecoveryMode mode : {RecoveryMode::native, RecoveryMode::query,
                                  RecoveryMode::queryFirst, RecoveryMode::atMostOnce}) {
    Operation operation = bench.stored(bench.open(State::intent), policyFor(mode));
    bench.takeUp(operation);
    bench.clock.advanceMs(policyFor(mode).settleMs);
    CHECK(operation.finished(kNotSent).to == State::unknown);
  }
}

TEST_CASE("A refusal of a resend is the end only when no earlier send can still arrive") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Operation early = bench.stored(bench.open(State::intent), policy);
  REQUIRE(bench.takeUp(early).action == Action::resend);
  const Decision wait = early.finished(kDeclined);
  CHECK(wait.to == State::unknown);
  CHECK(wait.atMs >= bench.clock.unixMs() + policy.settleMs);
  early.committed();
  bench.clock.advanceMs(policy.settleMs);
  Operation late = bench.stored(early.snapshot(), policy);
  REQUIRE(bench.takeUp(late).action == Action::resend);
  CHECK(late.finished(kDeclined).to == State::failed);
}

TEST_CASE("A refusal that is found after a stored 500 is asked for again, not sent again") {
  Bench bench;
  const Policy policy = policyFor(RecoveryMode::native);
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;
  Operation early = bench.stored(snapshot, policy);
  REQUIRE(bench.takeUp(early).action == Action::query);
  CHECK(early.finished(kDeclined).to == State::unknown);
  early.committed();
  bench.clock.advanceMs(policy.settleMs);
  Operation late = bench.stored(early.snapshot(), policy);
  REQUIRE(bench.takeUp(late).action == Action::query);
  CHECK(late.finished(kDeclined).to == State::failed);
}

TEST_CASE("A refusal that is found where nothing is ever sent twice is the end at once") {
  Bench bench;
  for (const RecoveryMode mode : {RecoveryMode::query, RecoveryMode::atMostOnce}) {
    Operation operation = bench.stored(bench.open(State::intent), policyFor(mode));
    bench.takeUp(operation);
    CHECK(operation.finished(kDeclined).to == State::failed);
  }
}

TEST_CASE("Who can neither send again nor ask goes to an operator at once") {
  Bench bench;
  Outcome cannot;
  cannot.cannotQuery = true;
  for (const RecoveryMode mode :
       {RecoveryMode::query, RecoveryMode::queryFirst, RecoveryMode::atMostOnce}) {
    Operation operation = bench.stored(bench.open(State::unknown), policyFor(mode));
    bench.takeUp(operation);
    CHECK(operation.finished(cannot).to == State::escalated);
  }
}

// A provider's report may be hours behind: to ask it alone would take as long.
TEST_CASE("A question that leaves it open lets the key speak again, where it holds") {
  Bench bench;
  Snapshot snapshot = bench.open(State::unknown);
  snapshot.lastSendAnswered = true;  // a 500 that the provider did not keep
  Operation first = bench.stored(snapshot, policyFor(RecoveryMode::native));
  REQUIRE(bench.takeUp(first).action == Action::query);
  CHECK(first.finished({Verdict::unknown, true, false, 0}).to == State::unknown);
  first.committed();
  Operation second = bench.stored(first.snapshot(), policyFor(RecoveryMode::native));
  CHECK(bench.takeUp(second).action == Action::resend);
}

}  // namespace
}  // namespace unigate::engine
