// JSON Schema, compiled once and checked often: request bodies, plugin payloads, manifests and the
// configuration. Draft-04 with `const`; an unknown keyword fails the compilation, so that no rule
// is ever silently dropped.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unigate/json.hpp>
#include <vector>

namespace unigate::base {

// One broken rule. Never holds a value from the checked text, for that may be a secret.
struct SchemaFault {
  std::string pointer;  // JSON pointer of the value at fault; of the absent one for "required"
  std::string keyword;  // "type", "required", "additionalProperties", ...
  std::string path;     // `pointer` as people write it: "items[2].price"; empty for the root
  std::string message;  // "must be an integer"

  // "amount: must be an integer"
  std::string text() const;
};

class JsonSchema {
 public:
  // Compiles the schema at `pointer` ("" or "#/definitions/Payment") of a JSON text; `$ref` may
  // name any place of the same text ("#/definitions/x"). The error says what can't be read and
  // where.
  static tl::expected<JsonSchema, std::string> compile(std::string_view schemaText,
                                                       std::string_view pointer = {});
  // The same of a text that was read before, which all schemas of it share.
  static tl::expected<JsonSchema, std::string> compile(
      std::shared_ptr<const json::Document> document, std::string_view pointer);

  // All broken rules in the order of the schema, at most `faultsMax`. Any thread.
  std::vector<SchemaFault> faults(json::View value, std::size_t faultsMax = 100) const;
  // The first of them; empty when the value is right. Any thread.
  std::optional<SchemaFault> firstFault(json::View value) const;

 private:
  struct Impl;
  explicit JsonSchema(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;  // shared: copies of a schema are cheap and immutable
};

}  // namespace unigate::base
