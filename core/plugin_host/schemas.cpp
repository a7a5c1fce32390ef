#include "plugin_host/schemas.hpp"

#include <unigate/json.hpp>

namespace unigate::plugin_host {

tl::expected<std::string, std::string> unifiedSchemaOf(std::string_view operation,
                                                       std::string_view side) {
  json::Document unified;
  json::ReadError error;
  if (!unified.parse(unifiedSchemaText(), error, {64, 16 * 1024 * 1024})) {
    return tl::unexpected("unified.json is damaged: " + error.message);
  }
  const json::View schema = unified["operations"][operation][side];
  if (!schema.isObject()) {
    return tl::unexpected("there is no unified " + std::string(side) + " schema of " +
                          std::string(operation));
  }
  json::Writer writer;
  writer.beginObject();
  for (const json::Member& member : schema.members()) {
    if (member.name != "definitions") writer.key(member.name).value(member.value);
  }
  if (unified["definitions"].isObject()) writer.key("definitions").value(unified["definitions"]);
  writer.endObject();
  return writer.take();
}

}  // namespace unigate::plugin_host
