// Loads the plugins and checks what the configuration says of their endpoints: for `serve` and for
// subcommands that ask providers.
#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "gateway/endpoint_book.hpp"
#include "net/upstream_client.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "telemetry/logger.hpp"

namespace unigate::app {

struct OpenPlugins {
  std::unique_ptr<plugin_host::PluginRegistry> registry;
  std::unique_ptr<gateway::EndpointBook> endpoints;
};

// `clock` and `log` must outlive what is returned.
base::Result<OpenPlugins> openPlugins(const Config& config, const base::Clock& clock,
                                      telemetry::Logger& log);

// How a loop talks to providers.
net::UpstreamSettings upstreamSettings(const Config& config);

}  // namespace unigate::app
