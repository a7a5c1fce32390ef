#include "plugin_host/step_reader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <unigate/json.hpp>

#include "base/text.hpp"
#include "plugin_host/host_headers.hpp"

namespace unigate::plugin_host {
namespace {

// Bounds of texts that are no payload: names, codes, labels.
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kMessageBytesMax = 4096;
constexpr std::size_t kTargetBytesMax = base::limits::kUriBytesMax;
constexpr std::uint32_t kRedactMax = 64;
// Structs of a newer minor are larger than ours; beyond this it is garbage.
constexpr std::uint32_t kStructBytesMax = 4096;

// Carries the first fault up through the reading of a step.
struct Fault {
  std::string reason;
};

[[noreturn]] void faultOut(std::string reason) {
  throw Fault{std::move(reason)};
}

// The reader's own view of a plugin's struct: the smaller of both sizes is copied, the rest is
// zero.
template <typename T>
T copyStruct(const T* theirs, const char* name) {
  std::uint32_t size = 0;
  std::memcpy(&size, theirs, sizeof(size));
  if (size < sizeof(size) * 2 || size > kStructBytesMax) {
    faultOut(std::string(name) + ".struct_size is " + std::to_string(size));
  }
  T ours;
  std::memset(&ours, 0, sizeof(ours));
  std::memcpy(&ours, theirs, std::min<std::size_t>(size, sizeof(ours)));
  return ours;
}

std::string_view bytesOf(const void* ptr, std::uint64_t len, std::size_t bytesMax,
                         const char* name) {
  if (len == 0) return {};
  if (ptr == nullptr) faultOut(std::string(name) + " is null with length " + std::to_string(len));
  if (len > bytesMax) {
    faultOut(std::string(name) + " has " + std::to_string(len) + " bytes, more than " +
             std::to_string(bytesMax));
  }
  return {static_cast<const char*>(ptr), static_cast<std::size_t>(len)};
}

std::string copyText(const ug_str& text, std::size_t bytesMax, const char* name) {
  const std::string_view bytes = bytesOf(text.ptr, text.len, bytesMax, name);
  if (!base::isUtf8(bytes)) faultOut(std::string(name) + " is not UTF-8");
  return std::string(bytes);
}

std::string copyName(const ug_str& text, const char* name) {
  std::string result = copyText(text, kNameBytesMax, name);
  const bool control = std::any_of(result.begin(), result.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control) faultOut(std::string(name) + " has control characters");
  return result;
}

// Texts that the provider wrote and the plugin passes on: cut and cleaned rather than refused, so
// that a provider's oddity never turns an answer into a broken contract.
std::string copyProviderText(const ug_str& text, std::size_t bytesMax, const char* name) {
  std::string result = copyText(text, base::limits::kResultBytesMax, name);
  if (result.size() > bytesMax) {
    std::size_t end = bytesMax;
    while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xC0) == 0x80) --end;
    result.resize(end);
  }
  for (char& c : result) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) c = ' ';
  }
  return result;
}

// A request id comes out of a header, which may hold any bytes.
std::string copyRequestId(const ug_str& text, const char* name) {
  std::string result(bytesOf(text.ptr, text.len, kMessageBytesMax, name).substr(0, kNameBytesMax));
  for (char& c : result) {
    if (c < 0x20 || c == 0x7F) c = '?';
  }
  return result;
}

void checkJson(std::string_view text, std::size_t bytesMax, const char* name) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error, {base::limits::kJsonDepthMax, bytesMax})) {
    faultOut(std::string(name) + " is no strict JSON: " + error.message + " at byte " +
             std::to_string(error.offset));
  }
  if (!document.root().isObject()) faultOut(std::string(name) + " is no JSON object");
}

