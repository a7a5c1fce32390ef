// One call of a plugin: begin, resume, resume, ..., end. Driven by the gateway's operation driver,
// which performs each HttpStep and hands back what came.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plugin_host/plugin.hpp"
#include "plugin_host/step.hpp"

struct ug_call;
struct ug_step;

namespace unigate::plugin_host {

enum class Recovering : std::uint32_t { no = 0, resend = 1, query = 2 };

// All that a call may know. The texts are borrowed for `begin` alone.
struct BeginArgs {
  std::string_view operation;
  std::string_view inputJson;
  std::string_view idempotencyKey;  // the provider key; empty for reads
  std::uint32_t attempt = 1;
  Recovering recovering = Recovering::no;
  std::int64_t nowUnixMs = 0;
  std::int64_t deadlineUnixMs = 0;
  std::array<std::uint8_t, 32> random{};  // the same for every attempt
  // True when Plugin::checkInput was already asked with this very input.
  bool inputChecked = false;
};

// Serial: one thread at a time, but any thread.
//
// Every way in which a plugin can break its contract ends in a FaultStep and counts towards its
// quarantine; nothing is thrown. After a DoneStep, FailStep or FaultStep the plugin's call is over.
// A FaultStep after an HttpStep means UNKNOWN: the request may have moved money.
class PluginCall {
 public:
  struct Begun;

  // Starts a call. An unknown operation, an input that does not fit the schema, and a plugin in
  // quarantine are answered without entering the plugin: a FailStep with not_executed (categories
  // not_supported, invalid_request with `field`, provider_unavailable).
  static Begun begin(std::shared_ptr<Instance> instance, const BeginArgs& args);

  // Hands over what became of the HttpStep given last. A response larger than the limit must have
  // been cut off by the caller as noAnswer. Calling it when no HttpStep is pending is the caller's
  // fault and gives a FaultStep that isn't counted.
  Step resume(const HttpEvent& event);

  // Ends the plugin's call where it still is open: this is the cancel.
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  std::uint32_t requestsHandedOut() const { return requests_; }

 private:
  PluginCall(std::shared_ptr<Instance> instance, std::string operation);
  Step enterBegin(const BeginArgs& args);
  Step take(const ug_step& theirs);
  Step fault(std::string reason);
  void end();

  std::shared_ptr<Instance> instance_;
  std::string operation_;
  ug_call* call_ = nullptr;
  std::uint32_t steps_ = 0;
  std::uint32_t requests_ = 0;
  bool pending_ = false;  // an HttpStep was given and not answered
};

struct PluginCall::Begun {
  std::unique_ptr<PluginCall> call;  // null when the first step was the last
  Step step;
};

}  // namespace unigate::plugin_host
