#include "engine/operation.hpp"

#include <algorithm>
#include <array>

namespace unigate::engine {

namespace {
constexpr std::array<std::string_view, 7> kStateNames = {
    "received", "intent", "sent", "succeeded", "failed", "unknown", "escalated"};
}

std::string_view toString(State state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

State stateFromString(std::string_view name) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), name);
  return found == kStateNames.end() ? State::received
                                    : static_cast<State>(found - kStateNames.begin());
}

Operation::Operation(Policy policy, const base::Clock& clock, base::Random& random)
    : policy_(policy), clock_(clock), random_(random) {
  snapshot_.createdAtMs = clock.unixMs();
}

Operation::Operation(Policy policy, Snapshot snapshot, const base::Clock& clock,
                     base::Random& random)
    : policy_(policy), snapshot_(snapshot), clock_(clock), random_(random), resolving_(true) {
  // Nobody saw the end of what was under way, so the provider may be at it right now.
  if (snapshot_.state == State::intent || snapshot_.state == State::sent)
    snapshot_.unansweredAtMs = clock_.unixMs();
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
  running_ = next_;
  if (running_ == Action::execute || running_ == Action::resend) {
    unansweredBeforeMs_ = snapshot_.unansweredAtMs;
    snapshot_.unansweredAtMs = clock_.unixMs();
    snapshot_.lastSendAnswered = false;
    ++executions_;
  }
  return {running_, snapshot_.state, snapshot_.attempt, snapshot_.fence, pending_.atMs, {}};
}

Decision Operation::finished(const Outcome& outcome) {
  if (running_ == Action::query) return afterQuery(outcome);
  snapshot_.lastSendAnswered = outcome.answered && !outcome.stillRunning;
  const bool over = snapshot_.lastSendAnswered || outcome.verdict == Verdict::notExecuted;
  snapshot_.unansweredAtMs = over ? unansweredBeforeMs_ : clock_.unixMs();
  if (running_ == Action::resend) return afterResend(outcome);
  return afterExecute(outcome);
}

Decision Operation::commitTo(State to, std::string_view reason) {
  next_ = Action::finish;
  pending_ = {Action::commit, to, snapshot_.attempt, snapshot_.fence + 1, 0, reason};
  return pending_;
}

// Whoever takes an operation up raises the fence first: a driver that was thought dead and comes
// back loses its compare-and-set and changes nothing.
Decision Operation::takeUp() {
  if (isTerminal(snapshot_.state) || snapshot_.state == State::escalated) return {};
  if (clock_.unixMs() - snapshot_.createdAtMs > policy_.giveUpMs) {
    return commitTo(State::escalated, "unresolved for too long");
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

// Resend while the provider's own key makes that safe, less 10 %; but when the provider has
// answered the last send in full and that answer still left the outcome open (a stored 500), only a
// query can tell.
Action Operation::recoveryAction() const {
  const std::int64_t age = clock_.unixMs() - snapshot_.createdAtMs;
  const bool resendSafe =
      (policy_.recovery == RecoveryMode::native || policy_.recovery == RecoveryMode::nativeRef) &&
      age < policy_.windowMs - policy_.windowMs / 10;
  switch (policy_.recovery) {
    case RecoveryMode::none:
      return Action::finish;
    case RecoveryMode::native:
    case RecoveryMode::nativeRef:
      return resendSafe && !snapshot_.lastSendAnswered ? Action::resend : Action::query;
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
      return commitTo(State::failed, "the provider declined");
    case Verdict::notExecuted: {
      // Proven: nothing happened, so another execution under the same key is free.
      const std::int64_t delay = std::max(
          outcome.retryAfterMs, static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(
                                    policy_.retryDelayMs << std::min(executions_, 6)))));
      const std::int64_t spent = clock_.unixMs() - snapshot_.createdAtMs;
      if (!outcome.retrySameKey || executions_ >= policy_.attemptsMax ||
          spent + delay > policy_.patienceMs) {
        return commitTo(State::failed, "not executed");
      }
      next_ = Action::execute;
      pending_ = {Action::commit,          State::sent,
                  snapshot_.attempt + 1,   snapshot_.fence + 1,
                  clock_.unixMs() + delay, "not executed, trying again"};
      return pending_;
    }
    case Verdict::unknown:
      return unresolved("the outcome is unknown", outcome.retryAfterMs);
  }
  return {};
}

Decision Operation::afterResend(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::done:
      return commitTo(State::succeeded, "the provider did it");
    case Verdict::declined:
      return commitTo(State::failed, "the provider declined");
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
      return commitTo(State::failed, "found refused at the provider");
    case Verdict::notExecuted: {
      if (!outcome.answered)
        return unresolved("the provider could not be asked", outcome.retryAfterMs);
      // A request without an answer may still be on its way to the provider or at work there; that
      // a later one was answered says nothing about it.
      const bool settled = snapshot_.unansweredAtMs == 0 ||
                           clock_.unixMs() - snapshot_.unansweredAtMs >= policy_.settleMs;
      if (!settled) return unresolved("not there yet", 0);
      if (policy_.recovery == RecoveryMode::atMostOnce) {
        return commitTo(State::escalated, "not found, and must not be sent again");
      }
      return commitTo(State::failed, "not there: never executed");
    }
    case Verdict::unknown:
      // Where nobody can ask, an answered send is not the last word: its key may be sent again.
      if (outcome.cannotQuery) snapshot_.lastSendAnswered = false;
      return unresolved("the provider could not tell", outcome.retryAfterMs);
  }
  return {};
}

Decision Operation::unresolved(std::string_view reason, std::int64_t retryAfterMs) {
  Decision decision = commitTo(State::unknown, reason);
  next_ = Action::wait;
  pending_.atMs = clock_.unixMs() + std::max(retryAfterMs, backoffMs());
  decision.atMs = pending_.atMs;
  return decision;
}

// Full jitter (Brooker 2015) over a doubling ceiling, with a floor so that a provider in trouble is
// left some air.
std::int64_t Operation::backoffMs() {
  const int doublings = std::clamp(snapshot_.attempt - 1, 0, 10);
  const std::int64_t ceiling = std::min(policy_.backoffMaxMs, policy_.backoffMinMs << doublings);
  return policy_.backoffMinMs / 2 +
         static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(ceiling)));
}

}  // namespace unigate::engine
