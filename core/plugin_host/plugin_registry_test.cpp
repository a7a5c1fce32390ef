#include "plugin_host/plugin_registry.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "plugin_host/test_plugins.hpp"

namespace unigate::plugin_host {
namespace {

using Catch::Matchers::Contains;
using testing::acmeManifest;
using testing::PluginDirectory;
using testing::replaced;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::unique_ptr<PluginRegistry> registryOf(const PluginDirectory& directory) {
  PluginRegistry::Settings settings;
  settings.directories = {directory.path().string()};
  auto registry = std::make_unique<PluginRegistry>(settings);
  registry->load();
  return registry;
}

// The one entry of a directory that holds acme.so with this manifest.
PluginEntry entryWith(const std::string& manifest) {
  const PluginDirectory directory;
  directory.addLibrary("acme", "acme");
  directory.addManifest("acme", manifest);
  const auto entries = registryOf(directory)->entries();
  REQUIRE(entries.size() == 1);
  return entries.front();
}

std::string manifestFor(const std::string& id) {
  return replaced(acmeManifest(), "id: acme", "id: " + id);
}

}  // namespace

TEST_CASE("Loads a plugin whose library and manifest agree") {
  const PluginDirectory directory;
  directory.addAcme();
  const auto registry = registryOf(directory);
  const auto entries = registry->entries();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].reason == "");
  CHECK(entries[0].state == PluginState::loaded);
  CHECK(entries[0].id == "acme");
  REQUIRE(entries[0].manifest.has_value());
  CHECK(entries[0].manifest->displayName == "Acme Payments");
  Plugin* plugin = registry->find("acme");
  REQUIRE(plugin != nullptr);
  CHECK(plugin->id() == "acme");
  CHECK(registry->use("acme").has_value());
  CHECK(registry->find("nobody") == nullptr);
  CHECK(registry->use("nobody").error().code == "unknown_provider");
}

TEST_CASE("Shows what a conformance run found, of this very version alone") {
  const auto verifiedWith = [](const std::string& text) {
    const PluginDirectory directory;
    directory.addAcme();
    std::ofstream(directory.path() / "acme.verified.json") << text;
    return registryOf(directory)->entries().front().verified;
  };
  const std::string mine = R"({"provider":"acme","version":"1.2.3","operations":{}})";
  CHECK(verifiedWith(mine) == mine);
  CHECK(verifiedWith(R"({"provider":"acme","version":"1.2.2","operations":{}})").empty());
  CHECK(verifiedWith(R"({"provider":"other","version":"1.2.3","operations":{}})").empty());
  CHECK(verifiedWith("{").empty());
}

TEST_CASE("Loads a plugin that was stripped of its symbol table") {
  const PluginDirectory directory;
  directory.addAcme();
  const std::string command = "strip --strip-all " + (directory.path() / "acme.so").string();
  if (std::system(command.c_str()) != 0) {
    WARN("skipped: strip is not installed");
    return;
  }
  CHECK(registryOf(directory)->entries().at(0).state == PluginState::loaded);
}

TEST_CASE("One bad plugin never stops the others") {
  const PluginDirectory directory;
  directory.addAcme();
  directory.write("aaa.so", "not a library");
  directory.addManifest("aaa", manifestFor("aaa"));
  directory.addManifest("lonely", manifestFor("lonely"));
  directory.addLibrary("hollow", "zzz");
  directory.write("notes.txt", "is not looked at");
  const auto entries = registryOf(directory)->entries();
  REQUIRE(entries.size() == 4);
  CHECK_THAT(entries[0].reason, Contains("aaa.so: is no ELF library"));
  CHECK(entries[1].state == PluginState::loaded);
  CHECK_THAT(entries[2].reason, Contains("there is no lonely.so beside it"));
  CHECK_THAT(entries[3].reason, Contains("zzz.so: has no manifest; put zzz.plugin.yaml beside it"));
}

