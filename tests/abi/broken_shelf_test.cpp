// A shelf of broken plugins, one fault each: every one is refused or contained with a message that
// says what is wrong, while the sound one beside it goes on working.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "plugin_host/plugin_call.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "shelf.hpp"

namespace unigate::plugin_host {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

// What the fault is on and what the host must say about it.
struct Fault {
  std::string id;
  std::string message;
};

// Found before the first call: the plugin is refused.
const std::vector<Fault> kRefused = {
    {"no_entry", "exports no unigate_plugin_v1"},
    {"next_major", "exports abi major 2, this gateway speaks 1"},
    {"entry_refuses", "refused this gateway: needs a step kind of 2031"},
    {"wrong_id", "id is \"somebody_else\" in the library, \"wrong_id\" in the manifest"},
    {"extra_operation", "the library has operation \"payouts.create\", the manifest has not"},
    {"short_table", "ug_plugin.struct_size is 16"},
    {"null_function", "ug_plugin.end is null"},
};

// Found in a call: that call ends in a fault.
const std::vector<Fault> kContained = {
    {"begin_fails", "begin returned -3"},
    {"no_call", "begin returned UG_OK without a call"},
    {"no_step", "returned UG_OK without a step"},
    {"unknown_step", "step kind 4 is not in the host's mask"},
    {"endless_steps", "more than 16 steps in one call"},
    {"broken_json", "JSON"},
    {"float_amount", "amount"},
    {"huge_result", "step.result_json has 1099511627776 bytes, more than 1048576"},
    {"null_body", "http.body is null with length 4096"},
    {"null_request", "step.http is null"},
    {"header_injection", "header x-shelf has a CR, LF or other control character"},
    {"own_authorization", "header authorization belongs to the host"},
    {"undeclared_endpoint", "http.endpoint \"collector\" is not in the manifest"},
    {"undeclared_auth", "http.auth \"master_key\" is not in the manifest"},
    {"climbing_path", "http.path has a dot segment"},
    {"whole_url", "http.path does not start with '/'"},
    {"ten_thousand_headers", "http.headers_count is 10000"},
};

class Shelf : public testing::Shelf {
 public:
  Shelf() : testing::Shelf(UNIGATE_SHELF) {}
};

std::unique_ptr<PluginRegistry> load(const fs::path& directory) {
  PluginRegistry::Settings settings;
  settings.directories = {directory.string()};
  auto registry = std::make_unique<PluginRegistry>(settings);
  registry->load();
  return registry;
}

// What a call ended with, the provider answering every request with an empty 200.
Step run(const std::shared_ptr<Plugin>& plugin) {
  auto instance = plugin->createInstance(Mode::test, "{}");
  REQUIRE(instance.has_value());
  BeginArgs arguments;
  arguments.operation = "payments.create";
  arguments.inputJson = "{}";
  arguments.idempotencyKey = "shelf-key-0001";
  auto [call, step] = PluginCall::begin(*instance, arguments);
  // One more than any plugin gets, so that the loop ends even if the host's limit did not.
  for (std::uint32_t i = 0; i <= 2 * StepLimits().stepsMax && call != nullptr; ++i) {
    if (!std::holds_alternative<HttpStep>(step)) break;
    HttpEvent answer;
    answer.status = 200;
    answer.body = "{}";
    step = call->resume(answer);
  }
  return step;
}

void checkThatTheSoundOneWorks(const PluginRegistry& registry) {
  const auto plugin = registry.use("sound");
  REQUIRE(plugin.has_value());
  const Step step = run(*plugin);
  REQUIRE(std::holds_alternative<DoneStep>(step));
  CHECK(std::get<DoneStep>(step).resultJson == "{\"provider_id\":\"ch_1\",\"amount\":100}");
}

// The reason of the one refused entry beside the sound plugin.
std::string reasonFor(const Shelf& shelf, const std::string& id) {
  const auto registry = load(shelf.path());
  checkThatTheSoundOneWorks(*registry);
  CHECK(registry->find(id) == nullptr);
  for (const PluginEntry& entry : registry->entries()) {
    if (entry.id != id) continue;
    CHECK(entry.state == PluginState::refused);
    return entry.reason;
  }
  FAIL("no entry for " << id);
  return {};
}

}  // namespace

TEST_CASE("Refuses each plugin whose fault shows before a call, and serves the rest") {
  const Shelf shelf;
  shelf.put("sound");
  for (const Fault& fault : kRefused) shelf.put(fault.id);
  const auto registry = load(shelf.path());
  std::map<std::string, PluginEntry> entries;
  for (const PluginEntry& entry : registry->entries()) entries.emplace(entry.id, entry);
  CHECK(entries.size() == kRefused.size() + 1);
  for (const Fault& fault : kRefused) {
    INFO(fault.id);
    REQUIRE(entries.count(fault.id) == 1);
    CHECK(entries.at(fault.id).state == PluginState::refused);
    CHECK_THAT(entries.at(fault.id).reason, Contains(fault.message));
    CHECK(registry->find(fault.id) == nullptr);
  }
  checkThatTheSoundOneWorks(*registry);
}

