// The rules of a manifest that no JSON Schema can say; used by loadManifest alone.
#pragma once

#include <optional>
#include <string>

#include "plugin_host/manifest.hpp"

namespace unigate::plugin_host {

struct ManifestFault {
  std::string pointer;  // JSON pointer of the value at fault, for its line
  std::string path;     // the same for people: "endpoints.api.live"
  std::string message;  // what is wrong and the remedy
};

// The first rule that `manifest` breaks; empty when it is sound.
std::optional<ManifestFault> findManifestFault(const Manifest& manifest);

}  // namespace unigate::plugin_host
