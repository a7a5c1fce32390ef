// Calls a plugin the way the gateway does, through the C ABI, and copies what it says into plain
// values. Used by the unit tests of the adapters.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unigate::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct SeenRequest {
  std::string method;  // "POST"
  std::string endpoint;
  std::string path;
  std::string query;
  Headers headers;
  std::string body;
  std::string auth;
  bool mayRetry = false;

  // The first header of that name; case matters not.
  std::optional<std::string> header(std::string_view name) const;
};

struct SeenError {
  std::uint32_t category = 0;
  std::uint32_t outcome = 0;
  std::uint32_t retry = 0;
  std::uint32_t retryAfterMs = 0;
  std::uint32_t httpStatus = 0;
  std::string providerCode;
  std::string declineCode;
  std::string message;
  std::string field;
  std::string requestId;
  std::string resourceJson;
};

// What a step said. `kind` is UG_STEP_*; `result` is what the function returned.
struct SeenStep {
  std::int32_t result = UG_OK;
  std::uint32_t kind = UG_STEP_NONE;
  SeenRequest request;
  std::string resultJson;
  std::string requestId;
  SeenError error;
};

struct BeginOptions {
  std::string idempotencyKey = "op_0123456789abcdef";
  std::uint32_t mode = UG_MODE_TEST;
  std::uint32_t attempt = 1;
  std::uint32_t recovering = UG_RECOVERING_NO;
  std::int64_t nowUnixMs = 1'785'000'000'000;
};

// A host with the limits of the gateway; lives until the process ends.
const ug_host* testHost();

// One account of a plugin, and at most one open call at a time.
class Driver {
 public:
  explicit Driver(const ug_plugin* plugin, std::string_view settingsJson = "{}");
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Ends an open call and begins another.
  SeenStep begin(std::string_view operation, std::string_view inputJson,
                 const BeginOptions& options = {});
  SeenStep respond(std::uint32_t status, std::string_view body, const Headers& headers = {});
  // `failure` is UG_HTTP_FAILED_*.
  SeenStep fail(std::uint32_t failure);
  void end();

  ug_instance* instance() const { return instance_; }

 private:
  SeenStep resume(const ug_event& event);

  const ug_plugin* plugin_;
  ug_instance* instance_ = nullptr;
  ug_call* call_ = nullptr;
};

}  // namespace unigate::testing
