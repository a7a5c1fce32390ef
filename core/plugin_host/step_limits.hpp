// What one call of a plugin may use; handed to every plugin as `ug_limits` and enforced by the
// host.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/limits.hpp"

namespace unigate::plugin_host {

struct StepLimits {
  std::uint32_t stepsMax = base::limits::kStepsPerCallMax;  // DONE and FAIL included
  std::size_t requestBodyBytesMax = base::limits::kRequestBodyBytesMax;
  std::size_t responseBodyBytesMax = base::limits::kResponseBodyBytesMax;
  std::size_t resultBytesMax = base::limits::kResultBytesMax;
  std::uint32_t headersMax = 50;
  std::size_t headerBytesMax = base::limits::kHeaderBytesMax;  // names and values of one request
  std::uint32_t timeoutMsMax = base::limits::kUpstreamTimeoutMsMax;
};

}  // namespace unigate::plugin_host
