// The `ug_host` that a plugin is given, one for each plugin so that its log lines carry its name.
// Made by the registry and by the check kit.
#pragma once

#include <unigate/plugin.h>

#include <functional>
#include <string>
#include <string_view>

#include "plugin_host/step_limits.hpp"

namespace unigate::plugin_host {

// A line that a plugin logs: its id, UG_LOG_*, the text (cleaned, cut at 1024 characters, card
// numbers masked). Called from any thread; must not throw.
using PluginLog =
    std::function<void(std::string_view pluginId, std::uint32_t level, std::string_view message)>;

struct HostTableSettings {
  std::string pluginId;
  std::string product;  // "unigate/0.1.0"
  StepLimits limits;
  PluginLog log;  // may be empty
};

// A table that lives until the process ends, as the ABI promises. Any thread.
const ug_host* makeHostTable(const HostTableSettings& settings);

// The last line that the plugin logged through this table; for the reason of a refusal. Any thread.
std::string lastLogLine(const ug_host* host);

// Lines of this table go nowhere from now on: the owner of the log is about to go.
void muteHostTable(const ug_host* host);

}  // namespace unigate::plugin_host
