#include "plugin_host/plugin_call.hpp"

#include <unigate/plugin.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "plugin_host/step_reader.hpp"

namespace unigate::plugin_host {
namespace {

FailStep refuse(std::string category, std::string message, std::string field) {
  ErrorInfo error;
  error.category = std::move(category);
  error.outcome = Outcome::notExecuted;
  error.providerMessage = std::move(message);
  error.field = std::move(field);
  return {std::move(error)};
}

// Why this call can't start; empty when it can. None of these is the plugin's fault.
std::optional<FailStep> findRefusal(const Plugin& plugin, const BeginArgs& args) {
  if (auto reason = plugin.quarantineReason()) {
    return refuse("provider_unavailable",
                  "provider " + plugin.id() + " is out of service: " + *reason, {});
  }
  if (plugin.manifest().findOperation(args.operation) == nullptr) {
    return refuse("not_supported",
                  plugin.id() + " has no operation " + base::printable(args.operation),
                  "operation");
  }
  if (args.inputChecked) return std::nullopt;
  if (auto status = plugin.checkInput(args.operation, args.inputJson); !status) {
    return refuse("invalid_request", status.error().detail, status.error().param);
  }
  return std::nullopt;
}

ug_step emptyStep() {
  ug_step step{};
  step.struct_size = sizeof(step);
  return step;
}

}  // namespace

PluginCall::PluginCall(std::shared_ptr<Instance> instance, std::string operation)
    : instance_(std::move(instance)), operation_(std::move(operation)) {}

PluginCall::~PluginCall() {
  end();
}

PluginCall::Begun PluginCall::begin(std::shared_ptr<Instance> instance, const BeginArgs& args) {
  if (auto refusal = findRefusal(instance->plugin(), args)) return {nullptr, std::move(*refusal)};
  std::unique_ptr<PluginCall> call(
      new PluginCall(std::move(instance), std::string(args.operation)));
  Step step = call->enterBegin(args);
  if (!call->pending_) call.reset();
  return {std::move(call), std::move(step)};
}

Step PluginCall::enterBegin(const BeginArgs& args) {
  ug_begin begin{};
  begin.struct_size = sizeof(begin);
  begin.mode = static_cast<std::uint32_t>(instance_->mode());
  begin.operation = toUgStr(args.operation);
  begin.input_json = toUgStr(args.inputJson);
  begin.idempotency_key = toUgStr(args.idempotencyKey);
  begin.attempt = args.attempt;
  begin.recovering = static_cast<std::uint32_t>(args.recovering);
  begin.now_unix_ms = args.nowUnixMs;
  begin.deadline_unix_ms = args.deadlineUnixMs;
  std::copy(args.random.begin(), args.random.end(), std::begin(begin.random));
  ug_step step = emptyStep();
  std::int32_t code = UG_CONTRACT_INTERNAL;
  try {
    code = instance_->plugin().table()->begin(instance_->handle(), &begin, &call_, &step);
  } catch (...) {
    call_ = nullptr;
    return fault("begin threw an exception");
  }
  if (code != UG_OK) {
    call_ = nullptr;  // no call exists, so none is ended
    return fault("begin returned " + std::to_string(code));
  }
  if (call_ == nullptr) return fault("begin returned UG_OK without a call");
  return take(step);
}

Step PluginCall::resume(const HttpEvent& event) {
  if (!pending_) return FaultStep{"resume without a pending HTTP step", requests_};
  pending_ = false;
  const bool answered = event.kind == HttpEvent::Kind::response;
  std::vector<ug_header> headers;
  headers.reserve(event.headers.size());
  if (answered) {
    for (const auto& [name, value] : event.headers)
      headers.push_back({toUgStr(name), toUgStr(value)});
  }
  ug_event theirs{};
  theirs.struct_size = sizeof(theirs);
  theirs.kind = answered ? UG_EVENT_HTTP_RESPONSE : UG_EVENT_HTTP_FAILED;
  theirs.status = answered ? event.status : 0;
  if (!answered) {
    theirs.failure =
        event.kind == HttpEvent::Kind::notSent ? UG_HTTP_FAILED_NOT_SENT : UG_HTTP_FAILED_NO_ANSWER;
  }
  theirs.headers = headers.data();
  theirs.headers_count = static_cast<std::uint32_t>(headers.size());
  if (answered) {
    theirs.body = {reinterpret_cast<const std::uint8_t*>(event.body.data()), event.body.size()};
  }
  theirs.now_unix_ms = event.nowUnixMs;
  ug_step step = emptyStep();
  std::int32_t code = UG_CONTRACT_INTERNAL;
  try {
    code = instance_->plugin().table()->resume(call_, &theirs, &step);
  } catch (...) {
    return fault("resume threw an exception");
  }
  if (code != UG_OK) return fault("resume returned " + std::to_string(code));
  return take(step);
}

Step PluginCall::take(const ug_step& theirs) {
  const Plugin& plugin = instance_->plugin();
  if (++steps_ > plugin.limits().stepsMax) {
    return fault("more than " + std::to_string(plugin.limits().stepsMax) + " steps in one call");
  }
  Step step = readStep(theirs, plugin.manifest(), plugin.limits());
  if (const auto* broken = std::get_if<FaultStep>(&step)) return fault(broken->reason);
  if (std::holds_alternative<HttpStep>(step)) {
    if (steps_ == plugin.limits().stepsMax) {
      return fault("more than " + std::to_string(plugin.limits().stepsMax) + " steps in one call");
    }
    ++requests_;
    pending_ = true;
    return step;
  }
  if (const auto* done = std::get_if<DoneStep>(&step)) {
    if (auto why = plugin.findOutputFault(operation_, done->resultJson)) return fault(*why);
  }
  end();
  return step;
}

Step PluginCall::fault(std::string reason) {
  instance_->plugin().countFault(operation_ + ": " + reason);
  end();
  return FaultStep{std::move(reason), requests_};
}

void PluginCall::end() {
  pending_ = false;
  if (call_ == nullptr) return;
  ug_call* const call = std::exchange(call_, nullptr);
  try {
    instance_->plugin().table()->end(call);
  } catch (...) {
    instance_->plugin().countFault(operation_ + ": end threw an exception");
  }
}

}  // namespace unigate::plugin_host
