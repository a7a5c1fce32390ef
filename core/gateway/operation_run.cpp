#include "gateway/operation_run.hpp"

#include <utility>

#include "base/card_guard.hpp"
#include "base/ids.hpp"
#include "gateway/documents.hpp"
#include "gateway/features.hpp"
#include "gateway/kinds.hpp"
#include "gateway/redact.hpp"
#include "gateway/registered_credentials.hpp"
#include "gateway/run_parts.hpp"

namespace unigate::gateway {

namespace {

// Our id (and for new things our time) in front of the adapter's own members: adapters leave the id
// at the provider, so that a lost operation can be found, and look no further back than the time.
std::string withOperationId(const OperationRequest& request, std::string_view operationId,
                            std::int64_t nowMs) {
  std::string text = "{\"operation_id\":\"" + std::string(operationId) + "\"";
  if (request.creates) text += ",\"operation_created_unix_s\":" + std::to_string(nowMs / 1000);
  const std::string_view input = request.adapterInput;
  const std::string_view members = input.substr(1);
  if (members != "}") text += ",";
  text += members;
  return text;
}

// The input of a look-up: nothing of the operation is younger at the provider than that.
std::string withSentUntil(const std::string& input, std::int64_t sentUntilMs) {
  return "{\"operation_sent_until_unix_s\":" + std::to_string((sentUntilMs + 999) / 1000) +
         (input == "{}" ? "" : ",") + input.substr(1);
}

class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(const RunServices& services, engine::Operation machine, store::OperationRecord row,
      ReplyFn reply, std::function<void()> ended)
      : services_(services),
        machine_(std::move(machine)),
        row_(std::move(row)),
        tenant_{row_.orgId, row_.environment},
        reply_(std::move(reply)),
        ended_(std::move(ended)) {
    services_.shared.live.add(row_.id);
  }
  ~Run() { services_.shared.live.remove(row_.id); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // `input` is the record's JSON; `startedUs` when the client's request was complete.
  base::Status prepare(std::int64_t startedUs) {
    startedUs_ = startedUs;
    attemptStartedUs_ = startedUs;
    json::ReadError error;
    if (!input_.parse(row_.input, error)) {
      return base::fail(500, "internal_error", "The operation's stored input can't be read.");
    }
    if (auto status = findAccount(); !status) return status;
    return {};
  }

  base::Status checkFeatureOf(const plugin_host::Operation& declared) const {
    return checkFeature(*account_, declared.name);
  }

  // What the payer's browser brought must be the provider's own words.
  base::Status checkProofOf(const plugin_host::Operation& declared) const {
    const ProofCheck& check = services_.shared.checkProof;
    if (declared.proof.empty()) return {};
    if (!check) return base::fail(503, "proof_not_checked", "Proofs can't be verified here.");
    return check(declared, *account_, input_["adapter"], services_.shared.clock.unixMs());
  }

  void start() { follow(machine_.first()); }

  // No plugin, no credentials: nothing can be found out now. The operation is looked at again
  // later.
  void postpone(const std::string& why) {
    store::TransitionRecord record;
    const std::int64_t now = services_.shared.clock.unixMs();
    const bool tooLong = now - row_.createdAt > engine::Policy().giveUpMs;
    record.toState = tooLong ? store::OperationState::escalated : store::OperationState::unknown;
    record.newFence = machine_.snapshot().fence + 1;
    record.attempt = machine_.snapshot().attempt;
    record.epoch = row_.epoch;  // as it was: the provider has not been asked since
    record.reason = "can't be resolved now: " + why;
    record.nextResolveAt = tooLong ? 0 : now + kPostponeMs;
    auto self = shared_from_this();
    const base::Status queued = services_.shared.store.transition(
        tenant_.orgId, row_.id, toStored(machine_.snapshot().state), machine_.snapshot().fence,
        std::move(record), &services_.sink, [self](base::Result<store::TransitionOutcome> outcome) {
          if (!outcome)
            self->services_.abandoned(self->tenant_.orgId, self->tenant_.environment,
                                      self->row_.id);
          self->end();
        });
    if (queued) return;
    services_.abandoned(tenant_.orgId, tenant_.environment, row_.id);
    end();
  }

 private:
  void follow(const engine::Decision& decision) {
    callDeadlineMs_ = decision.deadlineAtMs;
    switch (decision.action) {
      case engine::Action::commit:
        return decision.to == engine::State::intent ? commitIntent() : commit(decision);
      case engine::Action::execute:
        return sendAt(decision.atMs, plugin_host::Recovering::no);
      case engine::Action::resend:
        return send(plugin_host::Recovering::resend);
      case engine::Action::query:
        return send(plugin_host::Recovering::query);
      case engine::Action::wait:
      case engine::Action::finish:
        return end();
    }
  }

  base::Status findAccount() {
    auto account = services_.accounts.find(tenant_, row_.provider);
    if (!account) return base::fail(account.error());
    // Another set of credentials may be another account of the provider: what was sent to the first
    // can neither be sent again nor asked for there.
    if (!row_.accountId.empty() && row_.accountId != (*account)->id) {
      return base::fail(503, "account_replaced",
                        "the credentials that this was sent with have been removed");
    }
    account_ = *account;
    row_.accountId = account_->id;
    return {};
  }

  // ---- durable steps ----

  void commitIntent() {
    store::IntentRecord intent;
    intent.operation = row_;
    committingUs_ = services_.shared.clock.monotonicUs();
    auto self = shared_from_this();
    const base::Status queued = services_.shared.store.insertIntent(
        std::move(intent), &services_.sink, [self](base::Result<store::IntentOutcome> outcome) {
          self->intentStored(std::move(outcome));
        });
    if (!queued) refuse(queued.error(), false);
  }

  void intentStored(base::Result<store::IntentOutcome> outcome) {
    if (!outcome) return refuse(outcome.error(), outcome.error().code == "store_failed");
    if (outcome->resourceBusy)
      return refuse(resourceBusy(row_.resourceKind, outcome->existing), false);
    if (!outcome->inserted) {
      answer(answerExisting(outcome->existing, row_.fingerprint));
      return end();
    }
    follow(machine_.committed());
  }

  void commit(const engine::Decision& decision) {
    decision_ = decision;
    const std::int64_t now = services_.shared.clock.unixMs();
    store::TransitionRecord record;
    record.toState = toStored(decision.to);
    record.newFence = decision.fence;
    record.attempt = decision.attempt;
    record.epoch = services_.shared.store.epoch();
    record.reason = std::string(decision.reason);
    record.attempted = attempted_;
    if (!attempted_.action.empty()) {
      record.attempted.ownUs =
          services_.shared.clock.monotonicUs() - attemptStartedUs_ - attempted_.providerUs;
    }
    if (decision.to == engine::State::sent) {
      record.sentAt = now;
    } else {
      if (auto status = conclude(decision, now, record); !status)
        return lost(status.error().detail);
    }
    committingUs_ = services_.shared.clock.monotonicUs();
    auto self = shared_from_this();
    const base::Status queued = services_.shared.store.transition(
        tenant_.orgId, row_.id, toStored(machine_.snapshot().state), machine_.snapshot().fence,
        std::move(record), &services_.sink, [self](base::Result<store::TransitionOutcome> outcome) {
          self->transitioned(std::move(outcome));
        });
    if (!queued) lost(queued.error().detail);
  }

  void transitioned(base::Result<store::TransitionOutcome> outcome) {
    if (!outcome) return lost(outcome.error().detail);
    if (*outcome == store::TransitionOutcome::lostRace) return takenOver();
    if (*outcome == store::TransitionOutcome::resourceChanged) {
      // Another operation or event wrote the resource in between: build on what is there now.
      if (++rebuilds_ > kRebuildsMax) return lost("the resource kept changing");
      return commit(decision_);
    }
    attempted_ = {};
    attemptStartedUs_ = 0;
    if (decision_.to != engine::State::sent) concluded();
    follow(machine_.committed());
  }

  // Fills in outcome, resources and answer of a state that ends the run.
  base::Status conclude(const engine::Decision& decision, std::int64_t now,
                        store::TransitionRecord& record) {
    record.nextResolveAt = decision.to == engine::State::unknown ? decision.atMs : 0;
    store::FinalRecord& final = record.final.emplace();
    final.outcome = outcomeText(result_.outcome.verdict);
    final.providerRequestId =
        result_.providerRequestId.empty() ? row_.providerRequestId : result_.providerRequestId;
    final.providerUs = row_.providerUs + providerUs_;
    final.ownUs = row_.ownUs != 0 ? row_.ownUs
                                  : services_.shared.clock.monotonicUs() - startedUs_ - providerUs_;
    if (decision.to == engine::State::succeeded || decision.to == engine::State::failed)
      final.finishedAt = now;
    if (decision.to != engine::State::succeeded) final.error = errorJson();

    std::string document;
    if (auto status = buildResources(decision, now, record.resources, document); !status)
      return status;
    if (decision.to == engine::State::succeeded) {
      auto credentials = registeredCredentials(
          *account_, row_.operation, result_.resultJson,
          {services_.shared.vault, services_.shared.clock, services_.shared.random}, row_.orgId);
      if (!credentials) return base::fail(credentials.error());
      record.credentials = std::move(*credentials);
    }
    pendingReply_ = makeReply(decision, document);
    if (row_.responseStatus != 0) {
      // The client was answered before; what it was told stays what a replay gives.
      final.responseStatus = row_.responseStatus;
      final.responseHeaders = row_.responseHeaders;
      final.responseBody = row_.responseBody;
    } else if (decision.to == engine::State::failed &&
               result_.outcome.verdict == engine::Verdict::notExecuted) {
      // Proven that nothing happened: the same key may try again.
      record.releaseClientKey = true;
      final.responseStatus = pendingReply_.status;
      final.responseBody = pendingReply_.body;
    } else if (decision.to != engine::State::escalated &&
               !(machine_.resolving() && decision.to == engine::State::unknown)) {
      // A client that was never answered is still to get the final answer, so a resolver's "don't
      // know yet" is not kept for it.
      final.responseStatus = pendingReply_.status;
      final.responseBody = pendingReply_.body;
    }
    return {};
  }

  std::string errorJson() const {
    const plugin_host::ErrorInfo& error = result_.error;
    json::Writer out;
    out.beginObject()
        .member("category", error.category.empty() ? "unknown_outcome" : error.category)
        .member("provider_code", error.providerCode)
        .member("decline_code", error.declineCode)
        .member("provider_message", base::maskCardNumbers(error.providerMessage));
    writeSnapshot(machine_.snapshot(), out);
    out.endObject();
    return out.take();
  }

  DocumentContext contextFor(std::int64_t now, const store::ResourceRecord* before) const {
    DocumentContext context;
    context.tenant = tenant_;
    context.resourceId = row_.resourceId;
    context.transactionId = row_.id;
    context.provider = row_.provider;
    context.accountId = row_.accountId;
    context.nowMs = now;
    context.client = input_["client"];
    context.before = before;
    context.ourId = referenceLookup(services_.reader, tenant_, row_.provider);
    return context;
  }

  // The row of `kind` as it stands now, nothing for one that is not there.
  base::Result<std::optional<store::ResourceRecord>> current(const std::string& kind,
                                                             const std::string& id) {
    return services_.reader.resourceById(tenant_.orgId, tenant_.environment, kind, id);
  }

  // The rows that change with this end, and the document to answer with (may be empty).
  base::Status buildResources(const engine::Decision& decision, std::int64_t now,
                              std::vector<store::ResourceRecord>& rows, std::string& document) {
    const bool fresh = input_["creates"].booleanOr(false) && row_.responseStatus == 0 &&
                       !machine_.resolving() && rebuilds_ == 0;
    std::optional<store::ResourceRecord> before;
    if (!fresh) {
      auto found = current(row_.resourceKind, row_.resourceId);
      if (!found) return base::fail(found.error());
      before = std::move(*found);
    }
    const DocumentContext context = contextFor(now, before ? &*before : nullptr);
    std::optional<store::ResourceRecord> after = rowAfter(decision, context);
    if (!after) {
      document = before ? before->document : std::string();
      return {};
    }
    document = after->document;
    if (row_.resourceKind == "refund") {
      if (auto status = addPayment(before ? &*before : nullptr, *after, now, rows); !status)
        return status;
    }
    rows.push_back(std::move(*after));
    return {};
  }

  std::optional<store::ResourceRecord> rowAfter(const engine::Decision& decision,
                                                const DocumentContext& context) const {
    json::Document output;
    json::ReadError error;
    if (decision.to == engine::State::succeeded && deletes(row_.operation) &&
        context.before != nullptr && row_.resourceKind != "customer") {
      return withStatus(*context.before, "deleted", context.nowMs, "null");
    }
    if (decision.to == engine::State::succeeded && output.parse(result_.resultJson, error)) {
      return unlessBack(makeResource(row_.resourceKind, output.root(), context), context);
    }
    if (decision.to == engine::State::unknown) {
      if (context.before != nullptr && (!findKind(row_.resourceKind)->showsProcessing ||
                                        context.before->status == "processing" ||
                                        isEnd(row_.resourceKind, context.before->status))) {
        return std::nullopt;
      }
      return makeProcessing(row_.resourceKind, row_.amount, row_.currency, context);
    }
    if (decision.to == engine::State::failed) {
      if (!result_.error.resourceJson.empty() && output.parse(result_.error.resourceJson, error)) {
        return unlessBack(makeResource(row_.resourceKind, output.root(), context), context);
      }
      if (context.before != nullptr && context.before->status == "processing") {
        const std::string_view earlier = input_["status_before"].stringOr("failed");
        return withStatus(*context.before, earlier, context.nowMs, failureJson());
      }
    }
    return std::nullopt;
  }

  // An answer may be older than what is known by now: a resend gets the first one again, and
  // another operation on the resource may have gone further since.
  static std::optional<store::ResourceRecord> unlessBack(store::ResourceRecord after,
                                                         const DocumentContext& context) {
    if (context.before != nullptr && movesBack(after.kind, context.before->status, after.status)) {
      return std::nullopt;
    }
    return after;
  }

  std::string failureJson() const {
    json::Writer out;
    out.beginObject()
        .member("category", result_.outcome.verdict == engine::Verdict::notExecuted
                                ? "not_executed"
                                : result_.error.category)
        .member("provider_code", result_.error.providerCode)
        .member("message", base::maskCardNumbers(result_.error.providerMessage))
        .endObject();
    return out.take();
  }

  // A refund changes what its payment says about refunds.
  base::Status addPayment(const store::ResourceRecord* before, const store::ResourceRecord& after,
                          std::int64_t now, std::vector<store::ResourceRecord>& rows) {
    auto payment = current("payment", after.parentId);
    if (!payment) return base::fail(payment.error());
    if (payment->has_value()) rows.push_back(withRefund(**payment, before, after, now));
    return {};
  }

  // ---- the provider ----

  void sendAt(std::int64_t atMs, plugin_host::Recovering recovering) {
    const std::int64_t delay = atMs - services_.shared.clock.unixMs();
    if (delay <= 0) return send(recovering);
    services_.loop.after(delay,
                         [self = shared_from_this(), recovering] { self->send(recovering); });
  }

  void send(plugin_host::Recovering recovering) {
    attempted_.action = actionText(recovering);
    if (attemptStartedUs_ == 0) attemptStartedUs_ = services_.shared.clock.monotonicUs();
    CallSpec spec;
    spec.account = account_;
    spec.operation = row_.operation;
    spec.inputJson = inputFor(recovering);
    spec.providerKey = row_.providerKey;
    spec.operationId = row_.id;
    spec.attempt = machine_.snapshot().attempt;
    spec.recovering = recovering;
    spec.traceparent = input_["traceparent"].stringOr("");
    // Whoever lost the lease since the commit that this send goes by may have been replaced.
    spec.guard = {callDeadlineMs_, [&store = services_.shared.store, since = committingUs_] {
                    return store.mayDriveSince(since);
                  }};
    services_.shared.metrics.providerCallStarted();
    callProvider({services_.upstream, services_.shared.endpoints, services_.shared.clock},
                 std::move(spec),
                 [self = shared_from_this()](CallResult result) { self->sent(std::move(result)); });
  }

  // A look-up of what was made is told until when it may have been; an adapter that brings a schema
  // of its own may not take that.
  std::string inputFor(plugin_host::Recovering recovering) const {
    std::string input = json::toText(input_["adapter"]);
    if (recovering != plugin_host::Recovering::query ||
        !input_["adapter"]["operation_created_unix_s"].exists()) {
      return input;
    }
    std::string bounded = withSentUntil(input, machine_.sentUntilMs());
    if (account_->instance->plugin().checkInput(row_.operation, bounded)) return bounded;
    return input;
  }

  void sent(CallResult result) {
    services_.shared.metrics.providerCallEnded();
    providerUs_ += result.providerUs;
    result_ = std::move(result);
    attempted_.outcome = outcomeText(result_.outcome.verdict);
    attempted_.providerUs = result_.providerUs;
    attempted_.providerRequestId = result_.providerRequestId;
    if (result_.trouble == Trouble::fault) {
      services_.shared.metrics.pluginFault(row_.provider, "contract");
    }
    if (result_.trouble != Trouble::none) {
      using telemetry::Field;
      services_.shared.log.log(
          telemetry::Level::warn, "provider trouble", input_["request_id"].stringOr(""),
          {Field::id("operation_id", row_.id), Field::name("provider", row_.provider),
           Field::name("operation", row_.operation),
           Field::name("outcome", outcomeText(result_.outcome.verdict)),
           Field::text("reason", result_.faultReason)});
    }
    follow(machine_.finished(result_.outcome));
  }

  // ---- the client ----

  Reply makeReply(const engine::Decision& decision, const std::string& document) {
    Reply reply;
    reply.kind = row_.resourceKind;
    reply.resourceId = row_.resourceId;
    const std::string raw =
        input_["include_raw"].booleanOr(false) ? redactRaw(result_.rawBody) : std::string();
    if (decision.to == engine::State::failed || decision.to == engine::State::escalated) {
      const base::Problem problem = problemFor(result_, row_.provider, row_.id, false);
      reply.status = problem.status;
      reply.body = services_.shared.renderProblem(problem, input_["request_id"].stringOr(""));
      problem_ = problem;
      return reply;
    }
    reply.status = decision.to == engine::State::unknown ? 202
                   : input_["creates"].booleanOr(false)  ? 201
                                                         : 200;
    if (decision.to == engine::State::succeeded && deletes(row_.operation)) {
      json::Writer out;
      out.beginObject()
          .member("object", row_.resourceKind)
          .member("id", row_.resourceId)
          .member("deleted", true)
          .endObject();
      reply.body = out.take();
    } else {
      reply.body = input_["include_raw"].booleanOr(false) ? withRaw(document, raw) : document;
    }
    return reply;
  }

  void concluded() {
    const engine::Verdict verdict = result_.outcome.verdict;
    if (decision_.to == engine::State::escalated) ++services_.shared.operationsEscalated;
    services_.shared.metrics.operation(row_.provider, row_.operation)
        .finished(metricOf(decision_.to, verdict), providerUs_);
    Reply reply = std::move(pendingReply_);
    reply.providerUs = providerUs_;
    reply.outcome = engine::toString(decision_.to);
    if (problem_ && problem_->retryAfterSeconds > 0)
      reply.retryAfterSeconds = problem_->retryAfterSeconds;
    answer(std::move(reply));
  }

  void answer(base::Result<Reply> reply) {
    if (!reply_) return;
    ReplyFn once = std::move(reply_);
    reply_ = nullptr;
    once(std::move(reply));
  }

  // Nothing was sent: the client may simply try again. But an intent that may have become durable
  // all the same will be taken up after a restart, so nothing may be promised of it.
  void refuse(base::Problem problem, bool maybeDurable) {
    if (!maybeDurable) {
      if (auto earlier =
              answerEarlier(services_.reader, tenant_, row_.clientKey, row_.fingerprint)) {
        answer(std::move(*earlier));
        return end();
      }
    }
    problem.members.emplace_back("outcome", maybeDurable ? "\"unknown\"" : "\"not_executed\"");
    if (maybeDurable) problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
    answer(base::fail(std::move(problem)));
    end();
  }

  // The provider was asked and what came of it could not be written down. The intent is durable, so
  // the resolver will find out; the client must not be told a guess.
  void lost(const std::string& why) {
    using telemetry::Field;
    services_.shared.log.log(telemetry::Level::error, "operation end not recorded",
                             input_["request_id"].stringOr(""),
                             {Field::id("operation_id", row_.id), Field::text("reason", why)});
    unknownForNow(
        "outcome_not_recorded",
        "The outcome could not be recorded yet. Ask again with the same Idempotency-Key.");
    services_.abandoned(tenant_.orgId, tenant_.environment, row_.id);
    end();
  }

  void takenOver() {
    unknownForNow("operation_taken_over",
                  "Another gateway process has taken this operation over. Ask again with the same "
                  "Idempotency-Key.");
    end();
  }

  void unknownForNow(const char* code, const char* detail) {
    base::Problem problem{503, code, detail, "", true, 1, {}};
    problem.members.emplace_back("outcome", "\"unknown\"");
    problem.members.emplace_back("transaction_id", "\"" + row_.id + "\"");
    answer(base::fail(std::move(problem)));
  }

  void end() {
    if (!ended_) return;
    auto once = std::move(ended_);
    ended_ = nullptr;
    once();
  }

  static constexpr std::int64_t kPostponeMs = 30'000;
  static constexpr int kRebuildsMax = 500;

  RunServices services_;
  engine::Operation machine_;
  store::OperationRecord row_;
  Tenant tenant_;
  ReplyFn reply_;
  std::function<void()> ended_;
  json::Document input_;
  std::shared_ptr<const Account> account_;
  engine::Decision decision_;
  CallResult result_;
  Reply pendingReply_;
  std::optional<base::Problem> problem_;
  store::AttemptRecord attempted_;  // the attempt that the next transition ends
  std::int64_t startedUs_ = 0;
  std::int64_t attemptStartedUs_ = 0;
  std::int64_t committingUs_ = 0;    // when the last commit was begun
  std::int64_t callDeadlineMs_ = 0;  // unix ms, for the call that is due; 0: none
  std::int64_t providerUs_ = 0;
  int rebuilds_ = 0;
};

// The resource that an operation changes: two captures of one payment at once could not be told
// apart when an answer is lost. Empty for new things, and for customers, where the last one counts.
std::string heldResource(const OperationRequest& request) {
  return request.creates || request.kind == "customer" ? std::string() : request.target->id;
}

std::string inputJson(const OperationRequest& request, const std::string& operationId,
                      std::int64_t nowMs) {
  json::Writer out;
  out.beginObject()
      .key("adapter")
      .rawJson(withOperationId(request, operationId, nowMs))
      .key("client")
      .rawJson(request.client)
      .member("creates", request.creates)
      .member("include_raw", request.includeRaw)
      .member("request_id", request.requestId)
      .member("traceparent", request.traceparent);
  if (request.target && !request.creates) out.member("status_before", request.target->status);
  out.endObject();
  return out.take();
}

}  // namespace

base::Result<Reply> answerExisting(const store::OperationRecord& existing,
                                   const std::string& fingerprint) {
  if (existing.fingerprint != fingerprint) {
    return base::fail(
        422, "idempotency_key_reused",
        "This Idempotency-Key was used for another request. Use a new key for a new request.",
        "Idempotency-Key");
  }
  if (existing.responseStatus == 0) {
    base::Problem problem{
        409,
        "idempotency_key_in_use",
        "A request with this Idempotency-Key is still under way. Ask again shortly.",
        "Idempotency-Key",
        true,
        1,
        {}};
    if (existing.state == store::OperationState::escalated) {
      problem.detail =
          "What became of the request with this Idempotency-Key waits for a person's decision.";
      problem.retryAfterSeconds = 60;
    }
    problem.members.emplace_back("transaction_id", "\"" + existing.id + "\"");
    return base::fail(std::move(problem));
  }
  Reply reply;
  reply.status = static_cast<int>(existing.responseStatus);
  reply.body = existing.responseBody;
  reply.kind = existing.resourceKind;
  reply.resourceId = existing.resourceId;
  reply.replayed = true;
  reply.outcome = "replayed";
  return reply;
}

std::optional<base::Result<Reply>> answerEarlier(store::ReadSession& reader, const Tenant& tenant,
                                                 const std::string& clientKey,
                                                 const std::string& fingerprint) {
  if (clientKey.empty()) return std::nullopt;
  auto row = reader.operationByClientKey(tenant.orgId, tenant.environment, clientKey);
  if (!row) {
    base::Problem problem = row.error();
    problem.members.emplace_back("outcome", "\"unknown\"");
    return base::Result<Reply>(base::fail(std::move(problem)));
  }
  if (!row->has_value()) return std::nullopt;
  return answerExisting(**row, fingerprint);
}

std::function<std::string(std::string_view, std::string_view)> referenceLookup(
    store::ReadSession& reader, Tenant tenant, std::string provider) {
  return [&reader, tenant = std::move(tenant), provider = std::move(provider)](
             std::string_view kind, std::string_view providerId) -> std::string {
    auto row = reader.resourceByProviderId(tenant.orgId, tenant.environment, std::string(kind),
                                           provider, std::string(providerId));
    if (!row || !row->has_value()) return {};
    return (*row)->id;
  };
}

void runOperation(const RunServices& services, OperationRequest request, ReplyFn reply,
                  std::function<void()> ended) {
  // What can't be begun now may have been done before under the same key.
  const auto refuse = [&](base::Problem problem) {
    auto earlier =
        answerEarlier(services.reader, request.tenant, request.clientKey, request.fingerprint);
    reply(earlier ? std::move(*earlier) : base::Result<Reply>(base::fail(std::move(problem))));
    ended();
  };
  Shared& shared = services.shared;
  if (auto problem = whyNotNow(shared.store)) return refuse(std::move(*problem));
  const auto plugin = shared.plugins.find(request.provider);
  const plugin_host::Operation* declared =
      plugin ? plugin->manifest().findOperation(request.operation) : nullptr;
  if (declared == nullptr) {
    return refuse(
        {503,
         "provider_quarantined",
         "The plugin of " + request.provider + " is out of service; GET /v1/providers says why.",
         "",
         false,
         0,
         {}});
  }
  const std::int64_t now = shared.clock.unixMs();
  store::OperationRecord row;
  row.id = base::makeId("txn_", shared.clock, shared.random);
  row.orgId = request.tenant.orgId;
  row.environment = request.tenant.environment;
  row.clientKey = request.clientKey;
  row.fingerprint = request.fingerprint;
  row.operation = request.operation;
  row.route = request.route;
  row.provider = request.provider;
  row.resourceKind = request.kind;
  row.resourceId = request.creates
                       ? base::makeId(idPrefixOf(request.kind), shared.clock, shared.random)
                       : request.target->id;
  row.amount = request.amount;
  row.currency = request.currency;
  row.providerKey = row.id;
  row.recoveryMode = recoveryName(declared->recovery);
  row.recoveryWindowSeconds = declared->recoveryWindowS;
  row.state = store::OperationState::intent;
  row.attempt = 1;
  row.fence = 1;
  row.epoch = shared.store.epoch();
  row.holds = heldResource(request);
  row.createdAt = now;
  row.updatedAt = now;
  row.sentAt = now;
  row.input = inputJson(request, row.id, now);
  const std::int64_t startedUs = request.startedUs;
  engine::Policy policy = policyOf(*declared);
  policy.budget = &shared.budgets.of(request.provider);
  auto run = std::make_shared<Run>(services, engine::Operation(policy, shared.clock, shared.random),
                                   std::move(row), reply, ended);
  if (auto status = run->prepare(startedUs); !status) return refuse(status.error());
  if (auto status = run->checkFeatureOf(*declared); !status) return refuse(status.error());
  if (auto status = run->checkProofOf(*declared); !status) return refuse(status.error());
  run->start();
}

void resolveOperation(const RunServices& services, store::OperationRecord row,
                      std::function<void()> ended) {
  const Shared& shared = services.shared;
  const engine::Snapshot snapshot = snapshotOf(row, shared.store.owner(), shared.store.epoch());
  const engine::Policy policy = policyOf(row);
  const std::int64_t startedUs = services.shared.clock.monotonicUs();
  auto run = std::make_shared<Run>(
      services, engine::Operation(policy, snapshot, services.shared.clock, services.shared.random),
      std::move(row), nullptr, ended);
  if (auto status = run->prepare(startedUs); !status) return run->postpone(status.error().detail);
  run->start();
}

}  // namespace unigate::gateway