TEST_CASE("Refuses a later ABI major before any code of the plugin runs") {
  const PluginDirectory directory;
  directory.addLibrary("tomorrow", "tomorrow");
  directory.addManifest("tomorrow", manifestFor("tomorrow"));
  CHECK(registryOf(directory)->entries().at(0).reason ==
        "tomorrow.so: exports abi major 2, this gateway speaks 1; rebuild with sdk 1.x");
}

TEST_CASE("Refuses a library that is no plugin") {
  const PluginDirectory directory;
  directory.addLibrary("stranger", "stranger");
  directory.addManifest("stranger", manifestFor("stranger"));
  CHECK_THAT(registryOf(directory)->entries().at(0).reason,
             Contains("exports no unigate_plugin_v1"));
}

TEST_CASE("Repeats why a plugin refused the gateway") {
  const PluginDirectory directory;
  directory.addLibrary("refuser", "refuser");
  directory.addManifest("refuser", manifestFor("refuser"));
  CHECK_THAT(registryOf(directory)->entries().at(0).reason,
             Contains("refused this gateway: needs extension ug.ext.moon/1"));
}

TEST_CASE("Repeats what the dynamic loader says") {
  const PluginDirectory directory;
  directory.addLibrary("unresolved", "unresolved");
  directory.addManifest("unresolved", manifestFor("unresolved"));
  CHECK_THAT(registryOf(directory)->entries().at(0).reason,
             Contains("unresolved.so: can't be loaded: ") &&
                 Contains("undefined symbol: unigate_no_such_function") && !Contains("boost"));
}

TEST_CASE("Refuses a table with a missing mandatory function") {
  const PluginDirectory directory;
  directory.addLibrary("hollow", "hollow");
  directory.addManifest("hollow", manifestFor("hollow"));
  CHECK_THAT(registryOf(directory)->entries().at(0).reason,
             Contains("ug_plugin.end is null, and it is mandatory"));
}

TEST_CASE("Names each difference between library and manifest") {
  const auto reasonWith = [](const std::string& from, const std::string& to) {
    return entryWith(replaced(acmeManifest(), from, to)).reason;
  };
  CHECK_THAT(reasonWith("version: 1.2.3", "version: 1.2.4"),
             Contains("version is \"1.2.3\" in the library, \"1.2.4\" in the manifest"));
  CHECK_THAT(reasonWith("recovery: native\n    recovery_window_s: 86400", "recovery: query"),
             Contains("payments.create.recovery is native in the library, query in the manifest"));
  CHECK_THAT(reasonWith("86400", "3600"),
             Contains("recovery_window_s is 86400 in the library, 3600 in the manifest"));
  CHECK_THAT(reasonWith("moves_money: true", "moves_money: false"),
             Contains("payments.create.moves_money is true in the library, false in the manifest"));
  CHECK_THAT(reasonWith("read_only: true", "read_only: false"),
             Contains("payments.get.read_only is true in the library, false in the manifest"));
  CHECK_THAT(reasonWith("\ncredentials:",
                        "\n  refunds.list: { input: {}, output: {}, read_only: true }"
                        "\ncredentials:"),
             Contains("the manifest has operation \"refunds.list\", the library has not"));
  CHECK_THAT(reasonWith("  payments.get:", "  payments.read:"), Contains("is not in operations"));
}

TEST_CASE("Refuses a plugin for another machine and a damaged one") {
  const PluginDirectory directory;
  directory.addAcme();
  const std::string good = slurp(directory.path() / "acme.so");
  const auto reasonFor = [&](const std::string& bytes) {
    directory.write("acme.so", bytes);
    return registryOf(directory)->entries().at(0).reason;
  };
  std::string other = good;
  other[18] = other[18] == '\x3e' ? '\xb7' : '\x3e';
  CHECK_THAT(reasonFor(other),
             Contains("acme.so: is built for") && Contains("this gateway runs on"));
  other = good;
  other[4] = 1;
  CHECK_THAT(reasonFor(other), Contains("is a 32-bit library"));
  CHECK_THAT(reasonFor(good.substr(0, good.size() / 2)), Contains("acme.so: has"));
  CHECK_THAT(reasonFor(good.substr(0, 20)), Contains("too short"));
  CHECK_THAT(reasonFor(""), Contains("too short"));
}

