#include "simulation/upstream.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace unigate::simulation {

using engine::Outcome;
using engine::Verdict;

namespace {

// Whichever comes first is the outcome: an answer, or the end of the caller's patience.
class Once {
 public:
  explicit Once(Upstream::Done done) : done_(std::move(done)) {}
  void operator()(const Outcome& outcome) {
    if (!done_) return;
    auto done = std::move(done_);
    done_ = nullptr;
    done(outcome);
  }

 private:
  Upstream::Done done_;
};

Outcome noAnswer() {
  return {Verdict::unknown, false, false, 0};
}

}  // namespace

// What an adapter says of an answer to a send; while recovering (`again`) a refusal to work proves
// nothing about earlier sends.
Outcome Upstream::outcomeOf(Answer answer, bool again) {
  switch (answer) {
    case Answer::done:
      return {Verdict::done, true, false, 0};
    case Answer::declined:
      return {Verdict::declined, true, false, 0};
    case Answer::limited:
      return {again ? Verdict::unknown : Verdict::notExecuted, true, true, 1'000};
    case Answer::running: {
      Outcome outcome{Verdict::unknown, true, true, 0};
      outcome.stillRunning = true;
      return outcome;
    }
    case Answer::error:
      return {Verdict::unknown, true, false, 0};
  }
  return {};
}

void Upstream::send(const Request& request, bool again, std::int64_t boundUs, Done done) {
  auto once = std::make_shared<Once>(std::move(done));
  if (again) ++counts_.resent;
  if (world_.chance(faults.notSentPerMille)) {
    world_.after(world_.between(kMs, 50 * kMs), [once] {
      (*once)({Verdict::notExecuted, false, true, 0});
    });
    return;
  }
  world_.note(again ? "sent again" : "sent", request.operationId);
  onSend(request);
  world_.at(boundUs, [once] { (*once)(noAnswer()); });
  const bool loses = world_.chance(faults.lostRequestPerMille);
  const bool delays = !loses && world_.chance(faults.delayedPerMille);
  const bool mute = loses || delays || world_.chance(faults.lostAnswerPerMille);
  if (mute) {
    ++counts_.lostAnswers;
    // The connection breaks at some time; what is on its way goes on.
    if (world_.chance(800))
      world_.after(world_.between(kMs, 12 * kSecond), [once] { (*once)(noAnswer()); });
  }
  if (loses) return;
  const auto refused = std::make_shared<bool>(false);
  const auto respond = [this, once, again, mute, refused](Answer answer) {
    *refused = answer == Answer::limited || answer == Answer::declined;
    if (mute) return;
    world_.after(world_.between(kMs, 30 * kMs),
                 [once, answer, again] { (*once)(outcomeOf(answer, again)); });
  };
  const std::int64_t way =
      delays ? world_.between(kSecond, kLongestWayUs) : world_.between(kMs, 40 * kMs);
  world_.after(way, [this, request, respond] { arrive(request, respond); });
  // A copy of the network's own making: only where the provider has a key to know it by, and not of
  // what was refused, for no gateway could tell that from a provider that acts after a refusal.
  if (kKinds[request.kind].keyLifeMs == 0 || !world_.chance(faults.doubledPerMille)) return;
  ++counts_.doubled;
  world_.after(world_.between(kMs, kLongestWayUs), [this, request, refused] {
    if (!*refused) arrive(request, [](Answer) {});
  });
}

std::string Upstream::keyOf(const Request& request) const {
  return std::string(kKinds[request.kind].provider) + "/" + request.account + "/" + request.key;
}

void Upstream::arrive(const Request& request, const Respond& respond) {
  const Kind& kind = kKinds[request.kind];
  seenAt_[request.operationId].insert(std::string(kind.provider));
  world_.note("arrived", request.operationId);
  if (world_.chance(faults.limitedPerMille)) return respond(Answer::limited);
  if (kind.keyLifeMs != 0) {
    Kept& kept = kept_[keyOf(request)];
    if (kept.firstUs != 0 && world_.nowUs() - kept.firstUs >= kind.keyLifeMs * kMs) kept = {};
    if (kept.running) return respond(Answer::running);
    if (kept.answered) {
      world_.note("replayed by the provider", request.operationId);
      return respond(kept.answer);
    }
    if (kept.firstUs == 0) kept.firstUs = world_.nowUs();
  }
  work(request, world_.chance(faults.slowPerMille) ? 3'500 * kMs : 20 * kMs, respond);
}

// Carries a request out within `leftUs`, or doesn't, and answers what fits, or doesn't.
void Upstream::work(const Request& request, std::int64_t leftUs, const Respond& respond) {
  const Kind& kind = kKinds[request.kind];
  const bool declines = world_.chance(faults.declinePerMille);
  const bool fails = world_.chance(faults.errorPerMille);
  const std::int64_t takes = world_.between(kMs, leftUs);
  if (fails && world_.chance(400)) {  // before anything was done
    world_.note("error before", request.operationId);
    if (kind.keyLifeMs != 0 && kind.keepsErrors && world_.chance(500)) {
      Kept& kept = kept_[keyOf(request)];
      kept.answered = true;
      kept.answer = Answer::error;
    }
    world_.after(takes, [respond] { respond(Answer::error); });
    return;
  }
  if (kind.keyLifeMs != 0) kept_[keyOf(request)].running = true;
  ++working_[request.operationId];
  const bool early = fails && world_.chance(500);  // a proxy gives up, the work goes on
  if (early) world_.after(takes, [respond] { respond(Answer::error); });
  const std::int64_t until = early ? takes + world_.between(kMs, 3'500 * kMs) : takes;
  world_.after(until, [this, request, declines, fails, early, respond] {
    const Answer answer = fails ? Answer::error : declines ? Answer::declined : Answer::done;
    carryOut(request, declines, answer);
    if (!early) respond(answer);
  });
}

void Upstream::carryOut(const Request& request, bool declines, Answer answer) {
  const Kind& kind = kKinds[request.kind];
  --working_[request.operationId];
  if (kind.keyLifeMs != 0) {
    Kept& kept = kept_[keyOf(request)];
    kept.running = false;
    kept.answered = !declines || kind.keepsRefusals;
    if (answer != Answer::error) {
      kept.answer = answer;
    } else if (kind.keepsErrors && world_.chance(500)) {
      kept.answer = Answer::error;
    } else {
      kept.answer = declines ? Answer::declined : Answer::done;
    }
  }
  if (declines) {
    world_.note("the provider declines", request.operationId);
    if (kind.keepsRefusals || kind.keyLifeMs == 0)
      things_.emplace(request.operationId, Thing{false, world_.nowUs()});
    return;
  }
  world_.note("the provider moves money", request.operationId, request.amount);
  things_[request.operationId] = {true, world_.nowUs()};
  ledger_.push_back({request, world_.nowUs()});
}

Outcome Upstream::found(const Request& request, std::int64_t sentUntilUs) const {
  const Kind& kind = kKinds[request.kind];
  if (!kind.canBeAskedFor) {
    Outcome outcome;
    outcome.cannotQuery = true;
    return outcome;
  }
  auto thing = things_.find(request.operationId);
  if (thing != things_.end() && thing->second.atUs > sentUntilUs) thing = things_.end();
  if (thing != things_.end() && thing->second.done) return {Verdict::done, true, false, 0};
  const auto working = working_.find(request.operationId);
  if (kind.showsUnfinished && working != working_.end() && working->second > 0)
    return {Verdict::unknown, true, false, 0};
  if (thing != things_.end()) return {Verdict::declined, true, false, 0};
  return {Verdict::notExecuted, true, false, 0};
}

void Upstream::query(const Request& request, std::int64_t sentUntilUs, std::int64_t boundUs,
                     Done done) {
  auto once = std::make_shared<Once>(std::move(done));
  if (world_.chance(faults.notSentPerMille)) {
    world_.after(world_.between(kMs, 50 * kMs), [once] {
      (*once)({Verdict::notExecuted, false, true, 0});
    });
    return;
  }
  world_.note("asked", request.operationId);
  world_.at(boundUs, [once] { (*once)(noAnswer()); });
  if (world_.chance(faults.lostAnswerPerMille)) {
    world_.after(world_.between(kMs, 5 * kSecond), [once] { (*once)(noAnswer()); });
    return;
  }
  const bool fails = world_.chance(faults.limitedPerMille + faults.errorPerMille);
  world_.after(world_.between(kMs, 60 * kMs), [this, request, sentUntilUs, fails, once] {
    const Outcome outcome =
        fails ? Outcome{Verdict::unknown, true, false, 0} : found(request, sentUntilUs);
    world_.after(world_.between(kMs, 60 * kMs), [once, outcome] { (*once)(outcome); });
  });
}

}  // namespace unigate::simulation
