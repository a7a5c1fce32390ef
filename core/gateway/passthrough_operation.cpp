#include "gateway/passthrough_operation.hpp"

#include <utility>

#include "base/card_guard.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "gateway/features.hpp"
#include "gateway/run_parts.hpp"

namespace unigate::gateway {

namespace {

// Nobody but the caller knows what the request means, so nobody can find out what became of a lost
// one, and it is tried once.
engine::Policy oncePolicy() {
  engine::Policy policy;
  policy.recovery = engine::RecoveryMode::none;
  policy.attemptsMax = 1;
  return policy;
}

// RFC 9110: what a status says about whether the request was carried out.
engine::Outcome outcomeOf(int status) {
  engine::Outcome outcome;
  outcome.answered = true;
  outcome.verdict = status < 400   ? engine::Verdict::done
                    : status < 500 ? engine::Verdict::declined
                                   : engine::Verdict::unknown;
  return outcome;
}

std::string headersJson(const net::HeaderList& headers, bool encoded) {
  json::Writer out;
  out.beginObject().member("base64", encoded).key("headers").beginArray();
  for (const auto& [name, value] : headers) {
    if (!base::isUtf8(value)) continue;
    out.beginArray().value(name).value(value).endArray();
  }
  out.endArray().endObject();
  return out.take();
}

// The stored answer of an earlier request with the same key.
base::Result<PassthroughReply> storedReply(const store::OperationRecord& row,
                                           const std::string& fingerprint) {
  auto answer = answerExisting(row, fingerprint);
  if (!answer) return base::fail(answer.error());
  PassthroughReply reply;
  reply.status = answer->status;
  reply.body = std::move(answer->body);
  reply.transactionId = row.id;
  reply.replayed = true;
  json::Document kept;
  json::ReadError error;
  if (row.responseHeaders.empty() || !kept.parse(row.responseHeaders, error)) return reply;
  reply.fromProvider = true;
  for (const json::View pair : kept["headers"].items()) {
    reply.headers.emplace_back(pair[0].stringOr(""), pair[1].stringOr(""));
  }
  if (kept["base64"].booleanOr(false)) reply.body = base::fromBase64(reply.body).value_or("");
  return reply;
}

class PassthroughRun : public std::enable_shared_from_this<PassthroughRun> {
 public:
  PassthroughRun(const RunServices& services, PassthroughRequest request,
                 std::shared_ptr<const Account> account, PassthroughFn reply,
                 std::function<void()> ended)
      : services_(services),
        request_(std::move(request)),
        account_(std::move(account)),
        reply_(std::move(reply)),
        ended_(std::move(ended)),
        machine_(oncePolicy(), services_.shared.clock, services_.shared.random) {
    fillRow();
    services_.shared.live.add(row_.id);
  }
  ~PassthroughRun() { services_.shared.live.remove(row_.id); }
  PassthroughRun(const PassthroughRun&) = delete;
  PassthroughRun& operator=(const PassthroughRun&) = delete;

  void start() { follow(machine_.first()); }

 private:
  void fillRow() {
    const std::int64_t now = services_.shared.clock.unixMs();
    row_.id = base::makeId("txn_", services_.shared.clock, services_.shared.random);
    row_.orgId = request_.tenant.orgId;
    row_.environment = request_.tenant.environment;
    row_.clientKey = request_.clientKey;
    row_.fingerprint = request_.fingerprint;
    row_.operation = "passthrough";
    row_.route = request_.route;
    row_.provider = request_.provider;
    row_.accountId = account_->id;
    row_.providerKey = row_.id;
    row_.recoveryMode = "none";
    row_.state = store::OperationState::intent;
    row_.attempt = 1;
    row_.fence = 1;
    row_.epoch = services_.shared.store.epoch();
    row_.createdAt = now;
    row_.updatedAt = now;
    row_.sentAt = now;
    // What identifies the request; the body stays in memory, for it is sent once or never.
    json::Writer input;
    input.beginObject()
        .member("method", request_.raw.method)
        .member("path", request_.raw.path)
        .member("body_bytes", static_cast<std::int64_t>(request_.raw.body.size()))
        .member("request_id", request_.requestId)
        .endObject();
    row_.input = input.take();
  }

