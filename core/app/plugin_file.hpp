// One plugin from its file, for the author's tools: no configuration, no plugin directory, no
// account.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <unigate/json.hpp>
#include <utility>

#include "plugin_host/plugin.hpp"

namespace unigate::app {

class PluginFile {
 public:
  // Checks and loads FILE.so with the manifest beside it. Lines that the plugin logs go to standard
  // error. The error is one line.
  static tl::expected<std::unique_ptr<PluginFile>, std::string> load(const std::string& library);

  plugin_host::Plugin& plugin() const { return *plugin_; }
  // `settingsJson` (may be empty) with made-up values for the required public fields that it leaves
  // out.
  tl::expected<std::string, std::string> settings(const std::string& settingsJson) const;
  // The instance of an account with those settings, completed likewise; made once.
  tl::expected<std::shared_ptr<plugin_host::Instance>, std::string> instance(
      plugin_host::Mode mode, const std::string& settingsJson);

 private:
  PluginFile() = default;

  base::SystemClock clock_;
  std::shared_ptr<plugin_host::Plugin> plugin_;
  std::map<std::pair<plugin_host::Mode, std::string>, std::shared_ptr<plugin_host::Instance>>
      instances_;
};

// Text of a file, or of standard input for "-"; the error is one line.
tl::expected<std::string, std::string> readText(const std::string& path);

// The same as strict JSON of at most 64 MiB.
tl::expected<std::unique_ptr<json::Document>, std::string> readJson(const std::string& path);

}  // namespace unigate::app
