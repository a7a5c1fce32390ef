#include "app/open_plugins.hpp"

#include <utility>

#include "webhooks/roots_book.hpp"

namespace unigate::app {

using telemetry::Field;

namespace {
// Steps of a call while serving: a look-up may have to read a minute and a half of a busy account
// page by page (ADR 0023). The commands, which serve nobody, keep the general limit.
constexpr std::uint32_t kServingStepsMax = 128;
}  // namespace

base::Result<OpenPlugins> openPlugins(const Config& config, const base::Clock& clock,
                                      telemetry::Logger& log) {
  plugin_host::PluginRegistry::Settings settings;
  settings.directories = config.pluginDirectories;
  settings.allowDrafts = config.allowDrafts;
  settings.product = "unigate/" UNIGATE_VERSION;
  settings.clock = &clock;
  settings.limits.stepsMax = kServingStepsMax;
  settings.log = [&log](std::string_view plugin, std::uint32_t level, std::string_view message) {
    log.log(level >= 3   ? telemetry::Level::error
            : level == 2 ? telemetry::Level::warn
                         : telemetry::Level::info,
            "plugin", {Field::name("plugin", plugin), Field::text("text", message)});
  };
  OpenPlugins opened;
  opened.registry = std::make_unique<plugin_host::PluginRegistry>(std::move(settings));
  opened.registry->load();
  opened.endpoints =
      std::make_unique<gateway::EndpointBook>(config.endpoints, config.allowLoopbackHttp);
  for (const plugin_host::PluginEntry& entry : opened.registry->entries()) {
    if (entry.state != plugin_host::PluginState::loaded) {
      log.log(telemetry::Level::warn, "plugin not in service",
              {Field::text("plugin", entry.path.string()), Field::text("reason", entry.reason)});
    }
    if (!entry.manifest) continue;
    const std::string fault = opened.endpoints->findFault(*entry.manifest);
    if (!fault.empty()) return base::fail(500, "bad_configuration", fault);
  }
  const auto roots = webhooks::RootsBook::make(opened.registry->entries(), config.webhookRoots);
  if (!roots) return base::fail(500, "bad_configuration", roots.error());
  return opened;
}

net::UpstreamSettings upstreamSettings(const Config& config) {
  net::UpstreamSettings upstream;
  upstream.allowLoopbackHttp = config.allowLoopbackHttp;
  upstream.allowPrivateAddresses = config.allowPrivateAddresses;
  upstream.connectTimeoutMs = config.connectTimeoutMs;
  upstream.connectionsPerHostMax = static_cast<long>(config.connectionsPerHostMax);
  upstream.caFile = config.caFile;
  return upstream;
}

}  // namespace unigate::app