  void follow(const engine::Decision& decision) {
    switch (decision.action) {
      case engine::Action::commit:
        return decision.to == engine::State::intent ? commitIntent() : commit(decision);
      case engine::Action::execute:
        return send(decision.deadlineAtMs);
      default:
        return end();
    }
  }

  void commitIntent() {
    store::IntentRecord intent;
    intent.operation = row_;
    committingUs_ = services_.shared.clock.monotonicUs();
    auto self = shared_from_this();
    const base::Status queued = services_.shared.store.insertIntent(
        std::move(intent), &services_.sink, [self](base::Result<store::IntentOutcome> outcome) {
          if (!outcome)
            return self->refuse(outcome.error(), outcome.error().code == "store_failed");
          if (!outcome->inserted) {
            self->answer(storedReply(outcome->existing, self->row_.fingerprint));
            return self->end();
          }
          self->follow(self->machine_.committed());
        });
    if (!queued) refuse(queued.error(), false);
  }

  void send(std::int64_t deadlineAtMs) {
    services_.shared.metrics.providerCallStarted();
    passThrough({services_.upstream, services_.shared.endpoints, services_.shared.clock}, account_,
                std::move(request_.raw),
                {deadlineAtMs, [&store = services_.shared.store,
                                since = committingUs_] { return store.mayDriveSince(since); }},
                [self = shared_from_this()](base::Result<RawAnswer> answer) {
                  self->services_.shared.metrics.providerCallEnded();
                  self->sent(std::move(answer));
                });
  }

  void sent(base::Result<RawAnswer> answer) {
    engine::Outcome outcome;
    shown_ = PassthroughReply();
    shown_.transactionId = row_.id;
    if (answer) {
      outcome = outcomeOf(answer->status);
      shown_.status = answer->status;
      shown_.headers = std::move(answer->headers);
      // It is kept, to be replayed as it is told now.
      shown_.body = base::isUtf8(answer->body) ? base::maskCardNumbersInJson(answer->body)
                                               : std::move(answer->body);
      shown_.fromProvider = true;
      shown_.providerUs = answer->providerUs;
    } else {
      base::Problem problem = answer.error();
      bool unknown = false;
      for (const auto& [name, value] : problem.members)
        unknown = unknown || (name == "outcome" && value == "\"unknown\"");
      outcome.verdict = unknown ? engine::Verdict::unknown : engine::Verdict::notExecuted;
      problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
      shown_.status = problem.status;
      shown_.retryAfterSeconds = problem.retryAfterSeconds;
      shown_.body = services_.shared.renderProblem(problem, request_.requestId);
    }
    outcome_ = outcome;
    follow(machine_.finished(outcome));
  }

  void commit(const engine::Decision& decision) {
    const std::int64_t now = services_.shared.clock.unixMs();
    store::TransitionRecord record;
    record.toState = toStored(decision.to);
    record.newFence = decision.fence;
    record.attempt = decision.attempt;
    record.epoch = services_.shared.store.epoch();
    record.reason = std::string(decision.reason);
    // The resolver can't find out more; a person sees it then.
    if (decision.to == engine::State::unknown) record.nextResolveAt = decision.atMs;
    const bool notExecuted = outcome_.verdict == engine::Verdict::notExecuted;
    record.releaseClientKey = notExecuted;
    store::FinalRecord& final = record.final.emplace();
    final.outcome = outcomeText(outcome_.verdict);
    final.providerUs = shown_.providerUs;
    final.ownUs = services_.shared.clock.monotonicUs() - request_.startedUs - shown_.providerUs;
    record.attempted = {"execute", final.outcome, final.providerUs, final.ownUs, {}};
    if (decision.to != engine::State::unknown) final.finishedAt = now;
    if (decision.to != engine::State::succeeded) final.error = errorJson();
    final.responseStatus = shown_.status;
    const bool encoded = !base::isUtf8(shown_.body) || shown_.body.find('\0') != std::string::npos;
    final.responseBody = encoded ? base::toBase64(shown_.body) : shown_.body;
    if (shown_.fromProvider) final.responseHeaders = headersJson(shown_.headers, encoded);
    auto self = shared_from_this();
    const base::Status queued = services_.shared.store.transition(
        row_.orgId, row_.id, toStored(machine_.snapshot().state), machine_.snapshot().fence,
        std::move(record), &services_.sink,
        [self, to = decision.to](base::Result<store::TransitionOutcome> outcome) {
          if (!outcome) return self->lost(outcome.error().detail);
          if (*outcome != store::TransitionOutcome::applied) return self->takenOver();
          self->concluded(to);
        });
    if (!queued) lost(queued.error().detail);
  }