bool isHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Visible ASCII without the characters that end or confuse a URL part, percent signs well-formed.
void checkTarget(std::string_view text, std::string_view refused, const char* name) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= 0x20 || c >= 0x7F || refused.find(c) != std::string_view::npos) {
      faultOut(std::string(name) + " has a character that must be percent-encoded at " +
               std::to_string(i));
    }
    if (c == '%' && (i + 2 >= text.size() || !isHex(text[i + 1]) || !isHex(text[i + 2]))) {
      faultOut(std::string(name) + " has a bad percent escape at " + std::to_string(i));
    }
  }
}

// ".", "..", and their percent-encoded spellings: an HTTP client would resolve them away and reach
// another resource than the one that the path seems to name.
bool isDotSegment(std::string_view segment) {
  std::size_t dots = 0;
  while (!segment.empty()) {
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' &&
               (segment[2] == 'e' || segment[2] == 'E')) {
      segment.remove_prefix(3);
    } else {
      return false;
    }
    ++dots;
  }
  return dots == 1 || dots == 2;
}

void checkPath(std::string_view path) {
  if (path.empty() || path.front() != '/') faultOut("http.path does not start with '/'");
  checkTarget(path, "?#\\\"<>", "http.path");
  for (std::size_t from = 1; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    if (isDotSegment(path.substr(from, to - from))) faultOut("http.path has a dot segment");
    from = to + 1;
  }
}

void checkHeader(std::string_view name, std::string_view value) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  std::string lower;
  for (const char c : name) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alnum && kMarks.find(c) == std::string_view::npos) {
      faultOut("a header's name has a character that is not allowed");
    }
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (name.empty()) faultOut("a header has no name");
  if (isHostHeader(lower)) {
    faultOut("header " + lower + " belongs to the host");
  }
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F) {
      faultOut("header " + lower + " has a CR, LF or other control character in its value");
    }
  }
}

HeaderList readHeaders(const ug_http_request& http, const StepLimits& limits) {
  if (http.headers_count > limits.headersMax) {
    faultOut("http.headers_count is " + std::to_string(http.headers_count) + ", more than " +
             std::to_string(limits.headersMax));
  }
  if (http.headers_count > 0 && http.headers == nullptr) {
    faultOut("http.headers is null with headers_count " + std::to_string(http.headers_count));
  }
  HeaderList headers;
  headers.reserve(http.headers_count);
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < http.headers_count; ++i) {
    std::string name = copyText(http.headers[i].name, kNameBytesMax, "a header's name");
    std::string value = copyText(http.headers[i].value, limits.headerBytesMax, "a header's value");
    checkHeader(name, value);
    bytes += name.size() + value.size() + 4;
    if (bytes > limits.headerBytesMax) {
      faultOut("http.headers are larger than " + std::to_string(limits.headerBytesMax) + " bytes");
    }
    headers.emplace_back(std::move(name), std::move(value));
  }
  return headers;
}

std::string_view methodName(std::uint32_t method) {
  static constexpr std::array<std::string_view, 6> kNames = {"",    "GET",   "POST",
                                                             "PUT", "PATCH", "DELETE"};
  if (method == 0 || method >= kNames.size()) {
    faultOut("http.method " + std::to_string(method) + " is unknown");
  }
  return kNames[method];
}

HttpStep readHttp(const ug_step& step, const Manifest& manifest, const StepLimits& limits) {
  if (step.http == nullptr) faultOut("step kind is HTTP but step.http is null");
  const ug_http_request http = copyStruct(step.http, "ug_http_request");
  HttpStep result;
  result.method = methodName(http.method);
  result.endpoint = copyName(http.endpoint, "http.endpoint");
  if (manifest.findEndpoint(result.endpoint) == nullptr) {
    faultOut("http.endpoint \"" + result.endpoint + "\" is not in the manifest");
  }
  result.path = copyText(http.path, kTargetBytesMax, "http.path");
  checkPath(result.path);
  result.query = copyText(http.query, kTargetBytesMax, "http.query");
  checkTarget(result.query, "#\\\"<>", "http.query");
  result.headers = readHeaders(http, limits);
  result.body = bytesOf(http.body.ptr, http.body.len, limits.requestBodyBytesMax, "http.body");
  result.auth = copyName(http.auth, "http.auth");
  if (!result.auth.empty() && manifest.findAuthScheme(result.auth) == nullptr) {
    faultOut("http.auth \"" + result.auth + "\" is not in the manifest");
  }
  const std::uint32_t wanted = http.timeout_ms != 0 ? http.timeout_ms : manifest.limits.timeoutMs;
  result.timeoutMs = std::min(wanted, limits.timeoutMsMax);
  result.mayRetry = (http.flags & UG_HTTP_MAY_RETRY) != 0;
  if (http.redact_count > kRedactMax) faultOut("http.redact_count is more than 64");
  if (http.redact_count > 0 && http.redact == nullptr) faultOut("http.redact is null with a count");
  for (std::uint32_t i = 0; i < http.redact_count; ++i) {
    result.redact.push_back(copyName(http.redact[i], "http.redact"));
  }
  result.traceLabel = copyName(http.trace_label, "http.trace_label");
  return result;
}

