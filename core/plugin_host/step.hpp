// What a plugin wants next, as the host's own copy: nothing in it points into the plugin. Returned
// by PluginCall; read by the gateway's operation driver.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace unigate::plugin_host {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Send this request and resume with what came back. Everything is checked: the path starts with
// '/', has no dot segments and is percent-encoded, headers carry no CR, LF or NUL and none of those
// that belong to the host (Host, Content-Length, Transfer-Encoding, Connection, Authorization,
// ...), endpoint and auth stand in the manifest.
struct HttpStep {
  std::string method;    // "GET", "POST", "PUT", "PATCH" or "DELETE"
  std::string endpoint;  // name in the manifest
  std::string path;
  std::string query;  // without '?', may be empty
  HeaderList headers;
  std::string body;
  std::string auth;  // name of an auth scheme of the manifest; empty: none
  std::uint32_t timeoutMs =
      0;                  // never 0: the manifest's default where the plugin gave none, capped
  bool mayRetry = false;  // the host may send it again by itself when nothing was answered
  std::vector<std::string> redact;  // JSON pointers or form keys whose values never reach a log
  std::string traceLabel;
};

// The operation is done. `resultJson` is strict JSON that fits the operation's output schema.
struct DoneStep {
  std::string resultJson;
  std::string providerRequestId;
};

enum class Outcome : std::uint32_t { unknown = 0, declined = 1, notExecuted = 2 };
enum class RetryAdvice : std::uint32_t { never = 0, sameKey = 1, newRequest = 2 };

std::string_view toText(Outcome outcome);     // "unknown", "declined", "not_executed"
std::string_view toText(RetryAdvice advice);  // "never", "same_key", "new_request"

struct ErrorInfo {
  std::string category = "unspecified";  // "card_declined", ...: the names of the ABI in lower case
  Outcome outcome = Outcome::unknown;
  RetryAdvice retry = RetryAdvice::never;
  std::uint32_t retryAfterMs = 0;  // 0: no advice
  std::uint32_t httpStatus = 0;    // of the provider's answer; 0: none
  std::string providerCode;
  std::string declineCode;
  std::string providerMessage;
  std::string field;  // the unified field at fault
  std::string providerRequestId;
  std::string resourceJson;  // strict JSON or empty
};

// The provider, or the host before any request, said no.
struct FailStep {
  ErrorInfo error;
};

// The plugin broke its contract; the call is over. When a request of this call was sent before, the
// operation's outcome is UNKNOWN: treat it as a lost answer, never as a failure. `requestsBefore`
// counts the HTTP steps that were handed out.
struct FaultStep {
  std::string reason;
  std::uint32_t requestsBefore = 0;
};

using Step = std::variant<HttpStep, DoneStep, FailStep, FaultStep>;

// What became of an HTTP step.
struct HttpEvent {
  enum class Kind { response, notSent, noAnswer };
  Kind kind = Kind::response;
  std::uint32_t status = 0;  // response: 100-599
  HeaderList headers;
  std::string body;
  std::int64_t nowUnixMs = 0;
};

// Name of a UG_CATEGORY_* number; one that this host does not know reads as "provider_error".
std::string_view categoryName(std::uint32_t category);

}  // namespace unigate::plugin_host
