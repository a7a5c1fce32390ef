// Is the table that a plugin's entry point returned whole, and does its descriptor say what the
// manifest says? Used by the loader.
#pragma once

#include <unigate/plugin.h>

#include <string>

#include "plugin_host/manifest.hpp"

namespace unigate::plugin_host {

// Sizes, mandatory pointers and the descriptor's shape. Empty: it is whole.
std::string findTableFault(const ug_plugin& table);

// Id, version, and each operation's recovery, window and flags. Empty: both are equal. The
// descriptor has passed findTableFault.
std::string findDescriptorFault(const ug_descriptor& descriptor, const Manifest& manifest);

}  // namespace unigate::plugin_host
