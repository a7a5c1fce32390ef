#include "plugin_host/check/raw_call.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <unigate/json.hpp>

#include "plugin_host/check/child.hpp"
#include "plugin_host/step_reader.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr std::uint8_t kPoison = 0xA5;
constexpr std::size_t kNewerBytes = 64;  // how much larger a newer host's structs are
constexpr std::int64_t kNowUnixMs = 1'785'000'000'000;

std::size_t pageBytes() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

HandedMemory::~HandedMemory() {
  for (const auto& [address, size] : pages_) ::munmap(address, size);
}

std::uint8_t* HandedMemory::allocate(std::size_t size) {
  // A block of exactly that size, so that a sanitizer sees the first byte read behind it.
  blocks_.push_back(std::make_unique<std::vector<std::uint8_t>>(size));
  std::uint8_t* const place = blocks_.back()->data();
  poisonable_.emplace_back(place, size);
  return place;
}

ug_bytes HandedMemory::bytes(std::string_view bytes) {
  if (bytes.empty()) return {nullptr, 0};
  std::uint8_t* const place = allocate(bytes.size());
  std::memcpy(place, bytes.data(), bytes.size());
  return {place, bytes.size()};
}

ug_str HandedMemory::text(std::string_view text) {
  const ug_bytes copy = bytes(text);
  return {reinterpret_cast<const char*>(copy.ptr), copy.len};
}

ug_header* HandedMemory::headers(const HeaderList& list) {
  if (list.empty()) return nullptr;
  auto* const place = reinterpret_cast<ug_header*>(allocate(list.size() * sizeof(ug_header)));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ug_header header{text(list[i].first), text(list[i].second)};
    std::memcpy(place + i, &header, sizeof(header));
  }
  return place;
}

void* HandedMemory::makeStruct(const void* value, std::size_t size) {
  std::uint8_t* place = nullptr;
  auto claimed = static_cast<std::uint32_t>(size);
  if (options_.guardPages) {
    const std::size_t page = pageBytes();
    void* const region =
        ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region == MAP_FAILED) throw std::bad_alloc();
    pages_.emplace_back(region, 2 * page);
    ::mprotect(static_cast<std::uint8_t*>(region) + page, page, PROT_NONE);
    place = static_cast<std::uint8_t*>(region) + page - size;
    poisonable_.emplace_back(place, size);
  } else if (options_.newerHost) {
    place = allocate(size + kNewerBytes);
    std::memset(place + size, 0xFF, kNewerBytes);
    claimed += static_cast<std::uint32_t>(kNewerBytes);
  } else {
    place = allocate(size);
  }
  std::memcpy(place, value, size);
  std::memcpy(place, &claimed, sizeof(claimed));
  return place;
}

void HandedMemory::poison() {
  if (!options_.poison) return;
  for (const auto& [address, size] : poisonable_) std::memset(address, kPoison, size);
}

RawCall::RawCall(const Plugin& plugin, ug_instance* instance, const RawOptions& options)
    : plugin_(plugin), instance_(instance), options_(options) {}

RawCall::~RawCall() {
  end();
}

ug_step* RawCall::emptyStep() {
  // The step is the plugin's to write: it lives apart, so that the poison spares it.
  handed_.push_back(std::make_unique<HandedMemory>(RawOptions{false, options_.guardPages, false}));
  ug_step step{};
  return handed_.back()->make(step);
}

Step RawCall::begin(const Case& how) {
  noteProgress();
  operation_ = how.operation;
  ug_step* const step = emptyStep();
  handed_.push_back(std::make_unique<HandedMemory>(options_));
  HandedMemory& memory = *handed_.back();
  ug_begin begin{};
  begin.mode = static_cast<std::uint32_t>(how.mode);
  begin.operation = memory.text(how.operation);
  begin.input_json = memory.text(how.inputJson);
  begin.idempotency_key = memory.text(how.idempotencyKey);
  begin.attempt = how.attempt;
  begin.recovering = static_cast<std::uint32_t>(how.recovering);
  begin.now_unix_ms = kNowUnixMs;
  begin.deadline_unix_ms = kNowUnixMs + 30'000;
  const std::int32_t code = plugin_.table()->begin(instance_, memory.make(begin), &call_, step);
  memory.poison();
  if (code != UG_OK) {
    call_ = nullptr;
    return FaultStep{"begin returned " + std::to_string(code), 0};
  }
  if (call_ == nullptr) return FaultStep{"begin returned UG_OK without a call", 0};
  return take(code, step, "begin");
}

