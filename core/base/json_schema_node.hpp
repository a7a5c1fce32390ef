// The compiled form of a JSON Schema, shared by the compiler and the checker of json_schema.hpp and
// by nobody else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json_schema.hpp"

namespace unigate::base::schema {

enum TypeBit : unsigned {
  kNull = 1,
  kBoolean = 2,
  kInteger = 4,
  kNumber = 8,
  kString = 16,
  kArray = 32,
  kObject = 64,
};

// Types in the order in which messages name them.
inline constexpr std::pair<unsigned, std::string_view> kTypeNames[] = {
    {kString, "string"}, {kInteger, "integer"}, {kNumber, "number"}, {kBoolean, "boolean"},
    {kObject, "object"}, {kArray, "array"},     {kNull, "null"}};

struct Pattern {
  std::string text;
  std::regex regex;
};

// A bound of numbers, exact for integers.
struct Bound {
  const rapidjson::Value* limit = nullptr;
  bool exclusive = false;
};

struct Node {
  bool never = false;  // the schema `false`
  unsigned types = 0;  // 0: any
  const Node* reference = nullptr;

  std::vector<std::pair<std::string, const Node*>> properties;  // sorted by name
  std::vector<std::pair<Pattern, const Node*>> patternProperties;
  std::vector<std::string> required;
  bool closed = false;               // additionalProperties: false
  const Node* additional = nullptr;  // additionalProperties: {...}
  const Node* propertyNames = nullptr;
  const Node* items = nullptr;

  const rapidjson::Value* constant = nullptr;
  const rapidjson::Value* choices = nullptr;  // enum
  std::optional<Pattern> pattern;
  Bound minimum;
  Bound maximum;
  std::optional<std::uint64_t> multipleOf;
  std::optional<std::uint64_t> minLength, maxLength, minItems, maxItems, minProperties,
      maxProperties;
  bool uniqueItems = false;

  std::vector<const Node*> allOf, anyOf, oneOf;
  const Node* negated = nullptr;  // not
};

}  // namespace unigate::base::schema

namespace unigate::base {

struct JsonSchema::Impl {
  std::shared_ptr<const json::Document> document;  // shared: nodes point into it
  std::unordered_map<const rapidjson::Value*, std::unique_ptr<schema::Node>> nodes;
  const schema::Node* root = nullptr;
};

}  // namespace unigate::base
