// `unigate doctor`: is everything there that `serve` needs? One line for each check, with the
// remedy where it fails.
#include <cstdio>
#include <filesystem>

#include "app/commands.hpp"
#include "app/open_store.hpp"
#include "net/edge_server.hpp"
#include "net/event_loop.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "store/migrations.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

struct Check {
  std::string name;
  bool ok = true;
  std::string detail;
};

// Whether the address can be bound now. A running gateway holds its own; that is said, not counted
// as a fault.
Check checkListen(const std::string& name, const std::string& listen, const base::Clock& clock) {
  net::EventLoop loop(clock);
  net::EdgeSettings settings;
  settings.listen = listen;
  net::EdgeServer probe(
      loop, settings, std::make_shared<net::ConnectionLedger>(1, 1),
      [](net::Request&&, net::Responder) {},
      [](int, std::string_view, std::string_view) { return net::Response{}; });
  const auto status = probe.listen();
  return {name, status.has_value(), status ? listen + " is free" : status.error().detail};
}

void checkPlugins(const Config& config, std::vector<Check>& checks) {
  plugin_host::PluginRegistry::Settings settings;
  settings.directories = config.pluginDirectories;
  settings.allowDrafts = config.allowDrafts;
  plugin_host::PluginRegistry plugins(std::move(settings));
  plugins.load();
  const gateway::EndpointBook endpoints(config.endpoints, config.allowLoopbackHttp);
  std::size_t loaded = 0;
  for (const auto& entry : plugins.entries()) {
    if (entry.state == plugin_host::PluginState::loaded) {
      ++loaded;
      const std::string fault = endpoints.findFault(*entry.manifest);
      checks.push_back({"plugin " + entry.id, fault.empty(),
                        fault.empty() ? entry.manifest->version + " in service" : fault});
    } else {
      checks.push_back({"plugin " + entry.path.filename().string(), false, entry.reason});
    }
  }
  const auto roots = webhooks::RootsBook::make(plugins.entries(), config.webhookRoots);
  if (!roots) checks.push_back({"webhook roots", false, roots.error()});
  for (const std::string& each : namesUnknown(config, plugins))
    checks.push_back({"names", false, each});
  if (loaded == 0)
    checks.push_back({"plugins", false,
                      "none is in service; put <id>.so and <id>.plugin.yaml into a directory of "
                      "plugins.directories"});
}

std::vector<Check> examine(const Config& config) {
  std::vector<Check> checks;
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto vault = vault::Vault::open(config.keyEncryptionKey, random, config.previousKeys);
  checks.push_back({"key-encryption key", vault.has_value(),
                    vault ? "key " + (*vault)->keyId() : vault.error().detail});
  const auto pending = store::pendingMigrations(config.storeUrl);
  if (!pending) {
    checks.push_back({"database", false, pending.error().detail});
  } else {
    checks.push_back({"database", true,
                      pending->empty() ? "up to date"
                                       : std::to_string(pending->size()) +
                                             " migrations will be applied at the next start"});
  }
  checkPlugins(config, checks);
  checks.push_back(checkListen("listen", config.listen, clock));
  if (!config.metricsListen.empty())
    checks.push_back(checkListen("metrics_listen", config.metricsListen, clock));
  if (!config.docsDirectory.empty()) {
    const bool built = std::filesystem::exists(config.docsDirectory + "/index.html");
    checks.push_back({"docs page", built,
                      built ? config.docsDirectory
                            : config.docsDirectory +
                                  " holds no index.html; build it with core/rest/docs_page/build, "
                                  "or set server.docs_directory: null"});
  }
  return checks;
}

}  // namespace

int doctorCommand(const Words& words) {
  int exitCode = 0;
  const auto arguments =
      parseOrExplain(words, {}, "unigate doctor [--config FILE] [--json]", exitCode);
  if (!arguments) return exitCode;
  const auto config = configOrExplain(arguments->config());
  if (!config) return 1;
  bool sound = true;
  json::Writer out;
  out.beginArray();
  for (const Check& check : examine(*config)) {
    sound = sound && check.ok;
    out.beginObject()
        .member("check", check.name)
        .member("ok", check.ok)
        .member("detail", check.detail)
        .endObject();
    if (!arguments->json()) {
      std::printf("%-6s %-20s %s\n", check.ok ? "ok" : "FAILED", check.name.c_str(),
                  check.detail.c_str());
    }
  }
  out.endArray();
  if (arguments->json()) std::printf("%s\n", out.take().c_str());
  return sound ? 0 : 1;
}

}  // namespace unigate::app
