#include "engine/operation.hpp"

#include <algorithm>
#include <array>

namespace unigate::engine {

namespace {
constexpr std::array<std::string_view, 7> kStateNames = {
    "received", "intent", "sent", "succeeded", "failed", "unknown", "escalated"};

// So many sends in a row may get an answer that leaves it open before a resend has to wait, each
// time twice as long. A look-up has to have seen all that an earlier send may have done, and each
// send puts that off.
constexpr std::int32_t kOpenAnswersFree = 4;
constexpr std::int32_t kGapDoublingsMax = 12;
}  // namespace

std::string_view toString(State state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

State stateFromString(std::string_view name) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), name);
  return found == kStateNames.end() ? State::received
                                    : static_cast<State>(found - kStateNames.begin());
}

Operation::Operation(Policy policy, const base::Clock& clock, base::Random& random)
    : policy_(policy), clock_(clock), random_(random), startedUs_(clock.monotonicUs()) {
  snapshot_.createdAtMs = clock.unixMs();
}

Operation::Operation(Policy policy, Snapshot snapshot, const base::Clock& clock,
                     base::Random& random)
    : policy_(policy),
      snapshot_(snapshot),
      clock_(clock),
      random_(random),
      startedUs_(clock.monotonicUs()),
      resolving_(true) {
  // Nobody saw the end of what was under way, so the provider may be at it right now. The same
  // holds for what was written by a clock that can't be compared with ours.
  const bool underWay = snapshot_.state == State::intent || snapshot_.state == State::sent;
  const bool otherClock = snapshot_.inherited || snapshot_.unansweredAtMs > clock_.unixMs() ||
                          snapshot_.unansweredUs > clock_.monotonicUs();
  if (underWay || snapshot_.restored || (otherClock && snapshot_.unansweredAtMs != 0))
    noteUnanswered();
}

Decision Operation::first() {
  if (resolving_) return takeUp();
  next_ = Action::execute;
  pending_ = {Action::commit, State::intent, 1, 1, 0, "accepted"};
  return pending_;
}

Decision Operation::committed() {
  snapshot_.state = pending_.to;
  snapshot_.attempt = pending_.attempt;
  snapshot_.fence = pending_.fence;
  if (next_ == Action::wait)
    return {Action::wait, pending_.to, 0, 0, pending_.atMs, pending_.reason};
  // The commit may have taken longer than the key is good for.
  if (next_ == Action::resend && !resendSafe()) next_ = Action::query;
  running_ = next_;
  // An answer is as old as its question: the process may be stopped before it gets to read it.
  settleLeftAtCallMs_ = settleLeftMs();
  if (running_ == Action::execute || running_ == Action::resend) {
    unansweredBeforeMs_ = snapshot_.unansweredAtMs;
    unansweredBeforeUs_ = snapshot_.unansweredUs;
    noteUnanswered();
    snapshot_.lastSendAnswered = false;
    ++executions_;
  }
  if (running_ == Action::execute && executions_ == 1 && policy_.budget != nullptr)
    policy_.budget->noteExecution();
  return {running_, snapshot_.state, snapshot_.attempt, snapshot_.fence, pending_.atMs,
          {},       deadlineAtMs()};
}

Decision Operation::finished(const Outcome& outcome) {
  if (running_ == Action::query) return afterQuery(outcome);
  snapshot_.lastSendAnswered = outcome.answered && !outcome.stillRunning;
  if (outcome.verdict == Verdict::unknown) {
    // Also after an answer: what a proxy gave up on may still be carried out behind it.
    noteUnanswered();
    snapshot_.openAnswers = snapshot_.lastSendAnswered ? snapshot_.openAnswers + 1 : 0;
  } else {
    snapshot_.unansweredAtMs = unansweredBeforeMs_;
    snapshot_.unansweredUs = unansweredBeforeUs_;
  }
  if (running_ == Action::resend) return afterResend(outcome);
  return afterExecute(outcome);
}

Decision Operation::commitTo(State to, std::string_view reason) {
  next_ = Action::finish;
  pending_ = {Action::commit, to, snapshot_.attempt, snapshot_.fence + 1, 0, reason};
  return pending_;
}

// Whoever takes an operation up raises the fence first: a driver that was thought dead and comes
// back loses its compare-and-set and changes nothing. What may never be sent again is first written
// down as such, so that no later take-up can forget it.
Decision Operation::takeUp() {
  if (isTerminal(snapshot_.state) || snapshot_.state == State::escalated) return {};
  if (!snapshot_.askOnly && (snapshot_.restored || (resends() && clockWentBack()))) {
    snapshot_.askOnly = true;
    return waitUnknown(snapshot_.restored
                           ? "restored from a backup: what became of it since is asked, never sent"
                           : "the clock was set back: its age is not sure, so it is only asked for",
                       jitterMs(policy_.backoffMinMs));
  }
  next_ = recoveryAction();
  if (next_ == Action::finish) return commitTo(State::escalated, "no way to find out");
  pending_ = {Action::commit,
              State::sent,
              snapshot_.attempt + 1,
              snapshot_.fence + 1,
              0,
              next_ == Action::query ? "asking the provider" : "sending again with the same key"};
  return pending_;
}