FailStep readFail(const ug_step& step, const StepLimits& limits) {
  if (step.error == nullptr) faultOut("step kind is FAIL but step.error is null");
  const ug_error error = copyStruct(step.error, "ug_error");
  ErrorInfo info;
  info.category = categoryName(error.category);
  if (error.outcome <= UG_OUTCOME_NOT_EXECUTED) info.outcome = static_cast<Outcome>(error.outcome);
  if (error.retry <= UG_RETRY_NEW_REQUEST) info.retry = static_cast<RetryAdvice>(error.retry);
  info.retryAfterMs = error.retry_after_ms;
  info.httpStatus = error.http_status;
  if (info.httpStatus != 0 && (info.httpStatus < 100 || info.httpStatus > 599)) {
    faultOut("error.http_status is " + std::to_string(info.httpStatus));
  }
  info.providerCode = copyProviderText(error.provider_code, kNameBytesMax, "error.provider_code");
  info.declineCode = copyProviderText(error.decline_code, kNameBytesMax, "error.decline_code");
  info.providerMessage =
      copyProviderText(error.provider_message, kMessageBytesMax, "error.provider_message");
  info.field = copyProviderText(error.field, kNameBytesMax, "error.field");
  info.providerRequestId = copyRequestId(error.provider_request_id, "error.provider_request_id");
  info.resourceJson = copyText(error.resource_json, limits.resultBytesMax, "error.resource_json");
  if (!info.resourceJson.empty()) {
    checkJson(info.resourceJson, limits.resultBytesMax, "error.resource_json");
  }
  return FailStep{std::move(info)};
}

DoneStep readDone(const ug_step& step, const StepLimits& limits) {
  DoneStep done;
  done.resultJson = bytesOf(step.result_json.ptr, step.result_json.len, limits.resultBytesMax,
                            "step.result_json");
  done.providerRequestId = copyRequestId(step.provider_request_id, "step.provider_request_id");
  return done;
}

}  // namespace

Step readStep(const ug_step& step, const Manifest& manifest, const StepLimits& limits) {
  try {
    switch (step.kind) {
      case UG_STEP_HTTP:
        return readHttp(step, manifest, limits);
      case UG_STEP_DONE:
        return readDone(step, limits);
      case UG_STEP_FAIL:
        return readFail(step, limits);
      case UG_STEP_NONE:
        return FaultStep{"returned UG_OK without a step", 0};
      default:
        return FaultStep{"step kind " + std::to_string(step.kind) + " is not in the host's mask",
                         0};
    }
  } catch (const Fault& fault) {
    return FaultStep{fault.reason, 0};
  }
}

std::optional<std::string> findTargetFault(std::string_view path, std::string_view query) {
  try {
    checkPath(path);
    checkTarget(query, "#\\\"<>", "query");
    if (path.size() + query.size() > kTargetBytesMax) faultOut("path and query are too long");
    return std::nullopt;
  } catch (const Fault& fault) {
    return fault.reason;
  }
}

}  // namespace unigate::plugin_host
