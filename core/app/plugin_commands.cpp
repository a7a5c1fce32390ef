// `unigate plugin`: what is installed and in what state, and the author's conformance kit.
#include <cstdio>
#include <iostream>

#include "app/commands.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

int listPlugins(const Arguments& arguments) {
  const auto config = configOrExplain(arguments.config());
  if (!config) return 1;
  plugin_host::PluginRegistry::Settings settings;
  settings.directories = config->pluginDirectories;
  settings.allowDrafts = config->allowDrafts;
  plugin_host::PluginRegistry plugins(std::move(settings));
  plugins.load();
  json::Writer out;
  out.beginArray();
  for (const auto& entry : plugins.entries()) {
    const std::string version = entry.manifest ? entry.manifest->version : "";
    out.beginObject()
        .member("id", entry.id)
        .member("version", version)
        .member("state", plugin_host::toText(entry.state))
        .member("reason", entry.reason)
        .member("path", entry.path.string())
        .endObject();
    if (!arguments.json()) {
      const std::string state(plugin_host::toText(entry.state));
      std::printf("%-18s %-8s %-12s %s\n", entry.id.empty() ? "-" : entry.id.c_str(),
                  version.c_str(), state.c_str(),
                  entry.reason.empty() ? entry.path.c_str() : entry.reason.c_str());
    }
  }
  out.endArray();
  if (arguments.json()) std::printf("%s\n", out.take().c_str());
  return 0;
}

}  // namespace

int pluginCommand(const Words& words) {
  const std::string usage = "unigate plugin list [--config FILE] [--json]";
  if (words.empty()) return misused(usage, "");
  const Words rest(words.begin() + 1, words.end());
  int exitCode = 0;
  if (words.front() == "list") {
    const auto arguments = parseOrExplain(rest, {}, usage, exitCode);
    return arguments ? listPlugins(*arguments) : exitCode;
  }
  return misused(usage, "there is no \"plugin " + words.front() + "\"");
}

}  // namespace unigate::app
