// The SDK's schemas, built into the gateway: the form of a manifest, and the unified operations.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/json_schema.hpp"

namespace unigate::plugin_host {

// Text of sdk-plugin-api/schemas/manifest.schema.json.
std::string_view manifestSchemaText();
// Text of sdk-plugin-api/schemas/unified.json: {"definitions": {}, "operations": {name: {"input":
// {}, "output": {}}}}.
std::string_view unifiedSchemaText();

// The schema of a unified operation as one self-contained document ("definitions" included). The
// error says that there is none. `side` is "input" or "output". Any thread.
tl::expected<std::string, std::string> unifiedSchemaOf(std::string_view operation,
                                                       std::string_view side);
// The same, compiled: once for all plugins. Any thread.
tl::expected<base::JsonSchema, std::string> unifiedSchema(std::string_view operation,
                                                          std::string_view side);

}  // namespace unigate::plugin_host
