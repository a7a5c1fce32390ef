#include "plugin_host/check/subject.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "plugin_host/check/input_generator.hpp"
#include "plugin_host/sample_settings.hpp"
#include "plugin_host/schemas.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr const char* kCheckKey = "check_0123456789ab";

std::mutex& logMutex() {
  static std::mutex mutex;
  return mutex;
}

std::vector<std::string>& logStore() {
  static std::vector<std::string> lines;
  return lines;
}

void keepLine(const ug_host*, std::uint32_t, ug_str message) noexcept {
  const std::lock_guard lock(logMutex());
  logStore().emplace_back(message.ptr != nullptr ? message.ptr : "",
                          message.ptr != nullptr ? static_cast<std::size_t>(message.len) : 0);
}

const void* noExtension(const ug_host*, ug_str) noexcept {
  return nullptr;
}

// Host table and limits of exactly ABI 1.0's size, each at the end of a page: a plugin that reads
// what an older host does not have ends in a crash, which is a failed test.
const ug_host* makeGuardedHost() {
  static HandedMemory memory(RawOptions{false, true, false});
  static const std::string product = "unigate-check/1";
  const StepLimits ours;
  ug_limits limits{};
  limits.steps_max = ours.stepsMax;
  limits.request_body_bytes_max = ours.requestBodyBytesMax;
  limits.response_body_bytes_max = ours.responseBodyBytesMax;
  limits.result_bytes_max = ours.resultBytesMax;
  limits.headers_max = ours.headersMax;
  limits.timeout_ms_max = ours.timeoutMsMax;
  ug_host host{};
  host.abi_minor = 0;
  host.step_kinds = (1u << UG_STEP_HTTP) | (1u << UG_STEP_DONE) | (1u << UG_STEP_FAIL);
  host.limits = memory.make(limits);
  host.product = {product.data(), product.size()};
  host.log = keepLine;
  host.get_extension = noExtension;
  return memory.make(host);
}

std::optional<std::string> inputSchemaOf(const Operation& operation) {
  if (operation.inputSchema != kUnifiedSchema) return operation.inputSchema;
  auto schema = unifiedSchemaOf(operation.name, "input");
  if (!schema) return std::nullopt;
  return *schema;
}

// A case for an operation that no transcript covers.
std::optional<Case> generateCase(const Manifest& manifest, const Operation& operation) {
  const auto schema = inputSchemaOf(operation);
  const auto input = schema ? generateInput(*schema) : std::nullopt;
  if (!input) return std::nullopt;
  Case made;
  made.name = "generated";
  made.operation = operation.name;
  made.inputJson = *input;
  made.generated = true;
  made.settingsJson = sampleSettings(manifest, "").value_or("{}");
  if (!operation.readOnly) made.idempotencyKey = kCheckKey;
  return made;
}

}  // namespace

tl::expected<Plan, std::string> makePlan(const std::string& library, const std::string& transcripts,
                                         std::uint64_t seed) {
  auto file = checkFile(std::filesystem::absolute(library), Trust::anyOwner);
  if (!file) return tl::unexpected(std::move(file.error()));
  Plan plan;
  plan.seed = seed;
  std::filesystem::path directory = transcripts;
  std::error_code error;
  if (directory.empty()) {
    const auto beside = std::filesystem::path(library).parent_path() / "transcripts";
    if (std::filesystem::is_directory(beside, error)) directory = beside;
  }
  if (!directory.empty()) {
    auto cases = loadTranscripts(directory);
    if (!cases) return tl::unexpected(std::move(cases.error()));
    plan.cases = std::move(*cases);
  }
  for (const Operation& operation : file->manifest.operations) {
    const bool covered = std::any_of(plan.cases.begin(), plan.cases.end(), [&](const Case& how) {
      return how.operation == operation.name;
    });
    if (covered) continue;
    if (auto made = generateCase(file->manifest, operation)) {
      plan.cases.push_back(std::move(*made));
      plan.skips.push_back(operation.name + " has no transcript: driven with a made-up input only");
    } else {
      plan.skips.push_back(operation.name +
                           " has no transcript and no input can be made up: not driven");
    }
  }
  plan.file = std::move(*file);
  return plan;
}

tl::expected<std::unique_ptr<Subject>, std::string> Subject::load(const Plan& plan) {
  std::unique_ptr<Subject> subject(new Subject(plan));
  const auto lastLine = [] { return logStore().empty() ? std::string() : logStore().back(); };
  auto table = enterLibrary(plan.file, makeGuardedHost(), lastLine);
  if (!table) return tl::unexpected(std::move(table.error()));
  Plugin::Settings settings;
  settings.clock = &subject->clock_;
  auto plugin = Plugin::make(*table, plan.file.manifest, settings);
  if (!plugin) return tl::unexpected(std::move(plugin.error()));
  subject->plugin_ = std::move(*plugin);
  return subject;
}

std::vector<std::string> Subject::logLines() const {
  const std::lock_guard lock(logMutex());
  return logStore();
}

bool Subject::readOnly(const Case& how) const {
  const Operation* operation = manifest().findOperation(how.operation);
  return operation != nullptr && operation->readOnly;
}

std::vector<const Case*> Subject::deepCases(std::size_t casesMax) const {
  std::map<std::string, std::vector<const Case*>> byOperation;
  for (const Case& how : plan_.cases) byOperation[how.operation].push_back(&how);
  std::vector<const Case*> result;
  for (auto& [operation, cases] : byOperation) {
    // Those that come to a result first, for they hold the richest answers; then the longest.
    std::stable_sort(cases.begin(), cases.end(), [](const Case* a, const Case* b) {
      if (a->resultJson.empty() != b->resultJson.empty()) return b->resultJson.empty();
      return a->exchange.size() > b->exchange.size();
    });
    if (cases.size() > casesMax) cases.resize(casesMax);
    result.insert(result.end(), cases.begin(), cases.end());
  }
  return result;
}

Run playCase(const Plugin& plugin, ug_instance* instance, const Case& how,
             const RawOptions& options, std::size_t exchangesMax) {
  Run run;
  RawCall call(plugin, instance, options);
  run.steps.push_back(call.begin(how));
  for (std::size_t i = 0; i < std::min(how.exchange.size(), exchangesMax); ++i) {
    if (!std::holds_alternative<HttpStep>(run.last())) break;
    run.steps.push_back(call.resume(how.exchange[i].event));
  }
  call.end();
  for (const Step& step : run.steps) run.text += describe(step) + "\n";
  return run;
}

std::string nameOf(const Case& how) {
  return how.operation + " (" + how.name + ")";
}

}  // namespace unigate::plugin_host::check
