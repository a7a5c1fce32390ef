// Makes up the smallest input that fits a JSON Schema, for operations that have no transcript.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace unigate::plugin_host::check {

// JSON text of an object that fits `schemaText` (self-contained, draft 4); empty when the schema
// asks for something that can't be made up, such as a text of a pattern that it does not know.
std::optional<std::string> generateInput(std::string_view schemaText);

}  // namespace unigate::plugin_host::check
