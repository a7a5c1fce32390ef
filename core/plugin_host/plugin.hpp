// A loaded plugin and its instances. The registry makes plugins; the gateway makes one instance for
// each configured account and starts PluginCalls on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin_host/manifest.hpp"
#include "plugin_host/step_limits.hpp"
#include "unigate/json.hpp"

struct ug_plugin;
struct ug_instance;

namespace unigate::plugin_host {

enum class Mode : std::uint32_t { test = 0, live = 1 };

class Instance;

// Code, manifest, compiled schemas and fault count of one plugin. Its code stays in the process for
// ever; the object is shared by the registry and by every instance. All functions: any thread.
class Plugin : public std::enable_shared_from_this<Plugin> {
 public:
  struct Settings {
    StepLimits limits;
    bool allowDrafts = false;
    // Faults inside `faultWindowUs` after which the plugin is quarantined.
    std::uint32_t faultsBeforeQuarantine = base::limits::kPluginFaultsBeforeQuarantine;
    std::int64_t faultWindowUs = 60'000'000;
    const base::Clock* clock = nullptr;  // outlives the plugin; never null
  };

  // `table` was checked by the registry and lives until the process ends. Fails when a schema of
  // the manifest can't be used; the text names the operation.
  static tl::expected<std::shared_ptr<Plugin>, std::string> make(const ug_plugin* table,
                                                                 Manifest manifest,
                                                                 const Settings& settings);
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  const Manifest& manifest() const { return manifest_; }
  const std::string& id() const { return manifest_.id; }
  const StepLimits& limits() const { return settings_.limits; }

  // Makes the instance of one account. `settingsJson`: the credential fields that the manifest
  // marks `secret: false`, a JSON object of strings; a field that is secret or unknown is refused.
  // The problem is 500 `plugin_fault` when the plugin breaks its contract, 503
  // `provider_quarantined`.
  base::Result<std::shared_ptr<Instance>> createInstance(Mode mode, std::string_view settingsJson);

  // Checks an input against the operation's schema; the problem (400) names the field. 404
  // `unknown_operation` when the plugin has no such operation.
  base::Status checkInput(std::string_view operation, const json::View& input) const;
  base::Status checkInput(std::string_view operation, std::string_view inputJson) const;
  // The same for a result; the text names the field. Empty: it fits.
  std::optional<std::string> findOutputFault(std::string_view operation,
                                             std::string_view resultJson) const;

  // An extension table of the plugin (UG_EXT_*), or nullptr. Ids that start with "draft." are given
  // out only where the settings allow drafts.
  const void* extension(std::string_view id) const;

  // Counts a broken contract. Called by PluginCall, and by whoever drives an extension.
  void countFault(std::string_view reason);
  std::uint64_t faults() const;
  // Why no new call may start; empty while the plugin is in service. Open calls go on.
  std::optional<std::string> quarantineReason() const;

  const ug_plugin* table() const { return table_; }

 private:
  struct Schemas;
  struct FaultLog;
  Plugin(const ug_plugin* table, Manifest manifest, const Settings& settings);

  const ug_plugin* table_;
  Manifest manifest_;
  Settings settings_;
  std::unique_ptr<Schemas> schemas_;
  std::unique_ptr<FaultLog> faults_;
};

// The plugin's state of one configured account. Shared by the gateway and by every open call; the
// plugin's `destroy` runs with the last of them. Calls of one instance may run on several threads.
class Instance {
 public:
  Instance(std::shared_ptr<Plugin> plugin, ug_instance* handle, Mode mode)
      : plugin_(std::move(plugin)), handle_(handle), mode_(mode) {}
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Plugin& plugin() const { return *plugin_; }
  ug_instance* handle() const { return handle_; }
  Mode mode() const { return mode_; }

 private:
  std::shared_ptr<Plugin> plugin_;
  ug_instance* handle_;
  Mode mode_;
};

}  // namespace unigate::plugin_host
