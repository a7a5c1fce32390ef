// Carries out one call of a plugin: performs each HTTP step over the upstream client with
// credentials injected, hands the answers back, and says what became of it in the engine's words.
// Used for operations and for plain reads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "engine/operation.hpp"
#include "gateway/account_directory.hpp"
#include "gateway/provider_request.hpp"
#include "plugin_host/plugin_call.hpp"

namespace unigate::gateway {

struct CallSpec {
  std::shared_ptr<const Account> account;
  std::string operation;
  std::string inputJson;
  std::string providerKey;  // empty for reads
  std::string operationId;  // seeds the plugin's random bytes: equal for every attempt
  std::int32_t attempt = 1;
  plugin_host::Recovering recovering = plugin_host::Recovering::no;
  std::string traceparent;  // sent to the provider; may be empty
  SendGuard guard;
};

// What went wrong between us and the provider, when it did.
enum class Trouble { none, notSent, noAnswer, fault };

struct CallResult {
  engine::Outcome outcome;
  std::string resultJson;        // verdict done
  plugin_host::ErrorInfo error;  // any other verdict
  Trouble trouble = Trouble::none;
  std::string faultReason;  // for the log
  std::string providerRequestId;
  std::string rawBody;  // last answer of the provider, as it came
  std::int64_t providerUs = 0;
  std::int32_t requests = 0;
};

// `done` is called exactly once, on the loop's thread, maybe before this returns. Nobody need hold
// on to the call.
void callProvider(const CallServices& services, CallSpec spec,
                  std::function<void(CallResult)> done);

}  // namespace unigate::gateway
