// W3C Trace Context (https://www.w3.org/TR/trace-context/): the trace that a caller is in is
// continued, or one is begun. The REST layer parses, the gateway writes it towards providers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace unigate::telemetry {

struct TraceContext {
  std::string traceId;   // 32 lower-case hex digits, not all zero
  std::string parentId;  // 16 lower-case hex digits, not all zero
  bool sampled = false;
};

// Strict: version 00 is exactly 55 characters; a higher version may be longer after a dash; ff,
// upper case and zero ids are refused.
std::optional<TraceContext> parseTraceparent(std::string_view header);

// "00-<trace>-<parent>-01".
std::string toTraceparent(const TraceContext& context);

// A new span in the caller's trace, or in a new one when `incoming` is empty.
TraceContext startSpan(const std::optional<TraceContext>& incoming, base::Random& random);

}  // namespace unigate::telemetry
