// The operation state machine of money-safety: decides what happens next to one operation and does
// nothing itself. The gateway's driver carries out each Decision (commit, send, wait) and reports
// back; a simulation can do the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "engine/retry_budget.hpp"

namespace unigate::engine {

enum class State { received, intent, sent, succeeded, failed, unknown, escalated };

std::string_view toString(State state);
// Reads a name as toString() gives it; anything else is State::received.
State stateFromString(std::string_view name);
inline bool isTerminal(State state) {
  return state == State::succeeded || state == State::failed;
}

// How an operation whose answer was lost is made certain again (declared in the provider's
// manifest).
enum class RecoveryMode { none, native, nativeRef, query, queryFirst, atMostOnce };

struct Policy {
  RecoveryMode recovery = RecoveryMode::none;
  std::int64_t windowMs =
      0;  // a resend with the same key is safe that long after the intent; 0: no resend
  std::int32_t attemptsMax = 3;  // executions on the client's time: the first and its retries
  std::int64_t retryDelayMs =
      100;  // before a retry on the client's time, doubled each time, full jitter
  std::int64_t patienceMs = 5'000;  // no retry on the client's time after that
  std::int64_t settleMs =
      20'000;  // a query's "not there" counts only that long after the end of an unanswered send
  std::int64_t backoffMinMs = 500;
  std::int64_t backoffMaxMs = 10'000;
  // An operation of that age is never sent again, and escalated once it was asked for in vain.
  std::int64_t giveUpMs = 24LL * 3600 * 1000;
  std::int64_t deadlineMs =
      30'000;  // for executions on the client's time, from the intent; 0: none
  std::int64_t resolveCallMs = 30'000;  // for one resend or query; 0: none
  RetryBudget* budget = nullptr;        // borrowed; null: unlimited
};

// What a send or a query told.
enum class Verdict { done, declined, notExecuted, unknown };

struct Outcome {
  Verdict verdict = Verdict::unknown;
  bool answered = false;      // a complete answer of the provider was read
  bool retrySameKey = false;  // the same request may succeed soon
  std::int64_t retryAfterMs = 0;
  bool stillRunning = false;  // the provider says that an earlier send is being worked on
  bool cannotQuery = false;   // the adapter has no way to ask: only the same key can tell
};

// What is durable of an operation; the driver keeps all of it in the store, but `restored` and
// `inherited`, which it finds out when it reads the row.
struct Snapshot {
  State state = State::received;
  std::int32_t attempt = 0;      // sends and queries so far
  std::int64_t fence = 0;        // raised by every take-up; a writer with an old fence loses
  std::int64_t createdAtMs = 0;  // when the intent was made
  // Last time that a send whose outcome nobody knows may have been under way; 0: there is none.
  std::int64_t unansweredAtMs = 0;
  // The same on the monotonic clock of the process that wrote it, and only for that process; 0:
  // another's, or not known.
  std::int64_t unansweredUs = 0;
  bool lastSendAnswered = false;  // the last send (not query) got a complete, final answer
  // Sends in a row whose answer, though complete, left the outcome open (a stored 500).
  std::int32_t openAnswers = 0;
  bool askOnly = false;       // its age or its history isn't sure: never sent again
  std::int64_t seenAtMs = 0;  // latest time on record for it (when its row was last written)
  // It was made or changed in an earlier epoch of the database, before a restore from a backup:
  // what happened to it since is lost.
  bool restored = false;
  bool inherited = false;  // another process wrote it last, whose clocks say nothing about ours
};

enum class Action { commit, execute, resend, query, wait, finish };

// One thing to do. `commit` writes (state, attempt, fence) by compare-and-set on the snapshot that
// the machine was in; `execute`, `resend` and `query` talk to the provider; `wait` until `atMs`,
// then take the operation up again.
struct Decision {
  Action action = Action::finish;
  State to = State::received;  // commit
  std::int32_t attempt = 0;    // commit
  std::int64_t fence = 0;      // commit
  std::int64_t atMs = 0;    // not before: execute, wait; with a commit to unknown the next take-up
  std::string_view reason;  // for the transition row
  // execute, resend, query: unix ms by which the call must be over; 0: none. When it has passed
  // before anything was sent, nothing is: the driver reports notExecuted without an answer.
  std::int64_t deadlineAtMs = 0;
};

// One operation, from the client's request or from a row found in the store. Not thread-safe; one
// owner at a time, guarded by the fence. A driver that may not send any more (its lease is lost)
// reports notExecuted without an answer. `clock` should be a ForwardClock.
class Operation {
 public:
  // A new one: first() is its first decision.
  Operation(Policy policy, const base::Clock& clock, base::Random& random);
  // One read from the store, to be resolved: first() takes it up.
  Operation(Policy policy, Snapshot snapshot, const base::Clock& clock, base::Random& random);

  Decision first();
  // The commit of the last decision is durable.
  Decision committed();
  // The last execute, resend or query has ended so.
  Decision finished(const Outcome& outcome);

  const Snapshot& snapshot() const { return snapshot_; }
  // Unix ms by our clock: nothing of this operation comes to be at the provider later than that,
  // for what was sent so far. In the future while a "not there" has yet to settle.
  std::int64_t sentUntilMs() const;
  // True when the commit that is due tells a client "processing" instead of a final answer.
  bool resolving() const { return resolving_; }

 private:
  // A provider may ask for any pause; what is unresolved is looked at again within this one.
  static constexpr std::int64_t kPauseMsMax = 60'000;

  Decision commitTo(State to, std::string_view reason);
  Decision takeUp();
  Decision afterExecute(const Outcome& outcome);
  Decision afterResend(const Outcome& outcome);
  Decision afterQuery(const Outcome& outcome);
  Decision notExecuted(const Outcome& outcome);
  Decision declined(std::string_view reason);
  Decision unresolved(std::string_view reason, std::int64_t retryAfterMs,
                      std::int64_t pauseMsMax = kPauseMsMax);
  Decision waitUnknown(std::string_view reason, std::int64_t pauseMs);
  Action recoveryAction() const;
  bool resends() const;
  bool resendSafe() const;
  bool resendDue() const;
  bool clockWentBack() const;
  std::int64_t ageMs() const;
  std::int64_t spentMs() const;
  std::int64_t deadlineAtMs() const;
  std::int64_t unansweredForMs() const;
  std::int64_t settleLeftMs() const;
  void noteUnanswered();
  std::int64_t backoffMs();
  std::int64_t jitterMs(std::int64_t ceilingMs);

  Policy policy_;
  Snapshot snapshot_;
  const base::Clock& clock_;
  base::Random& random_;
  Decision pending_;              // the commit that is under way
  Action next_ = Action::finish;  // what follows the commit
  Action running_ = Action::finish;
  std::int32_t executions_ = 0;
  std::int64_t startedUs_ = 0;  // monotonic: when this machine was made
  // The snapshot's, before the send that is under way.
  std::int64_t unansweredBeforeMs_ = 0;
  std::int64_t unansweredBeforeUs_ = 0;
  // How long a "not there" was still to be mistrusted when the call that is under way began.
  std::int64_t settleLeftAtCallMs_ = 0;
  bool resolving_ = false;
};

}  // namespace unigate::engine