bool Operation::resends() const {
  return policy_.recovery == RecoveryMode::native || policy_.recovery == RecoveryMode::nativeRef;
}

// While the provider's own key makes a repetition safe, less 10 %.
bool Operation::resendSafe() const {
  return resends() && !snapshot_.askOnly && !clockWentBack() &&
         ageMs() < std::min(policy_.windowMs - policy_.windowMs / 10, policy_.giveUpMs);
}

// After many answers that told nothing only a look-up will, and it needs a time without sends.
bool Operation::resendDue() const {
  if (snapshot_.openAnswers < kOpenAnswersFree) return true;
  const int doublings = std::min(snapshot_.openAnswers - kOpenAnswersFree + 1, kGapDoublingsMax);
  return unansweredForMs() >= policy_.settleMs << doublings;
}

// Resend where that is safe; but when the provider has answered the last send in full and that
// answer still left the outcome open (a stored 500), only a query can tell.
Action Operation::recoveryAction() const {
  switch (policy_.recovery) {
    case RecoveryMode::none:
      return Action::finish;
    case RecoveryMode::native:
    case RecoveryMode::nativeRef:
      return resendSafe() && !snapshot_.lastSendAnswered ? Action::resend : Action::query;
    case RecoveryMode::query:
    case RecoveryMode::queryFirst:
    case RecoveryMode::atMostOnce:
      return Action::query;
  }
  return Action::finish;
}

Decision Operation::afterExecute(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::done:
      return commitTo(State::succeeded, "the provider did it");
    case Verdict::declined:
      return declined("the provider declined");
    case Verdict::notExecuted:
      return notExecuted(outcome);
    case Verdict::unknown:
      return unresolved("the outcome is unknown", outcome.retryAfterMs);
  }
  return {};
}

// This execution did not happen. When no earlier one is open that proves that nothing happened, and
// another execution under the same key is free.
Decision Operation::notExecuted(const Outcome& outcome) {
  if (snapshot_.unansweredAtMs != 0)
    return unresolved("an earlier attempt is still open", outcome.retryAfterMs);
  const std::int64_t delay =
      std::max(std::min(outcome.retryAfterMs, policy_.patienceMs + 1),
               jitterMs(policy_.retryDelayMs << std::clamp(executions_, 0, 6)));
  const std::int64_t latest = policy_.deadlineMs == 0
                                  ? policy_.patienceMs
                                  : std::min(policy_.patienceMs, policy_.deadlineMs - 1);
  if (!outcome.retrySameKey || executions_ >= policy_.attemptsMax || spentMs() + delay > latest)
    return commitTo(State::failed, "not executed");
  if (policy_.budget != nullptr && !policy_.budget->takeRetry())
    return commitTo(State::failed, "not executed, and too many retries are under way");
  next_ = Action::execute;
  pending_ = {Action::commit,          State::sent,
              snapshot_.attempt + 1,   snapshot_.fence + 1,
              clock_.unixMs() + delay, "not executed, trying again"};
  return pending_;
}

// A refusal is the end, unless another send of this operation may still arrive and fare otherwise:
// not every provider keeps a refusal under its key.
Decision Operation::declined(std::string_view reason) {
  const std::int64_t left = resends() ? settleLeftAtCallMs_ : 0;
  if (left == 0) return commitTo(State::failed, reason);
  // Who told it is asked again then. (A resend in place of a query could bring a stored 500, and
  // with it another time to settle, for ever.)
  if (running_ == Action::resend) snapshot_.lastSendAnswered = false;
  return unresolved("refused, but an earlier send may still arrive", left);
}

Decision Operation::afterResend(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::done:
      return commitTo(State::succeeded, "the provider did it");
    case Verdict::declined:
      return declined("the provider declined");
    case Verdict::notExecuted:
      // This send did not happen; an earlier one still may have.
      snapshot_.lastSendAnswered = false;
      return unresolved("the provider could not be asked", outcome.retryAfterMs);
    case Verdict::unknown:
      return unresolved("the outcome is still unknown", outcome.retryAfterMs);
  }
  return {};
}

