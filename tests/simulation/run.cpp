#include "simulation/run.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace unigate::simulation {

namespace {

engine::Policy policyOf(Process& process, std::size_t kind) {
  engine::Policy policy;
  policy.recovery = kKinds[kind].recovery;
  policy.windowMs = kKinds[kind].windowMs;
  if (process.parts().mutant == Mutant::resendOutsideWindow) {
    policy.windowMs *= 1'000;
    policy.giveUpMs *= 1'000;
  }
  policy.budget = process.budgetOf(std::string(kKinds[kind].provider));
  return policy;
}

// Nothing when its key is free; "unknown" when that can't be read.
std::optional<Reply> answerEarlier(Process& process, const std::string& key,
                                   const std::string& fingerprint) {
  Store& store = process.parts().store;
  if (!store.readable()) return Reply{};
  const Row* row = store.byKey(key);
  if (row == nullptr) return std::nullopt;
  return answerExisting(*row, fingerprint);
}

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(Process& process, engine::Operation machine, Row row, ReplyFn reply,
      std::function<void()> ended)
      : process_(process),
        machine_(std::move(machine)),
        row_(std::move(row)),
        reply_(std::move(reply)),
        ended_(std::move(ended)) {
    process_.live().insert(row_.id);
  }
  void start() { follow(machine_.first()); }

 private:
  Mutant mutant() { return process_.parts().mutant; }
  std::int64_t nowMs() const { return process_.clock().unixMs(); }

  void follow(const engine::Decision& decision) {
    switch (decision.action) {
      case engine::Action::commit:
        return decision.to == State::intent ? commitIntent() : commit(decision);
      case engine::Action::execute:
      case engine::Action::resend:
      case engine::Action::query:
        return sendAt(decision);
      case engine::Action::wait:
      case engine::Action::finish:
        return end();
    }
  }

  // ---- durable steps ----

  void commitIntent() {
    row_.epoch = process_.epoch();
    row_.log.clear();
    const auto self = shared_from_this();
    const bool skips = mutant() == Mutant::intentSkipped;
    const bool queued =
        process_.parts().store.insertIntent(row_, [self, skips](IntentResult result) {
          if (!skips) self->process_.receive([self, result] { self->intentStored(result); });
        });
    if (skips) return follow(machine_.committed());
    if (!queued) refuse(false);
  }

  void intentStored(const IntentResult& result) {
    if (result.written != Written::applied) return refuse(result.written == Written::notKnown);
    if (!result.inserted) {
      answer(answerExisting(result.existing, row_.fingerprint));
      return end();
    }
    follow(machine_.committed());
  }

  void commit(const engine::Decision& decision) {
    decision_ = decision;
    change_ = Change();
    change_.fromState = machine_.snapshot().state;
    change_.fromFence = machine_.snapshot().fence;
    Row& row = change_.row = row_;
    row.state = decision.to;
    row.fence = decision.fence;
    row.attempt = decision.attempt;
    row.epoch = process_.epoch();
    row.owner = process_.id();
    row.updatedAtMs = nowMs();
    row.nextResolveAtMs = 0;
    if (decision.to == State::sent) {
      row.sentAtMs = nowMs();
    } else {
      conclude(decision, row);
    }
    const auto self = shared_from_this();
    const bool queued = process_.parts().store.transition(change_, [self](Written written) {
      self->process_.receive([self, written] { self->transitioned(written); });
    });
    if (!queued) lost();
  }

  void transitioned(Written written) {
    if (written == Written::lostRace) return takenOver();
    if (written != Written::applied) return lost();
    row_ = change_.row;
    if (decision_.to != State::sent) answer(std::move(pendingReply_));
    follow(machine_.committed());
  }

  // Outcome and answer of a state that ends the run.
  void conclude(const engine::Decision& decision, Row& row) {
    const engine::Snapshot& snapshot = machine_.snapshot();
    if (decision.to == State::unknown) row.nextResolveAtMs = decision.atMs;
    row.ended = true;
    row.answered = snapshot.lastSendAnswered;
    row.askOnly = snapshot.askOnly;
    row.openAnswers = snapshot.openAnswers;
    row.unansweredAtMs = snapshot.unansweredAtMs;
    row.unansweredUs = snapshot.unansweredUs;
    row.provenNotExecuted = decision.to == State::failed && notExecuted();
    pendingReply_ = makeReply(decision);
    if (row.responseStatus != 0) return;  // what the client was told stays what a replay gives
    if (decision.to == State::failed && notExecuted()) {
      change_.releaseClientKey = true;
    } else if (decision.to == State::escalated ||
               (machine_.resolving() && decision.to == State::unknown)) {
      return;
    }
    if (mutant() == Mutant::responseNotStored) return;
    row.responseStatus = pendingReply_.status;
    row.responseBody = pendingReply_.body;
  }

  bool notExecuted() const { return outcome_.verdict == engine::Verdict::notExecuted; }

  // ---- the provider ----

  void sendAt(const engine::Decision& decision) {
    const std::int64_t delayMs = decision.atMs - nowMs();
    if (delayMs <= 0) return send(decision);
    process_.after(delayMs * kMs, [self = shared_from_this(), decision] { self->send(decision); });
  }

