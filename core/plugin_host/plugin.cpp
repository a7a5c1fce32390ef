#include "plugin_host/plugin.hpp"

#include <unigate/plugin.h>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>

#include "base/json_schema.hpp"
#include "base/text.hpp"
#include "plugin_host/schemas.hpp"
#include "plugin_host/step_reader.hpp"

namespace unigate::plugin_host {
namespace {

struct CompiledOperation {
  base::JsonSchema input;
  base::JsonSchema output;
};

tl::expected<base::JsonSchema, std::string> compileSide(const Operation& operation,
                                                        const std::string& schema,
                                                        std::string_view side) {
  const std::string where = "operations." + operation.name + "." + std::string(side);
  if (schema != kUnifiedSchema) {
    auto compiled = base::JsonSchema::compile(schema);
    if (!compiled) return tl::unexpected(where + ": " + compiled.error());
    return compiled;
  }
  auto compiled = unifiedSchema(operation.name, side);
  if (!compiled)
    return tl::unexpected(where + ": " + compiled.error() + "; give the schema inline");
  return compiled;
}

base::Problem contractProblem(const std::string& id, const std::string& reason) {
  return {500, "plugin_fault", "plugin " + id + " broke its contract: " + reason, {}, false, 0, {}};
}

}  // namespace

struct Plugin::Schemas {
  std::map<std::string, CompiledOperation, std::less<>> operations;
};

struct Plugin::FaultLog {
  mutable std::mutex mutex;
  std::deque<std::int64_t> timesUs;  // of the faults inside the window
  std::uint64_t total = 0;
  std::string reason;
  std::atomic<bool> quarantined{false};
};

Plugin::Plugin(const ug_plugin* table, Manifest manifest, const Settings& settings)
    : table_(table),
      manifest_(std::move(manifest)),
      settings_(settings),
      schemas_(std::make_unique<Schemas>()),
      faults_(std::make_unique<FaultLog>()) {}

Plugin::~Plugin() = default;

tl::expected<std::shared_ptr<Plugin>, std::string> Plugin::make(const ug_plugin* table,
                                                                Manifest manifest,
                                                                const Settings& settings) {
  const std::shared_ptr<Plugin> plugin(new Plugin(table, std::move(manifest), settings));
  for (const Operation& operation : plugin->manifest_.operations) {
    auto input = compileSide(operation, operation.inputSchema, "input");
    if (!input) return tl::unexpected(std::move(input.error()));
    auto output = compileSide(operation, operation.outputSchema, "output");
    if (!output) return tl::unexpected(std::move(output.error()));
    plugin->schemas_->operations.emplace(operation.name,
                                         CompiledOperation{std::move(*input), std::move(*output)});
  }
  return plugin;
}

base::Result<std::shared_ptr<Instance>> Plugin::createInstance(Mode mode,
                                                               std::string_view settingsJson) {
  if (auto reason = quarantineReason()) {
    return base::fail(503, "provider_quarantined",
                      "provider " + id() + " is out of service: " + *reason);
  }
  json::Document settings;
  json::ReadError error;
  if (!settings.parse(settingsJson, error) || !settings.root().isObject()) {
    return base::fail(400, "invalid_settings", "the account's settings are no JSON object",
                      "settings");
  }
  for (const json::Member& member : settings.root().members()) {
    const std::string field = base::printable(member.name);
    const Credential* credential = manifest_.findCredential(member.name);
    if (credential == nullptr || credential->secret) {
      return base::fail(400, "invalid_settings",
                        field + " is no public credential field of " + id() +
                            (credential != nullptr ? ": a secret never enters a plugin" : ""),
                        field);
    }
    if (!member.value.isString()) {
      return base::fail(400, "invalid_settings", field + " must be a string", field);
    }
  }
  ug_instance_config config{};
  config.struct_size = sizeof(config);
  config.mode = static_cast<std::uint32_t>(mode);
  config.settings_json = toUgStr(settingsJson);
  ug_instance* handle = nullptr;
  std::string reason;
  try {
    const std::int32_t code = table_->create(&config, &handle);
    if (code != UG_OK) reason = "create returned " + std::to_string(code);
    if (code == UG_OK && handle == nullptr) reason = "create gave no instance";
  } catch (...) {
    reason = "create threw an exception";
  }
  if (!reason.empty()) {
    countFault(reason);
    return base::fail(contractProblem(id(), reason));
  }
  return std::make_shared<Instance>(shared_from_this(), handle, mode);
}

base::Status Plugin::checkInput(std::string_view operation, const json::View& input) const {
  const auto found = schemas_->operations.find(operation);
  if (found == schemas_->operations.end()) {
    return base::fail(404, "unknown_operation",
                      id() + " has no operation " + base::printable(operation), "operation");
  }
  if (auto fault = found->second.input.firstFault(input)) {
    return base::fail(400, "invalid_request", fault->text(), fault->path);
  }
  return {};
}

base::Status Plugin::checkInput(std::string_view operation, std::string_view inputJson) const {
  json::Document input;
  json::ReadError error;
  if (!input.parse(inputJson, error, {base::limits::kJsonDepthMax, base::limits::kBodyBytesMax})) {
    return base::fail(400, "invalid_json",
                      "the input is no strict JSON: " + error.message + " at byte " +
                          std::to_string(error.offset));
  }
  return checkInput(operation, input.root());
}

std::optional<std::string> Plugin::findOutputFault(std::string_view operation,
                                                   std::string_view resultJson) const {
  const auto found = schemas_->operations.find(operation);
  if (found == schemas_->operations.end()) return "unknown operation";
  json::Document result;
  json::ReadError error;
  if (!result.parse(resultJson, error,
                    {base::limits::kJsonDepthMax, settings_.limits.resultBytesMax})) {
    return "the result is no strict JSON: " + error.message + " at byte " +
           std::to_string(error.offset);
  }
  if (auto fault = found->second.output.firstFault(result.root())) {
    return "the result does not fit the output schema: " + fault->text();
  }
  return std::nullopt;
}

const void* Plugin::extension(std::string_view extensionId) const {
  constexpr std::string_view kDraft = "draft.";
  if (!settings_.allowDrafts && extensionId.substr(0, kDraft.size()) == kDraft) return nullptr;
  try {
    return table_->get_extension(toUgStr(extensionId));
  } catch (...) {
    return nullptr;
  }
}

void Plugin::countFault(std::string_view reason) {
  const std::int64_t now = settings_.clock->monotonicUs();
  FaultLog& log = *faults_;
  const std::lock_guard lock(log.mutex);
  ++log.total;
  log.timesUs.push_back(now);
  while (log.timesUs.front() <= now - settings_.faultWindowUs) log.timesUs.pop_front();
  if (log.quarantined || log.timesUs.size() < settings_.faultsBeforeQuarantine) return;
  log.reason = "quarantined after " + std::to_string(log.timesUs.size()) + " broken contracts in " +
               std::to_string(settings_.faultWindowUs / 1'000'000) +
               " s; the last: " + std::string(reason);
  log.quarantined = true;
}

std::uint64_t Plugin::faults() const {
  const std::lock_guard lock(faults_->mutex);
  return faults_->total;
}

std::optional<std::string> Plugin::quarantineReason() const {
  if (!faults_->quarantined) return std::nullopt;
  const std::lock_guard lock(faults_->mutex);
  return faults_->reason;
}

Instance::~Instance() {
  try {
    plugin_->table()->destroy(handle_);
  } catch (...) {
    plugin_->countFault("destroy threw an exception");
  }
}

}  // namespace unigate::plugin_host
