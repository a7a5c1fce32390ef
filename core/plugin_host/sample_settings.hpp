// Made-up values for the public credential fields that a plugin requires, for the author's tools: a
// dry run or a check of a plugin whose paths hold an account id needs some id.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "plugin_host/manifest.hpp"

namespace unigate::plugin_host {

// The shortest text that fits an ECMAScript pattern, each choice taken first: "^AC[0-9a-f]{4}$"
// gives "AC0000". Look-arounds and back references can't be made up: empty then. A text without
// pattern is "sample".
std::string sampleOf(std::string_view pattern);

// JSON object with a value for each field that is required and not secret; `givenJson` (an object
// of strings, or empty) goes before. The error names the field for which none can be made up, or
// what is wrong with `givenJson`.
tl::expected<std::string, std::string> sampleSettings(const Manifest& manifest,
                                                      std::string_view givenJson);

}  // namespace unigate::plugin_host
