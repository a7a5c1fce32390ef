// Plays a transcript, a recorded exchange in YAML, against a plugin. The form is described in
// plugins/testing/transcript-form.md; `unigate plugin check` reads the same files.
#pragma once

#include <unigate/plugin.h>

#include <string>
#include <unigate/json.hpp>
#include <vector>

namespace unigate::testing {

// Paths of the *.yaml files in a directory, sorted.
std::vector<std::string> transcriptsIn(const std::string& directory);

// Empty if the plugin did all that the transcript says, else the first difference.
std::string playTranscript(const ug_plugin* plugin, json::View transcript);

}  // namespace unigate::testing
