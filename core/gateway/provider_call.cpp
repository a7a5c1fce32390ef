#include "gateway/provider_call.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace unigate::gateway {

namespace {

constexpr std::int64_t kCallDeadlineMs = 60'000;

// Owns itself through the callbacks that it waits for.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(const CallServices& services, CallSpec spec, std::function<void(CallResult)> done)
      : services_(services), spec_(std::move(spec)), done_(std::move(done)) {}

  void start() {
    const std::int64_t now = services_.clock.unixMs();
    plugin_host::BeginArgs args;
    args.operation = spec_.operation;
    args.inputJson = spec_.inputJson;
    args.idempotencyKey = spec_.providerKey;
    args.attempt = static_cast<std::uint32_t>(spec_.attempt);
    args.recovering = spec_.recovering;
    args.nowUnixMs = now;
    args.deadlineUnixMs =
        spec_.guard.deadlineAtMs != 0 ? spec_.guard.deadlineAtMs : now + kCallDeadlineMs;
    args.random = base::sha256("plugin random\n" + spec_.operationId);
    plugin_host::PluginCall::Begun begun =
        plugin_host::PluginCall::begin(spec_.account->instance, args);
    call_ = std::move(begun.call);
    take(std::move(begun.step));
  }

 private:
  void take(plugin_host::Step step) {
    if (auto* http = std::get_if<plugin_host::HttpStep>(&step)) return send(std::move(*http));
    if (auto* done = std::get_if<plugin_host::DoneStep>(&step)) return finishDone(std::move(*done));
    if (auto* fail = std::get_if<plugin_host::FailStep>(&step))
      return finishFail(std::move(fail->error));
    finishFault(std::get<plugin_host::FaultStep>(step).reason);
  }

  void send(plugin_host::HttpStep step) {
    ProviderRequest request;
    request.account = spec_.account;
    request.endpoint = std::move(step.endpoint);
    request.auth = std::move(step.auth);
    request.request = outgoingOf(std::move(step));
    request.traceparent = spec_.traceparent;
    request.guard = spec_.guard;
    sendToProvider(services_, std::move(request),
                   [self = shared_from_this()](ProviderAnswer answer, std::int32_t requests) {
                     self->result_.requests += requests;
                     // A token that was refused and could not be renewed: the request was refused
                     // too, which proves that it was not done.
                     if (auto* refused = std::get_if<NotSent>(&answer))
                       return self->refuse(*refused);
                     self->answered(std::move(std::get<net::UpstreamResult>(answer)));
                   });
  }

  // The request can't be made: nothing was done by this step.
  void refuse(const NotSent& why) {
    plugin_host::ErrorInfo error;
    error.category = why.category;
    error.outcome = sent_ ? plugin_host::Outcome::unknown : plugin_host::Outcome::notExecuted;
    error.retry =
        why.mayRetry ? plugin_host::RetryAdvice::sameKey : plugin_host::RetryAdvice::never;
    error.retryAfterMs = why.retryAfterMs;
    error.providerMessage = why.message;
    result_.trouble = Trouble::notSent;
    result_.faultReason = why.message;
    finishFail(std::move(error));
  }

  void answered(net::UpstreamResult upstream) {
    result_.providerUs += upstream.providerUs;
    plugin_host::HttpEvent event;
    event.nowUnixMs = services_.clock.unixMs();
    switch (upstream.outcome) {
      case net::UpstreamOutcome::response:
        sent_ = true;
        result_.trouble = Trouble::none;
        lastStatus_ = upstream.status;
        event.kind = plugin_host::HttpEvent::Kind::response;
        event.status = static_cast<std::uint32_t>(upstream.status);
        result_.rawBody = upstream.body;
        event.headers = std::move(upstream.headers);
        event.body = std::move(upstream.body);
        break;
      case net::UpstreamOutcome::notSent:
        result_.trouble = Trouble::notSent;
        result_.faultReason = upstream.error;
        lastStatus_ = 0;
        event.kind = plugin_host::HttpEvent::Kind::notSent;
        break;
      case net::UpstreamOutcome::noAnswer:
        sent_ = true;
        result_.trouble = Trouble::noAnswer;
        result_.faultReason = upstream.error;
        lastStatus_ = 0;
        event.kind = plugin_host::HttpEvent::Kind::noAnswer;
        break;
    }
    take(call_->resume(event));
  }

  void finishDone(plugin_host::DoneStep done) {
    // Success can't follow from silence or from a provider's own failure, whatever an adapter makes
    // of it.
    if (result_.trouble != Trouble::none || lastStatus_ >= 500) {
      return finishFault("success was claimed without a sound answer of the provider");
    }
    result_.outcome = {engine::Verdict::done, true, false, 0};
    result_.resultJson = std::move(done.resultJson);
    result_.providerRequestId = std::move(done.providerRequestId);
    finish();
  }

  void finishFail(plugin_host::ErrorInfo error) {
    engine::Verdict verdict = engine::Verdict::unknown;
    if (error.outcome == plugin_host::Outcome::declined) verdict = engine::Verdict::declined;
    if (error.outcome == plugin_host::Outcome::notExecuted) verdict = engine::Verdict::notExecuted;
    // A refusal needs an answer that says so; without one nothing but an unsent request is certain.
    if (result_.trouble == Trouble::noAnswer) verdict = engine::Verdict::unknown;
    result_.outcome = {verdict, result_.trouble == Trouble::none && result_.requests > 0,
                       error.retry == plugin_host::RetryAdvice::sameKey, error.retryAfterMs};
    // "A request with this key is under way": the key tells more later.
    result_.outcome.stillRunning = verdict == engine::Verdict::unknown &&
                                   error.category == "idempotency_conflict" &&
                                   error.retry == plugin_host::RetryAdvice::sameKey;
    result_.outcome.cannotQuery =
        spec_.recovering == plugin_host::Recovering::query && error.category == "not_supported";
    result_.providerRequestId = error.providerRequestId;
    result_.error = std::move(error);
    finish();
  }

  void finishFault(std::string reason) {
    result_.trouble = Trouble::fault;
    result_.faultReason = std::move(reason);
    result_.error.category = "unknown_outcome";
    result_.error.providerMessage = "The provider's plugin broke its contract.";
    result_.error.outcome =
        sent_ ? plugin_host::Outcome::unknown : plugin_host::Outcome::notExecuted;
    result_.outcome = {sent_ ? engine::Verdict::unknown : engine::Verdict::notExecuted,
                       lastStatus_ != 0, false, 0};
    finish();
  }

  void finish() {
    call_.reset();
    auto done = std::move(done_);
    done(std::move(result_));
  }

  CallServices services_;
  CallSpec spec_;
  std::function<void(CallResult)> done_;
  std::unique_ptr<plugin_host::PluginCall> call_;
  CallResult result_;
  int lastStatus_ = 0;
  bool sent_ = false;  // bytes of this call may have reached the provider
};

}  // namespace

void callProvider(const CallServices& services, CallSpec spec,
                  std::function<void(CallResult)> done) {
  std::make_shared<Call>(services, std::move(spec), std::move(done))->start();
}

}  // namespace unigate::gateway