Step RawCall::resume(const HttpEvent& event) {
  noteProgress();
  ug_step* const step = emptyStep();
  handed_.push_back(std::make_unique<HandedMemory>(options_));
  HandedMemory& memory = *handed_.back();
  ug_event theirs{};
  theirs.kind = UG_EVENT_HTTP_FAILED;
  theirs.now_unix_ms = event.nowUnixMs;
  if (event.kind == HttpEvent::Kind::response) {
    theirs.kind = UG_EVENT_HTTP_RESPONSE;
    theirs.status = event.status;
    theirs.headers = memory.headers(event.headers);
    theirs.headers_count = static_cast<std::uint32_t>(event.headers.size());
    theirs.body = memory.bytes(event.body);
  } else {
    theirs.failure =
        event.kind == HttpEvent::Kind::notSent ? UG_HTTP_FAILED_NOT_SENT : UG_HTTP_FAILED_NO_ANSWER;
  }
  const std::int32_t code = plugin_.table()->resume(call_, memory.make(theirs), step);
  memory.poison();
  return take(code, step, "resume");
}

Step RawCall::take(std::int32_t code, const ug_step* theirs, const char* function) {
  if (code != UG_OK)
    return FaultStep{std::string(function) + " returned " + std::to_string(code), 0};
  if (++steps_ > plugin_.limits().stepsMax) return FaultStep{"too many steps in one call", 0};
  Step step = readStep(*theirs, plugin_.manifest(), plugin_.limits());
  if (const auto* done = std::get_if<DoneStep>(&step)) {
    if (auto fault = plugin_.findOutputFault(operation_, done->resultJson))
      return FaultStep{*fault, 0};
  }
  return step;
}

void RawCall::end() {
  if (call_ != nullptr) plugin_.table()->end(call_);
  call_ = nullptr;
  handed_.clear();
}

RawInstance::RawInstance(const Plugin& plugin, Mode mode, const std::string& settingsJson,
                         const RawOptions& options)
    : plugin_(plugin) {
  HandedMemory memory(options);
  ug_instance_config config{};
  config.mode = static_cast<std::uint32_t>(mode);
  config.settings_json = memory.text(settingsJson);
  const std::int32_t code = plugin.table()->create(memory.make(config), &handle_);
  memory.poison();
  if (code != UG_OK) trouble_ = "create returned " + std::to_string(code);
  if (code == UG_OK && handle_ == nullptr) trouble_ = "create gave no instance";
  if (code != UG_OK) handle_ = nullptr;
}

RawInstance::~RawInstance() {
  if (handle_ != nullptr) plugin_.table()->destroy(handle_);
}

std::string describe(const Step& step) {
  json::Writer out;
  out.beginObject();
  if (const auto* http = std::get_if<HttpStep>(&step)) {
    out.member("method", http->method).member("endpoint", http->endpoint);
    out.member("path", http->path).member("query", http->query).member("body", http->body);
    out.member("auth", http->auth).member("timeout_ms", http->timeoutMs);
    out.member("may_retry", http->mayRetry).member("label", http->traceLabel);
    out.key("headers").beginArray();
    for (const auto& [name, value] : http->headers) out.value(name).value(value);
    out.endArray().key("redact").beginArray();
    for (const auto& item : http->redact) out.value(item);
    out.endArray();
  } else if (const auto* done = std::get_if<DoneStep>(&step)) {
    out.member("result", done->resultJson).member("request_id", done->providerRequestId);
  } else if (const auto* fail = std::get_if<FailStep>(&step)) {
    const ErrorInfo& error = fail->error;
    out.member("category", error.category).member("outcome", toText(error.outcome));
    out.member("retry", toText(error.retry)).member("after_ms", error.retryAfterMs);
    out.member("status", error.httpStatus).member("code", error.providerCode);
    out.member("decline", error.declineCode).member("message", error.providerMessage);
    out.member("field", error.field).member("request_id", error.providerRequestId);
    out.member("resource", error.resourceJson);
  } else {
    out.member("fault", std::get<FaultStep>(step).reason);
  }
  return out.endObject().take();
}

}  // namespace unigate::plugin_host::check
