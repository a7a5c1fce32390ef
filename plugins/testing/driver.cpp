#include "testing/driver.hpp"

#include <algorithm>
#include <stdexcept>
#include <unigate/abi.hpp>
#include <unigate/http.hpp>

namespace unigate::testing {

namespace {

using sdk::abi::bytes;
using sdk::abi::str;
using sdk::abi::view;

std::string text(const ug_str& from) {
  return std::string(view(from));
}

std::string methodName(std::uint32_t method) {
  constexpr const char* kNames[] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};
  return method < std::size(kNames) ? kNames[method] : "?";
}

SeenRequest copyRequest(const ug_http_request& from) {
  SeenRequest request;
  request.method = methodName(from.method);
  request.endpoint = text(from.endpoint);
  request.path = text(from.path);
  request.query = text(from.query);
  for (std::uint32_t i = 0; i < from.headers_count; ++i) {
    request.headers.emplace_back(text(from.headers[i].name), text(from.headers[i].value));
  }
  request.body = std::string(view(from.body));
  request.auth = text(from.auth);
  request.mayRetry = (from.flags & UG_HTTP_MAY_RETRY) != 0;
  return request;
}

SeenError copyError(const ug_error& from) {
  SeenError error;
  error.category = from.category;
  error.outcome = from.outcome;
  error.retry = from.retry;
  error.retryAfterMs = from.retry_after_ms;
  error.httpStatus = from.http_status;
  error.providerCode = text(from.provider_code);
  error.declineCode = text(from.decline_code);
  error.message = text(from.provider_message);
  error.field = text(from.field);
  error.requestId = text(from.provider_request_id);
  error.resourceJson = text(from.resource_json);
  return error;
}

SeenStep copyStep(std::int32_t result, const ug_step& from) {
  SeenStep seen;
  seen.result = result;
  if (result != UG_OK) return seen;
  seen.kind = from.kind;
  if (from.kind == UG_STEP_HTTP) seen.request = copyRequest(*from.http);
  if (from.kind == UG_STEP_FAIL) seen.error = copyError(*from.error);
  if (from.kind == UG_STEP_DONE) {
    seen.resultJson = text(from.result_json);
    seen.requestId = text(from.provider_request_id);
  }
  return seen;
}

ug_step emptyStep() {
  ug_step step{};
  step.struct_size = sizeof step;
  return step;
}

void ignoreLog(const ug_host*, std::uint32_t, ug_str) {}
const void* noExtension(const ug_host*, ug_str) {
  return nullptr;
}

}  // namespace

std::optional<std::string> SeenRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (sdk::equalsIgnoringCase(key, name)) return value;
  }
  return std::nullopt;
}

const ug_host* testHost() {
  static const ug_limits limits = {sizeof(ug_limits), 16, 1 << 20, 1 << 20, 1 << 20, 64, 60'000};
  static const ug_host host = {
      sizeof(ug_host),
      UG_ABI_MINOR,
      (1ull << UG_STEP_HTTP) | (1ull << UG_STEP_DONE) | (1ull << UG_STEP_FAIL),
      &limits,
      str("unigate/test"),
      ignoreLog,
      noExtension};
  return &host;
}

Driver::Driver(const ug_plugin* plugin, std::string_view settingsJson) : plugin_(plugin) {
  ug_instance_config config{};
  config.struct_size = sizeof config;
  config.mode = UG_MODE_TEST;
  config.settings_json = str(settingsJson);
  if (plugin_->create(&config, &instance_) != UG_OK) throw std::runtime_error("create failed");
}

Driver::~Driver() {
  end();
  plugin_->destroy(instance_);
}

SeenStep Driver::begin(std::string_view operation, std::string_view inputJson,
                       const BeginOptions& options) {
  end();
  ug_begin begin{};
  begin.struct_size = sizeof begin;
  begin.mode = options.mode;
  begin.operation = str(operation);
  begin.input_json = str(inputJson);
  begin.idempotency_key = str(options.idempotencyKey);
  begin.attempt = options.attempt;
  begin.recovering = options.recovering;
  begin.now_unix_ms = options.nowUnixMs;
  begin.deadline_unix_ms = options.nowUnixMs + 30'000;
  ug_step step = emptyStep();
  const std::int32_t result = plugin_->begin(instance_, &begin, &call_, &step);
  return copyStep(result, step);
}

SeenStep Driver::respond(std::uint32_t status, std::string_view body, const Headers& headers) {
  std::vector<ug_header> raw;
  for (const auto& [name, value] : headers) raw.push_back({str(name), str(value)});
  ug_event event{};
  event.kind = UG_EVENT_HTTP_RESPONSE;
  event.status = status;
  event.headers = raw.data();
  event.headers_count = static_cast<std::uint32_t>(raw.size());
  event.body = bytes(body);
  return resume(event);
}

SeenStep Driver::fail(std::uint32_t failure) {
  ug_event event{};
  event.kind = UG_EVENT_HTTP_FAILED;
  event.failure = failure;
  return resume(event);
}

SeenStep Driver::resume(const ug_event& event) {
  if (call_ == nullptr) throw std::runtime_error("no call is open");
  ug_event sized = event;
  sized.struct_size = sizeof sized;
  sized.now_unix_ms = 1'785'000'001'000;
  ug_step step = emptyStep();
  const std::int32_t result = plugin_->resume(call_, &sized, &step);
  return copyStep(result, step);
}

void Driver::end() {
  if (call_ != nullptr) plugin_->end(call_);
  call_ = nullptr;
}

}  // namespace unigate::testing