Decision Operation::afterQuery(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::done:
      return commitTo(State::succeeded, "found at the provider");
    case Verdict::declined:
      return declined("found refused at the provider");
    case Verdict::notExecuted:
      if (!outcome.answered)
        return unresolved("the provider could not be asked", outcome.retryAfterMs);
      // A request without an answer may still be on its way to the provider or at work there; that
      // a later one was answered says nothing about it.
      if (settleLeftAtCallMs_ > 0) return unresolved("not there yet", 0, settleLeftMs());
      if (policy_.recovery == RecoveryMode::atMostOnce)
        return commitTo(State::escalated, "not found, and must not be sent again");
      return commitTo(State::failed, "not there: never executed");
    case Verdict::unknown:
      if (outcome.cannotQuery && !resendSafe())
        return commitTo(State::escalated, "no way to find out");
      // A question that leaves it open is no word about the send, so an answered send is not the
      // last one where its key still holds: then both are tried in turn, unless it was said when to
      // ask again. Where nobody can be asked the key is all there is.
      if (resendSafe() && (outcome.cannotQuery || (outcome.retryAfterMs == 0 && resendDue())))
        snapshot_.lastSendAnswered = false;
      return unresolved("the provider could not tell", outcome.retryAfterMs);
  }
  return {};
}

// An old operation is given up only here, after one more try to find out: the gateway may have been
// down for all of its time.
Decision Operation::unresolved(std::string_view reason, std::int64_t retryAfterMs,
                               std::int64_t pauseMsMax) {
  if (ageMs() > policy_.giveUpMs && settleLeftMs() == 0)
    return commitTo(State::escalated, "unresolved for too long");
  // With some jitter, so that all who were told the same pause don't come back at once.
  const std::int64_t jitter = jitterMs(policy_.backoffMinMs);
  const std::int64_t asked = retryAfterMs > 0 ? std::min(retryAfterMs, kPauseMsMax) + jitter : 0;
  return waitUnknown(reason, std::max(asked, std::min(backoffMs(), pauseMsMax + jitter)));
}

Decision Operation::waitUnknown(std::string_view reason, std::int64_t pauseMs) {
  commitTo(State::unknown, reason);
  next_ = Action::wait;
  pending_.atMs = clock_.unixMs() + pauseMs;
  return pending_;
}

// No less than its true age, as far as any clock on record can tell.
std::int64_t Operation::ageMs() const {
  return std::max(clock_.unixMs(), snapshot_.seenAtMs) - snapshot_.createdAtMs;
}

// A clock behind a time on record was set back, nobody knows how far. Hosts differ by a little: a
// hundredth of the window is well within the tenth that is kept free.
bool Operation::clockWentBack() const {
  return std::max(snapshot_.seenAtMs, snapshot_.createdAtMs) - clock_.unixMs() >
         policy_.windowMs / 100;
}

std::int64_t Operation::spentMs() const {
  return (clock_.monotonicUs() - startedUs_) / 1'000;
}

std::int64_t Operation::deadlineAtMs() const {
  switch (running_) {
    case Action::execute:
      return policy_.deadlineMs == 0 ? 0 : clock_.unixMs() + policy_.deadlineMs - spentMs();
    case Action::resend:
    case Action::query:
      return policy_.resolveCallMs == 0 ? 0 : clock_.unixMs() + policy_.resolveCallMs;
    default:
      return 0;
  }
}

// How long ago a send may last have been under way: by the slower of both clocks, where both are
// known.
std::int64_t Operation::unansweredForMs() const {
  if (snapshot_.unansweredAtMs == 0) return 0;
  const std::int64_t since = clock_.unixMs() - snapshot_.unansweredAtMs;
  if (snapshot_.unansweredUs == 0) return since;
  return std::min(since, (clock_.monotonicUs() - snapshot_.unansweredUs) / 1'000);
}

// How long a "not there" must still be mistrusted.
std::int64_t Operation::settleLeftMs() const {
  if (snapshot_.unansweredAtMs == 0) return 0;
  return std::max<std::int64_t>(policy_.settleMs - unansweredForMs(), 0);
}

// Counted back from now: a clock that was set forward since the send must not make it too early.
std::int64_t Operation::sentUntilMs() const {
  return clock_.unixMs() - unansweredForMs() + policy_.settleMs;
}

void Operation::noteUnanswered() {
  snapshot_.unansweredAtMs = clock_.unixMs();
  snapshot_.unansweredUs = clock_.monotonicUs();
}

// Full jitter (Brooker 2015) over a doubling ceiling, with a floor so that a provider in trouble is
// left some air.
std::int64_t Operation::backoffMs() {
  const int doublings = std::clamp(snapshot_.attempt - 1, 0, 10);
  const std::int64_t ceiling = std::min(policy_.backoffMaxMs, policy_.backoffMinMs << doublings);
  return policy_.backoffMinMs / 2 + jitterMs(ceiling);
}

std::int64_t Operation::jitterMs(std::int64_t ceilingMs) {
  return static_cast<std::int64_t>(
      random_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(ceilingMs, 1))));
}

}  // namespace unigate::engine
