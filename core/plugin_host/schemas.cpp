#include "plugin_host/schemas.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <unigate/json.hpp>

namespace unigate::plugin_host {

namespace {

// Read once: it is large, and each operation of each plugin asks for a part of it.
const std::shared_ptr<const json::Document>& unified() {
  static const std::shared_ptr<const json::Document> document = [] {
    auto read = std::make_shared<json::Document>();
    json::ReadError error;
    // It is part of the binary, and the tests read it.
    if (!read->parse(unifiedSchemaText(), error, {64, 16UL * 1024 * 1024})) read.reset();
    return read;
  }();
  return document;
}

// Where the schema of a side stands; the error says that there is none.
tl::expected<json::View, std::string> sideOf(std::string_view operation, std::string_view side) {
  if (!unified()) return tl::unexpected(std::string("unified.json is damaged"));
  const json::View schema = (*unified())["operations"][operation][side];
  if (!schema.isObject()) {
    return tl::unexpected("there is no unified " + std::string(side) + " schema of " +
                          std::string(operation));
  }
  return schema;
}

}  // namespace

tl::expected<std::string, std::string> unifiedSchemaOf(std::string_view operation,
                                                       std::string_view side) {
  const auto schema = sideOf(operation, side);
  if (!schema) return tl::unexpected(schema.error());
  json::Writer writer;
  writer.beginObject();
  for (const json::Member& member : schema->members()) {
    if (member.name != "definitions") writer.key(member.name).value(member.value);
  }
  const json::View definitions = (*unified())["definitions"];
  if (definitions.isObject()) writer.key("definitions").value(definitions);
  writer.endObject();
  return writer.take();
}

tl::expected<base::JsonSchema, std::string> unifiedSchema(std::string_view operation,
                                                          std::string_view side) {
  if (const auto schema = sideOf(operation, side); !schema) return tl::unexpected(schema.error());
  static std::mutex mutex;
  static std::map<std::string, base::JsonSchema, std::less<>> compiled;
  const std::string pointer = "#/operations/" + std::string(operation) + "/" + std::string(side);
  const std::lock_guard lock(mutex);
  if (const auto found = compiled.find(pointer); found != compiled.end()) return found->second;
  auto schema = base::JsonSchema::compile(unified(), pointer);
  if (schema) compiled.emplace(pointer, *schema);
  return schema;
}

}  // namespace unigate::plugin_host
