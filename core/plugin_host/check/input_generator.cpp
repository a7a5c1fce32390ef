#include "plugin_host/check/input_generator.hpp"

#include <algorithm>
#include <regex>
#include <unigate/json.hpp>

#include "base/json_schema.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr int kDepthMax = 16;

// Texts for the patterns that payment schemas use: codes, currencies, countries, dates, ids.
constexpr std::string_view kSamples[] = {"USD",
                                         "US",
                                         "usd",
                                         "en",
                                         "1000000000000000",
                                         "10.50",
                                         "1",
                                         "2026-11-21",
                                         "2026-11-21T03:14:56Z",
                                         "check@example.com",
                                         "+15005550006",
                                         "https://shop.example/return",
                                         "check_1",
                                         "check-1",
                                         "Check 1"};

class Generator {
 public:
  explicit Generator(json::View root) : root_(root) {}

  bool write(json::View schema, json::Writer& out, int depth) {
    if (depth > kDepthMax) return false;
    if (const auto reference = schema["$ref"].string()) {
      return write(resolve(*reference), out, depth + 1);
    }
    if (schema["enum"].size() > 0) {
      out.value(schema["enum"][0]);
      return true;
    }
    if (schema["const"].exists()) {
      out.value(schema["const"]);
      return true;
    }
    for (const std::string_view choice : {"allOf", "anyOf", "oneOf"}) {
      if (schema[choice].size() > 0 && !schema["properties"].exists()) {
        return write(schema[choice][0], out, depth + 1);
      }
    }
    return writeType(typeOf(schema), schema, out, depth);
  }

 private:
  static std::string typeOf(const json::View& schema) {
    const json::View type = schema["type"];
    if (type.isArray()) return std::string(type[0].stringOr(""));
    if (schema["properties"].exists()) return "object";
    return std::string(type.stringOr("object"));
  }

  bool writeType(const std::string& type, json::View schema, json::Writer& out, int depth) {
    if (type == "object") return writeObject(schema, out, depth);
    if (type == "array") {
      out.beginArray();
      const std::int64_t count = schema["minItems"].int64Or(0);
      for (std::int64_t i = 0; i < count; ++i) {
        if (!write(schema["items"], out, depth + 1)) return false;
      }
      out.endArray();
      return true;
    }
    if (type == "string") return writeString(schema, out);
    if (type == "integer" || type == "number") {
      out.value(std::max<std::int64_t>(schema["minimum"].int64Or(1), 0) + exclusive(schema));
    } else if (type == "boolean") {
      out.value(false);
    } else {
      out.null();
    }
    return true;
  }

  static std::int64_t exclusive(const json::View& schema) {
    return schema["exclusiveMinimum"].booleanOr(false) ? 1 : 0;
  }

  bool writeObject(json::View schema, json::Writer& out, int depth) {
    out.beginObject();
    for (const auto& name : schema["required"].items()) {
      const std::string_view key = name.stringOr("");
      const json::View member = schema["properties"][key];
      out.key(key);
      if (!member.exists()) {
        out.value("check_1");
      } else if (!write(member, out, depth + 1)) {
        return false;
      }
    }
    out.endObject();
    return true;
  }

  static bool writeString(json::View schema, json::Writer& out) {
    const auto lengthMin =
        static_cast<std::size_t>(std::max<std::int64_t>(schema["minLength"].int64Or(0), 0));
    const auto lengthMax = static_cast<std::size_t>(schema["maxLength"].int64Or(1'000'000));
    const auto pattern = schema["pattern"].string();
    if (!pattern) {
      std::string text = "check_1";
      if (text.size() < lengthMin) text.resize(lengthMin, 'x');
      if (text.size() > lengthMax) text.resize(lengthMax);
      out.value(text);
      return true;
    }
    try {
      const std::regex compiled{std::string(*pattern)};
      for (const std::string_view sample : kSamples) {
        const bool fits = sample.size() >= lengthMin && sample.size() <= lengthMax;
        if (fits && std::regex_search(std::string(sample), compiled)) {
          out.value(sample);
          return true;
        }
      }
    } catch (const std::regex_error&) {
      return false;
    }
    return false;
  }

  json::View resolve(std::string_view reference) const {
    json::View at = root_;
    if (reference.substr(0, 1) != "#") return {};
    reference.remove_prefix(1);
    while (!reference.empty()) {
      reference.remove_prefix(1);
      const std::size_t end = std::min(reference.find('/'), reference.size());
      at = at[reference.substr(0, end)];
      reference.remove_prefix(end);
    }
    return at;
  }

  json::View root_;
};

}  // namespace

std::optional<std::string> generateInput(std::string_view schemaText) {
  json::Document schema;
  json::ReadError error;
  if (!schema.parse(schemaText, error, {64, 16 * 1024 * 1024})) return std::nullopt;
  json::Writer out;
  Generator generator(schema.root());
  if (!generator.write(schema.root(), out, 0)) return std::nullopt;
  std::string text = out.take();
  const auto compiled = base::JsonSchema::compile(schemaText);
  json::Document input;
  if (!compiled || !input.parse(text, error) || compiled->firstFault(input.root()))
    return std::nullopt;
  return text;
}

}  // namespace unigate::plugin_host::check