  void send(const engine::Decision& decision) {
    const std::int64_t leftMs = decision.deadlineAtMs - nowMs();
    const bool may = process_.held() && leftMs > 0;
    // Looked at in the same breath as the first byte leaves.
    if (!may && mutant() != Mutant::leaseIgnored)
      return sent({engine::Verdict::notExecuted, false, false, 0});
    Request request{row_.id, row_.providerKey, row_.kind, row_.account, row_.amount};
    if (mutant() == Mutant::keyRemade) request.key += "#" + std::to_string(decision.attempt);
    const std::int64_t boundUs =
        process_.parts().world.nowUs() + std::max<std::int64_t>(leftMs, 1) * kMs;
    const auto self = shared_from_this();
    const auto done = [self](const engine::Outcome& outcome) {
      self->process_.receive([self, outcome] { self->sent(outcome); });
    };
    Upstream& upstream = process_.parts().upstream;
    if (decision.action == engine::Action::query) {
      // What an adapter makes of it: an answer's date tells how far the clocks are apart.
      const std::int64_t aheadMs = process_.parts().world.nowUs() / kMs - nowMs();
      const std::int64_t untilUs = (machine_.sentUntilMs() + aheadMs) * kMs;
      return upstream.query(request, untilUs, boundUs, done);
    }
    upstream.send(request, decision.action == engine::Action::resend, boundUs, done);
  }

  void sent(const engine::Outcome& outcome) {
    outcome_ = outcome;
    follow(machine_.finished(outcome));
  }

  // ---- the client ----

  // The time makes each answer another one: only a stored one can be replayed.
  Reply makeReply(const engine::Decision& decision) const {
    Reply reply;
    reply.operationId = row_.id;
    switch (decision.to) {
      case State::succeeded:
        reply.told = Told::succeeded;
        reply.status = 201;
        break;
      case State::unknown:
        reply.told = Told::processing;
        reply.status = 202;
        break;
      case State::failed:
        reply.told = notExecuted() ? Told::notExecuted : Told::declined;
        reply.status = notExecuted() ? 503 : 402;
        break;
      default:
        return reply;
    }
    reply.body = row_.id + " " + std::to_string(reply.status) + " at " + std::to_string(nowMs());
    return reply;
  }

  void answer(Reply reply) {
    if (!reply_) return;
    ReplyFn once = std::move(reply_);
    reply_ = nullptr;
    once(std::move(reply));
  }

  // Nothing was sent; but an intent that may be durable all the same will be taken up.
  void refuse(bool maybeDurable) {
    Reply reply;
    reply.told = maybeDurable ? Told::unknown : Told::notExecuted;
    if (!maybeDurable) {
      if (auto earlier = answerEarlier(process_, row_.clientKey, row_.fingerprint))
        reply = *earlier;
    }
    answer(std::move(reply));
    end();
  }

  void lost() {
    answer({});
    process_.abandoned(row_.id);
    end();
  }

  void takenOver() {
    answer({});
    end();
  }

  void end() {
    process_.live().erase(row_.id);
    if (!ended_) return;
    auto once = std::move(ended_);
    ended_ = nullptr;
    once();
  }

  Process& process_;
  engine::Operation machine_;
  Row row_;
  ReplyFn reply_;
  std::function<void()> ended_;
  engine::Decision decision_;
  Change change_;
  engine::Outcome outcome_;
  Reply pendingReply_;
};

}  // namespace

void runOperation(Process& process, const ClientRequest& request, ReplyFn reply) {
  Process::Parts& parts = process.parts();
  const std::int64_t now = process.clock().unixMs();
  Row row;
  row.id = "txn_" + std::to_string(++parts.shared.operations);
  row.clientKey = row.wasKey = request.key;
  row.fingerprint = request.fingerprint;
  row.kind = request.kind;
  row.account = request.account;
  row.amount = request.amount;
  row.providerKey = row.id;
  row.owner = process.id();
  row.createdAtMs = row.updatedAtMs = row.sentAtMs = now;
  engine::Operation machine(policyOf(process, row.kind), process.clock(), parts.world.random());
  std::make_shared<Run>(process, std::move(machine), std::move(row), std::move(reply), nullptr)
      ->start();
}

void resolveOperation(Process& process, const Row& row, std::function<void()> ended) {
  engine::Snapshot snapshot;
  snapshot.state = row.state;
  snapshot.attempt = row.attempt;
  snapshot.fence = row.fence;
  snapshot.createdAtMs = row.createdAtMs;
  snapshot.unansweredAtMs = row.sentAtMs;
  const Mutant mutant = process.parts().mutant;
  snapshot.restored = mutant != Mutant::epochIgnored && row.epoch < process.epoch();
  if (mutant != Mutant::clockTrusted) {
    snapshot.seenAtMs = row.updatedAtMs;
    snapshot.inherited = row.owner != process.id();
  }
  if (row.ended) {
    snapshot.lastSendAnswered = row.answered;
    snapshot.askOnly = row.askOnly;
    snapshot.openAnswers = row.openAnswers;
    snapshot.unansweredAtMs = row.unansweredAtMs;
    snapshot.unansweredUs = row.owner == process.id() ? row.unansweredUs : 0;
  }
  engine::Operation machine(policyOf(process, row.kind), snapshot, process.clock(),
                            process.parts().world.random());
  std::make_shared<Run>(process, std::move(machine), row, nullptr, std::move(ended))->start();
}

}  // namespace unigate::simulation
