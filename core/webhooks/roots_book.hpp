// Which roots the certificates of each provider's webhooks must lead to: the manifests' say, or the
// operator's files in their place. Built once at start by the wiring; `unigate config check` builds
// one too, for its faults.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugin_host/plugin_registry.hpp"
#include "webhooks/certificate.hpp"

namespace unigate::webhooks {

class RootsBook {
 public:
  using Overrides = std::map<std::string, std::string>;  // provider -> PEM file

  // Reads every file that is named. The error is one line that names provider and file.
  static tl::expected<RootsBook, std::string> make(
      const std::vector<plugin_host::PluginEntry>& plugins, const Overrides& overrides);

  // Empty roots, which trust nothing, for a provider without any. Any thread.
  const TrustRoots& of(std::string_view provider) const;

 private:
  std::map<std::string, TrustRoots, std::less<>> roots_;
};

}  // namespace unigate::webhooks