TEST_CASE("Compares the digest that the manifest gives") {
  const PluginDirectory directory;
  directory.addAcme();
  const std::string digest = base::sha256Hex(slurp(directory.path() / "acme.so"));
  directory.addManifest("acme", acmeManifest() + "sha256: \"" + digest + "\"\n");
  CHECK(registryOf(directory)->entries().at(0).state == PluginState::loaded);
  directory.addManifest("acme", acmeManifest() + "sha256: \"" + std::string(64, 'a') + "\"\n");
  CHECK_THAT(registryOf(directory)->entries().at(0).reason,
             Contains("acme.so: sha256 is " + digest + ", the manifest says aaaa"));
}

TEST_CASE("Refuses what others could have changed") {
  namespace fs = std::filesystem;
  const PluginDirectory directory;
  directory.addAcme();
  const auto reason = [&] { return registryOf(directory)->entries().at(0).reason; };
  fs::permissions(directory.path() / "acme.so", fs::perms(0664));
  CHECK_THAT(reason(), Contains("acme.so: is writable by group or others; chmod go-w it"));
  fs::permissions(directory.path() / "acme.so", fs::perms(0644));
  fs::permissions(directory.path() / "acme.plugin.yaml", fs::perms(0646));
  CHECK_THAT(reason(), Contains("its manifest acme.plugin.yaml is writable"));
  fs::permissions(directory.path() / "acme.plugin.yaml", fs::perms(0644));
  fs::permissions(directory.path(), fs::perms(0777));
  CHECK_THAT(reason(), Contains("its directory") && Contains("is writable by group or others"));
  fs::permissions(directory.path(), fs::perms(0755));
  CHECK(reason().empty());
  fs::rename(directory.path() / "acme.so", directory.path() / "real");
  fs::create_symlink(directory.path() / "real", directory.path() / "acme.so");
  CHECK_THAT(reason(), Contains("is no regular file"));
}

TEST_CASE("Loads an id once and names where the other copy is") {
  const PluginDirectory first;
  const PluginDirectory second;
  first.addAcme();
  second.addAcme();
  PluginRegistry::Settings settings;
  settings.directories = {first.path().string(), second.path().string(), "/nonexistent/plugins"};
  PluginRegistry registry(settings);
  registry.load();
  const auto entries = registry.entries();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].state == PluginState::loaded);
  CHECK_THAT(entries[1].reason,
             Contains("acme is already loaded from " + (first.path() / "acme.so").string()));
  CHECK_THAT(entries[2].reason, Contains("/nonexistent/plugins can't be read"));
  CHECK(registry.find("acme") != nullptr);
}

TEST_CASE("Refuses a manifest that needs a newer gateway") {
  CHECK_THAT(entryWith(replaced(acmeManifest(), "min_minor: 0", "min_minor: 9")).reason,
             Contains("abi.min_minor is 9, this gateway speaks 1.0; upgrade the gateway"));
}

TEST_CASE("Hides draft extensions unless the settings allow them") {
  const PluginDirectory directory;
  directory.addAcme();
  PluginRegistry::Settings settings;
  settings.directories = {directory.path().string()};
  PluginRegistry strict(settings);
  strict.load();
  CHECK(strict.find("acme")->extension("draft.acme.live_calls") == nullptr);
  settings.allowDrafts = true;
  PluginRegistry open(settings);
  open.load();
  CHECK(open.find("acme")->extension("draft.acme.live_calls") != nullptr);
  CHECK(open.find("acme")->extension("ug.ext.none/1") == nullptr);
}

}  // namespace unigate::plugin_host
