// What a client is told: problems from provider errors, and answers ready to be sent and stored.
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/operation.hpp"
#include "gateway/provider_call.hpp"

namespace unigate::gateway {

// An answer that was committed with the operation: the bytes are sent as they stand, now and at
// every replay. From 400 on the body is a problem document.
struct Reply {
  int status = 200;
  std::string body;
  std::string kind;        // of the resource that is answered
  std::string resourceId;  // for Location
  bool replayed = false;
  std::int64_t providerUs = 0;
  std::int64_t retryAfterSeconds = 0;  // 0: none
  std::string outcome;                 // for the log: "succeeded", "declined", ...
};

// The problem for a provider's refusal or trouble. `read`: nothing was to be changed, so an unknown
// outcome is a plain 502 or 504 there.
base::Problem problemFor(const CallResult& result, const std::string& provider,
                         const std::string& transactionId, bool read);

}  // namespace unigate::gateway
