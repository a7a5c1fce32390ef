#include <rapidjson/pointer.h>

#include <algorithm>
#include <array>

#include "base/json_schema_node.hpp"

namespace unigate::base {

namespace {

using schema::Node;
using Value = rapidjson::Value;

// Thrown by the compiler, caught in JsonSchema::compile.
struct CompileError {
  std::string message;
};

std::string_view textOf(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// Keywords that describe and don't check.
constexpr std::array kAnnotations = {
    std::string_view("$schema"),    std::string_view("$id"),
    std::string_view("id"),         std::string_view("$comment"),
    std::string_view("title"),      std::string_view("description"),
    std::string_view("default"),    std::string_view("example"),
    std::string_view("examples"),   std::string_view("format"),
    std::string_view("readOnly"),   std::string_view("writeOnly"),
    std::string_view("deprecated"), std::string_view("definitions"),
    std::string_view("$defs")};

class Compiler {
 public:
  explicit Compiler(const Value& document) : document_(document) {}

  const Node* node(const Value& schema, const std::string& where) {
    const auto known = nodes_.find(&schema);
    if (known != nodes_.end()) return known->second.get();
    Node& made = *nodes_.emplace(&schema, std::make_unique<Node>()).first->second;
    if (schema.IsBool()) {
      made.never = !schema.GetBool();
    } else if (schema.IsObject()) {
      // Entered before its parts are read, so that a schema may refer to itself.
      for (const auto& member : schema.GetObject()) {
        const std::string_view keyword = textOf(member.name);
        readKeyword(made, schema, keyword, member.value, below(where, keyword));
      }
    } else {
      throw CompileError{where + ": a schema must be an object or a boolean"};
    }
    return &made;
  }

  const Node* at(std::string_view pointer) {
    if (!pointer.empty() && pointer.front() == '#') pointer.remove_prefix(1);
    const rapidjson::Pointer way(pointer.data() == nullptr ? "" : pointer.data(), pointer.size());
    const Value* target = way.IsValid() ? way.Get(document_) : nullptr;
    if (target == nullptr)
      throw CompileError{"#" + std::string(pointer) + ": names nothing in this schema"};
    return node(*target, "#" + std::string(pointer));
  }

  auto takeNodes() { return std::move(nodes_); }

 private:
  void readKeyword(Node& made, const Value& schema, std::string_view keyword, const Value& value,
                   const std::string& where) {
    if (std::find(kAnnotations.begin(), kAnnotations.end(), keyword) != kAnnotations.end()) return;
    if (keyword.substr(0, 2) == "x-") return;
    if (!readObjectKeyword(made, keyword, value, where) &&
        !readValueKeyword(made, schema, keyword, value, where) &&
        !readCombination(made, keyword, value, where)) {
      throw CompileError{where + ": keyword is not supported"};
    }
  }

  bool readObjectKeyword(Node& made, std::string_view keyword, const Value& value,
                         const std::string& where) {
    if (keyword == "properties") {
      need(value.IsObject(), where, "an object");
      for (const auto& member : value.GetObject()) {
        const std::string name(textOf(member.name));
        made.properties.emplace_back(name, node(member.value, below(where, name)));
      }
      std::sort(made.properties.begin(), made.properties.end());
    } else if (keyword == "patternProperties") {
      need(value.IsObject(), where, "an object");
      for (const auto& member : value.GetObject()) {
        made.patternProperties.emplace_back(pattern(member.name, where), node(member.value, where));
      }
    } else if (keyword == "required") {
      need(value.IsArray(), where, "an array of names");
      for (const Value& name : value.GetArray()) {
        need(name.IsString(), where, "an array of names");
        made.required.emplace_back(textOf(name));
      }
    } else if (keyword == "additionalProperties") {
      if (value.IsBool()) {
        made.closed = !value.GetBool();
      } else {
        made.additional = node(value, where);
      }
    } else if (keyword == "propertyNames") {
      made.propertyNames = node(value, where);
    } else if (keyword == "minProperties") {
      made.minProperties = count(value, where);
    } else if (keyword == "maxProperties") {
      made.maxProperties = count(value, where);
    } else {
      return false;
    }
    return true;
  }

  bool readValueKeyword(Node& made, const Value& schema, std::string_view keyword,
                        const Value& value, const std::string& where) {
    if (keyword == "type") {
      made.types = types(value, where);
    } else if (keyword == "enum") {
      need(value.IsArray() && value.Size() > 0, where, "an array that is not empty");
      made.choices = &value;
    } else if (keyword == "const") {
      made.constant = &value;
    } else if (keyword == "pattern") {
      made.pattern = pattern(value, where);
    } else if (keyword == "minLength") {
      made.minLength = count(value, where);
    } else if (keyword == "maxLength") {
      made.maxLength = count(value, where);
    } else if (keyword == "items") {
      made.items = node(value, where);
    } else if (keyword == "minItems") {
      made.minItems = count(value, where);
    } else if (keyword == "maxItems") {
      made.maxItems = count(value, where);
    } else if (keyword == "uniqueItems") {
      need(value.IsBool(), where, "a boolean");
      made.uniqueItems = value.GetBool();
    } else if (keyword == "multipleOf") {
      made.multipleOf = count(value, where);
      need(*made.multipleOf > 0, where, "a positive integer");
    } else {
      return readBound(made, schema, keyword, value, where);
    }
    return true;
  }

  // Draft-04 says `exclusiveMinimum: true` beside `minimum`, later drafts `exclusiveMinimum: 0`.
  bool readBound(Node& made, const Value& schema, std::string_view keyword, const Value& value,
                 const std::string& where) {
    const bool lower = keyword == "minimum" || keyword == "exclusiveMinimum";
    if (!lower && keyword != "maximum" && keyword != "exclusiveMaximum") return false;
    schema::Bound& bound = lower ? made.minimum : made.maximum;
    if (value.IsBool() && keyword.substr(0, 9) == "exclusive") {
      need(schema.HasMember(lower ? "minimum" : "maximum"), where, "beside its bound");
      bound.exclusive = value.GetBool();
      return true;
    }
    need(value.IsNumber(), where, "a number");
    need(bound.limit == nullptr, where, "the only bound on its side");
    bound.limit = &value;
    if (keyword.substr(0, 9) == "exclusive") bound.exclusive = true;
    return true;
  }

  bool readCombination(Node& made, std::string_view keyword, const Value& value,
                       const std::string& where) {
    if (keyword == "$ref") {
      need(value.IsString() && textOf(value).substr(0, 1) == "#", where,
           "a reference into the same text, such as #/definitions/name");
      made.reference = at(textOf(value));
    } else if (keyword == "not") {
      made.negated = node(value, where);
    } else if (keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf") {
      need(value.IsArray() && value.Size() > 0, where, "an array that is not empty");
      auto& branches =
          keyword == "allOf" ? made.allOf : (keyword == "anyOf" ? made.anyOf : made.oneOf);
      for (const Value& branch : value.GetArray()) branches.push_back(node(branch, where));
    } else {
      return false;
    }
    return true;
  }

  static std::string below(const std::string& where, std::string_view name) {
    std::string place = where;
    place += '/';
    place += name;
    return place;
  }

  static void need(bool condition, const std::string& where, std::string_view what) {
    if (!condition) throw CompileError{where + ": must be " + std::string(what)};
  }

  static std::uint64_t count(const Value& value, const std::string& where) {
    need(value.IsUint64(), where, "an integer of 0 or more");
    return value.GetUint64();
  }

  static unsigned types(const Value& value, const std::string& where) {
    const auto bit = [&where](const Value& name) {
      need(name.IsString(), where, "a type or an array of types");
      for (const auto& [mask, text] : schema::kTypeNames) {
        if (text == textOf(name)) return mask;
      }
      throw CompileError{where + ": unknown type \"" + std::string(textOf(name)) + "\""};
    };
    if (!value.IsArray()) return bit(value);
    need(value.Size() > 0, where, "a type or an array of types");
    unsigned mask = 0;
    for (const Value& name : value.GetArray()) mask |= bit(name);
    return mask;
  }

  static schema::Pattern pattern(const Value& value, const std::string& where) {
    need(value.IsString(), where, "a regular expression");
    std::string text(textOf(value));
    try {
      // __polynomial: breadth-first matching, so that no text from outside can blow up time or
      // stack as the backtracking matcher would let it.
      std::regex regex(text, std::regex_constants::ECMAScript | std::regex_constants::__polynomial |
                                 std::regex_constants::optimize);
      return {std::move(text), std::move(regex)};
    } catch (const std::regex_error&) {
      throw CompileError{where + ": is no regular expression that can be checked"};
    }
  }

  const Value& document_;
  std::unordered_map<const Value*, std::unique_ptr<Node>> nodes_;
};

}  // namespace

tl::expected<JsonSchema, std::string> JsonSchema::compile(std::string_view schemaText,
                                                          std::string_view pointer) {
  auto document = std::make_shared<json::Document>();
  json::ReadError error;
  if (!document->parse(schemaText, error, {64, 8UL * 1024 * 1024})) {
    return tl::unexpected("the schema is no JSON: " + error.message + " at byte " +
                          std::to_string(error.offset));
  }
  return compile(std::move(document), pointer);
}

tl::expected<JsonSchema, std::string> JsonSchema::compile(
    std::shared_ptr<const json::Document> document, std::string_view pointer) {
  auto impl = std::make_shared<Impl>();
  impl->document = std::move(document);
  try {
    Compiler compiler(*impl->document->root().raw());
    impl->root = compiler.at(pointer);
    impl->nodes = compiler.takeNodes();
  } catch (const CompileError& fault) {
    return tl::unexpected(fault.message);
  }
  return JsonSchema(std::move(impl));
}

}  // namespace unigate::base
