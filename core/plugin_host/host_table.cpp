#include "plugin_host/host_table.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>

#include "base/card_guard.hpp"
#include "base/text.hpp"

namespace unigate::plugin_host {
namespace {

constexpr std::size_t kLineCharsMax = 1024;
constexpr std::uint64_t kMessageBytesMax = 64 * 1024;

struct Table {
  ug_host host{};  // first, so that a ug_host* is a Table*
  ug_limits limits{};
  std::string product;
  std::string pluginId;
  std::mutex mutex;
  PluginLog log;
  std::string lastLine;
};

Table& tableOf(const ug_host* host) {
  return *const_cast<Table*>(reinterpret_cast<const Table*>(host));
}

void logLine(const ug_host* host, std::uint32_t level, ug_str message) noexcept {
  if (host == nullptr || (message.ptr == nullptr && message.len > 0)) return;
  try {
    const std::string_view text(message.ptr,
                                static_cast<std::size_t>(std::min(message.len, kMessageBytesMax)));
    const std::string line = base::printable(base::maskCardNumbers(text), kLineCharsMax);
    Table& table = tableOf(host);
    const std::lock_guard lock(table.mutex);
    table.lastLine = line;
    if (table.log) table.log(table.pluginId, std::min(level, UG_LOG_ERROR), line);
  } catch (...) {
    // A log line that can't be written is lost; the plugin must not see an exception.
    return;
  }
}

// The host offers no extension of its own in this minor.
const void* noExtension(const ug_host*, ug_str) noexcept {
  return nullptr;
}

}  // namespace

const ug_host* makeHostTable(const HostTableSettings& settings) {
  // Tables are never freed: a plugin may keep the pointer for as long as the process runs.
  static std::mutex mutex;
  static auto* const tables = new std::deque<std::unique_ptr<Table>>();
  auto table = std::make_unique<Table>();
  table->product = settings.product;
  table->pluginId = settings.pluginId;
  table->log = settings.log;
  const StepLimits& limits = settings.limits;
  table->limits = {.struct_size = sizeof(ug_limits),
                   .steps_max = limits.stepsMax,
                   .request_body_bytes_max = limits.requestBodyBytesMax,
                   .response_body_bytes_max = limits.responseBodyBytesMax,
                   .result_bytes_max = limits.resultBytesMax,
                   .headers_max = limits.headersMax,
                   .timeout_ms_max = limits.timeoutMsMax};
  table->host = {.struct_size = sizeof(ug_host),
                 .abi_minor = UG_ABI_MINOR,
                 .step_kinds = (1u << UG_STEP_HTTP) | (1u << UG_STEP_DONE) | (1u << UG_STEP_FAIL),
                 .limits = &table->limits,
                 .product = {table->product.data(), table->product.size()},
                 .log = logLine,
                 .get_extension = noExtension};
  const ug_host* host = &table->host;
  const std::lock_guard lock(mutex);
  tables->push_back(std::move(table));
  return host;
}

std::string lastLogLine(const ug_host* host) {
  Table& table = tableOf(host);
  const std::lock_guard lock(table.mutex);
  return table.lastLine;
}

void muteHostTable(const ug_host* host) {
  Table& table = tableOf(host);
  const std::lock_guard lock(table.mutex);
  table.log = nullptr;
}

}  // namespace unigate::plugin_host
