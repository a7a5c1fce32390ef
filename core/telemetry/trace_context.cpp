#include "telemetry/trace_context.hpp"

#include <array>

#include "base/text.hpp"

namespace unigate::telemetry {

namespace {

constexpr std::size_t kTraceChars = 32;
constexpr std::size_t kParentChars = 16;
constexpr std::size_t kHeaderChars = 55;  // "00-" trace "-" parent "-" flags

bool isLowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool isZero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

std::string randomHex(base::Random& random, std::size_t chars) {
  std::string bytes(chars / 2, '\0');
  do {
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  } while (bytes.find_first_not_of('\0') == std::string::npos);  // all zero means "none"
  return base::toHex(bytes);
}

}  // namespace

std::optional<TraceContext> parseTraceparent(std::string_view header) {
  if (header.size() < kHeaderChars) return std::nullopt;
  const auto version = header.substr(0, 2);
  if (!isLowerHex(version) || version == "ff") return std::nullopt;
  if (header.size() > kHeaderChars && (version == "00" || header[kHeaderChars] != '-')) {
    return std::nullopt;
  }
  const auto trace = header.substr(3, kTraceChars);
  const auto parent = header.substr(36, kParentChars);
  const auto flags = header.substr(53, 2);
  if (header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  if (!isLowerHex(trace) || !isLowerHex(parent) || !isLowerHex(flags)) return std::nullopt;
  if (isZero(trace) || isZero(parent)) return std::nullopt;
  const auto lastFlag = flags[1];
  const int bits = lastFlag <= '9' ? lastFlag - '0' : lastFlag - 'a' + 10;
  return TraceContext{std::string(trace), std::string(parent), (bits & 1) != 0};
}

std::string toTraceparent(const TraceContext& context) {
  return "00-" + context.traceId + "-" + context.parentId + (context.sampled ? "-01" : "-00");
}

TraceContext startSpan(const std::optional<TraceContext>& incoming, base::Random& random) {
  if (incoming) return {incoming->traceId, randomHex(random, kParentChars), incoming->sampled};
  return {randomHex(random, kTraceChars), randomHex(random, kParentChars), true};
}

}  // namespace unigate::telemetry
