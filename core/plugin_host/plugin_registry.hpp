// All plugins of a gateway: finds them in the plugin directories, checks, loads and lists them. The
// gateway's wiring makes one; `unigate plugin list` and GET /v1/providers show its entries.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin_host/host_table.hpp"
#include "plugin_host/manifest.hpp"
#include "plugin_host/plugin.hpp"
#include "plugin_host/step_limits.hpp"

namespace unigate::plugin_host {

enum class PluginState { loaded, refused, quarantined };

std::string_view toText(PluginState state);  // "loaded", "refused", "quarantined"

struct PluginEntry {
  std::string id;              // from the file's name; empty for a directory that can't be read
  std::filesystem::path path;  // of the library, or of the manifest that has none
  std::optional<Manifest> manifest;  // where it could be read
  PluginState state = PluginState::refused;
  std::string reason;  // one line; empty while loaded
  // What a conformance run found of this version: the JSON text of <id>.verified.json beside the
  // manifest; empty when there is none for it.
  std::string verified;
};

class PluginRegistry {
 public:
  struct Settings {
    std::vector<std::string> directories;  // looked through in this order, not below
    bool allowDrafts = false;              // hand out extensions whose id starts with "draft."
    std::string product = "unigate";       // told to plugins, e.g. "unigate/0.1.0"
    StepLimits limits;
    const base::Clock* clock = nullptr;  // outlives the registry; null: the system's
    PluginLog log;                       // lines that plugins write; may be empty
  };

  explicit PluginRegistry(Settings settings);
  ~PluginRegistry();
  PluginRegistry(const PluginRegistry&) = delete;
  PluginRegistry& operator=(const PluginRegistry&) = delete;

  // Looks through the directories once. A bad plugin becomes a refused entry with its reason and
  // never keeps the others from loading. Call it once, before any other function, on one thread.
  void load();

  // A snapshot, in the order of loading. Any thread.
  std::vector<PluginEntry> entries() const;

  // The loaded plugin in service; nullptr when it is unknown, refused or quarantined. Lives as long
  // as the registry. Any thread.
  Plugin* find(std::string_view id) const;

  // The same with a reason: 404 `unknown_provider`, 503 `provider_refused` or
  // `provider_quarantined`.
  base::Result<std::shared_ptr<Plugin>> use(std::string_view id) const;

 private:
  struct Loaded;
  void loadDirectory(const std::string& directory);
  void addEntry(const std::filesystem::path& library, const std::filesystem::path& manifest);
  void addLoaded(Loaded& slot);
  PluginEntry snapshot(const Loaded& slot) const;

  Settings settings_;
  std::vector<std::unique_ptr<Loaded>> slots_;  // written by load() alone
};

}  // namespace unigate::plugin_host
