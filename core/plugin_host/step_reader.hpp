// Copies a plugin's `ug_step` out of its memory and checks every promise of the ABI on the way.
// Used by PluginCall and by the check kit.
#pragma once

#include <unigate/plugin.h>

#include <optional>
#include <string>
#include <string_view>

#include "plugin_host/manifest.hpp"
#include "plugin_host/step.hpp"
#include "plugin_host/step_limits.hpp"

namespace unigate::plugin_host {

// The step as the host's own, or a FaultStep that names the broken promise. The output schema is
// not checked here. `step` was zeroed by the host before the plugin filled it. Any thread; call it
// before the next entry into the same call.
Step readStep(const ug_step& step, const Manifest& manifest, const StepLimits& limits);

// Why a request's path or query can't be sent as it stands: a path that does not start with '/',
// dot segments, what must be percent-encoded; empty when both can. For raw pass-through calls,
// whose target a client wrote. Any thread.
std::optional<std::string> findTargetFault(std::string_view path, std::string_view query);

// `text` as ug_str; valid as long as `text`.
inline ug_str toUgStr(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace unigate::plugin_host