TEST_CASE("Contains each plugin whose fault shows in a call, and serves the rest") {
  const Shelf shelf;
  shelf.put("sound");
  for (const Fault& fault : kContained) shelf.put(fault.id);
  const auto registry = load(shelf.path());
  for (const Fault& fault : kContained) {
    INFO(fault.id);
    const auto plugin = registry->use(fault.id);
    REQUIRE(plugin.has_value());
    const Step step = run(*plugin);
    REQUIRE(std::holds_alternative<FaultStep>(step));
    CHECK_THAT(std::get<FaultStep>(step).reason, Contains(fault.message));
    CHECK((*plugin)->faults() == 1);
    checkThatTheSoundOneWorks(*registry);
  }
}

TEST_CASE(
    "A fault after a request says that a request was sent, so that nobody calls it a failure") {
  const Shelf shelf;
  shelf.put("broken_json");
  shelf.put("begin_fails");
  const auto registry = load(shelf.path());
  const Step after = run(*registry->use("broken_json"));
  const Step before = run(*registry->use("begin_fails"));
  CHECK(std::get<FaultStep>(after).requestsBefore == 1);
  CHECK(std::get<FaultStep>(before).requestsBefore == 0);
}

TEST_CASE("A plugin that goes on breaking its contract is taken out of service, the rest is not") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("broken_json");
  const auto registry = load(shelf.path());
  const auto plugin = registry->use("broken_json");
  REQUIRE(plugin.has_value());
  for (std::uint32_t i = 0; i < base::limits::kPluginFaultsBeforeQuarantine; ++i) run(*plugin);
  CHECK(registry->use("broken_json").error().code == "provider_quarantined");
  checkThatTheSoundOneWorks(*registry);
}

TEST_CASE("Refuses a library without a manifest") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("begin_fails");
  fs::remove(shelf.path() / "begin_fails.plugin.yaml");
  CHECK_THAT(reasonFor(shelf, "begin_fails"), Contains("put begin_fails.plugin.yaml beside it"));
}

TEST_CASE("Refuses a library with another digest than the manifest's") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("no_step");
  shelf.write("no_step.plugin.yaml",
              Shelf::manifestOf("no_step") + "sha256: " + std::string(64, 'a') + "\n");
  CHECK_THAT(reasonFor(shelf, "no_step"),
             Contains("sha256 is") && Contains("the manifest says " + std::string(64, 'a')));
}

TEST_CASE("Refuses a library that was cut off") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("no_step");
  fs::resize_file(shelf.libraryOf("no_step"), fs::file_size(shelf.libraryOf("no_step")) / 3);
  CHECK_THAT(reasonFor(shelf, "no_step"), Contains("no_step.so: "));
  fs::resize_file(shelf.libraryOf("no_step"), 20);
  CHECK_THAT(reasonFor(shelf, "no_step"), Contains("no_step.so: is no ELF library"));
}

TEST_CASE("Refuses a library for another machine") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("no_step");
  std::fstream file(shelf.libraryOf("no_step"), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(18);             // e_machine of the ELF header
  file.write("\x2a\x00", 2);  // SuperH
  file.close();
  CHECK_THAT(reasonFor(shelf, "no_step"), Contains("machine"));
}

TEST_CASE("Refuses a library and a manifest that others could change") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("no_step");
  shelf.put("no_call");
  fs::permissions(shelf.libraryOf("no_step"), fs::perms(0664));
  fs::permissions(shelf.path() / "no_call.plugin.yaml", fs::perms(0646));
  CHECK_THAT(reasonFor(shelf, "no_step"), Contains("writable by group or others"));
  CHECK_THAT(reasonFor(shelf, "no_call"), Contains("writable by group or others"));
}

TEST_CASE("Refuses a library that is a link") {
  const Shelf shelf;
  shelf.put("sound");
  shelf.put("no_step");
  fs::rename(shelf.libraryOf("no_step"), shelf.path() / "elsewhere");
  fs::create_symlink(shelf.path() / "elsewhere", shelf.libraryOf("no_step"));
  CHECK_THAT(reasonFor(shelf, "no_step"), Contains("links are not followed"));
}

TEST_CASE("Loads nothing out of a directory that its group may write to, and serves the others") {
  const Shelf open;
  const Shelf closed;
  open.put("no_step");
  closed.put("sound");
  fs::permissions(open.path(), fs::perms(0775));
  PluginRegistry::Settings settings;
  settings.directories = {open.path().string(), closed.path().string()};
  PluginRegistry registry(settings);
  registry.load();
  CHECK(registry.find("no_step") == nullptr);
  bool said = false;
  for (const PluginEntry& entry : registry.entries()) {
    if (entry.state != PluginState::refused) continue;
    CHECK_THAT(entry.reason, Contains("writable by group or others; chmod go-w it"));
    said = true;
  }
  CHECK(said);
  checkThatTheSoundOneWorks(registry);
}

}  // namespace unigate::plugin_host