  std::string errorJson() const {
    json::Writer out;
    out.beginObject()
        .member("category", outcome_.verdict == engine::Verdict::declined  ? "provider_error"
                            : outcome_.verdict == engine::Verdict::unknown ? "unknown_outcome"
                                                                           : "provider_unavailable")
        .member("provider_code",
                shown_.fromProvider ? std::to_string(shown_.status) : std::string());
    writeSnapshot(machine_.snapshot(), out);
    out.endObject();
    return out.take();
  }

  void concluded(engine::State to) {
    services_.shared.metrics.operation(row_.provider, row_.operation)
        .finished(metricOf(to, outcome_.verdict), shown_.providerUs);
    answer(std::move(shown_));
    follow(machine_.committed());
  }

  // Nothing was sent, but an intent that may be durable all the same will be seen later.
  void refuse(base::Problem problem, bool maybeDurable) {
    problem.members.emplace_back("outcome", maybeDurable ? "\"unknown\"" : "\"not_executed\"");
    if (maybeDurable) problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
    answer(base::fail(std::move(problem)));
    end();
  }

  // The provider was asked, and what came of it could not be written down.
  void lost(const std::string& why) {
    using telemetry::Field;
    services_.shared.log.log(telemetry::Level::error, "operation end not recorded",
                             request_.requestId,
                             {Field::id("operation_id", row_.id), Field::text("reason", why)});
    notRecorded();
    services_.abandoned(row_.orgId, row_.environment, row_.id);
    end();
  }

  // Another process thought this one dead. It can't find out what came of the request, so a person
  // will see it.
  void takenOver() {
    notRecorded();
    end();
  }

  void notRecorded() {
    base::Problem problem{
        503,
        "outcome_not_recorded",
        "The provider was asked, and its answer could not be recorded. Look there "
        "before you send it again.",
        "",
        false,
        0,
        {}};
    problem.members.emplace_back("outcome", "\"unknown\"");
    problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
    answer(base::fail(std::move(problem)));
  }

  void answer(base::Result<PassthroughReply> reply) {
    if (!reply_) return;
    PassthroughFn once = std::move(reply_);
    reply_ = nullptr;
    once(std::move(reply));
  }

  void end() {
    if (!ended_) return;
    auto once = std::move(ended_);
    ended_ = nullptr;
    once();
  }

  RunServices services_;
  PassthroughRequest request_;
  std::shared_ptr<const Account> account_;
  PassthroughFn reply_;
  std::function<void()> ended_;
  engine::Operation machine_;
  store::OperationRecord row_;
  engine::Outcome outcome_;
  PassthroughReply shown_;
  std::int64_t committingUs_ = 0;  // when the last commit was begun
};

}  // namespace

void runPassthroughOperation(const RunServices& services, PassthroughRequest request,
                             PassthroughFn reply, std::function<void()> ended) {
  // What was done before under the same key needs no provider any more.
  if (!request.clientKey.empty()) {
    auto earlier = services.reader.operationByClientKey(
        request.tenant.orgId, request.tenant.environment, request.clientKey);
    if (earlier && earlier->has_value()) {
      reply(storedReply(**earlier, request.fingerprint));
      return ended();
    }
  }
  if (auto problem = whyNotNow(services.shared.store)) {
    reply(base::fail(std::move(*problem)));
    return ended();
  }
  auto account = services.accounts.find(request.tenant, request.provider);
  if (!account) {
    reply(base::fail(account.error()));
    return ended();
  }
  if (auto on = checkPassthroughFeature(**account); !on) {
    reply(base::fail(on.error()));
    return ended();
  }
  if (auto status = checkPassThrough(**account, request.raw); !status) {
    reply(base::fail(status.error()));
    return ended();
  }
  std::make_shared<PassthroughRun>(services, std::move(request), *account, std::move(reply),
                                   std::move(ended))
      ->start();
}

}  // namespace unigate::gateway
