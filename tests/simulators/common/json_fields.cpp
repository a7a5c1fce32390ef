#include "common/json_fields.hpp"

#include <algorithm>
#include <charconv>

namespace simulators {
namespace {

using Kind = FieldFaults::Kind;

std::optional<std::int64_t> integerIn(const std::string& text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

class Checker {
 public:
  Checker(FieldFaults& out, bool lenient) : out_(out), lenient_(lenient) {}

  void object(const std::vector<Field>& fields, Json& value, const std::string& path) {
    for (const auto& [name, content] : value.items()) {
      const bool known = std::any_of(fields.begin(), fields.end(),
                                     [&, key = &name](const Field& f) { return f.name == *key; });
      if (!known) out_.unknown.push_back(below(path, name));
    }
    for (const auto& field : fields) {
      const auto found = value.find(field.name);
      const auto where = below(path, field.name);
      if (found == value.end() || (found->is_null() && field.required)) {
        if (field.required) fault(where, Kind::kMissing);
        continue;
      }
      if (found->is_null()) continue;
      if (field.required && found->is_string() && found->get_ref<const std::string&>().empty()) {
        fault(where, Kind::kMissing);
        continue;
      }
      content(field, *found, where);
    }
  }

 private:
  void fault(const std::string& path, Kind kind) { out_.faults.push_back({path, kind}); }

  void content(const Field& field, Json& value, const std::string& path) {
    if (!field.list) return single(field, value, path);
    if (!value.is_array()) return fault(path, Kind::kList);
    for (std::size_t i = 0; i < value.size(); ++i) {
      single(field, value[i], below(path, std::to_string(i)));
    }
  }

  void single(const Field& field, Json& value, const std::string& path) {
    using Type = Field::Type;
    switch (field.type) {
      case Type::kAny:
      case Type::kRange:
        return;
      case Type::kHash:
        if (!value.is_object()) return fault(path, Kind::kObject);
        return object(field.fields, value, path);
      case Type::kMetadata:
        if (!value.is_object() && !(value.is_array() && value.empty())) fault(path, Kind::kObject);
        return;
      case Type::kInteger:
        if (lenient_ && value.is_string()) {
          if (const auto number = integerIn(value.get<std::string>())) value = *number;
        }
        if (!value.is_number_integer()) fault(path, Kind::kInteger);
        return;
      case Type::kNumber:
        if (!value.is_number()) fault(path, Kind::kNumber);
        return;
      case Type::kBoolean:
        return boolean(value, path);
      case Type::kText:
        if (lenient_ && (value.is_number_integer() || value.is_boolean())) value = value.dump();
        if (!value.is_string()) fault(path, Kind::kText);
        return;
      case Type::kWord:
        if (!value.is_string() || std::find(field.words.begin(), field.words.end(),
                                            value.get<std::string>()) == field.words.end()) {
          fault(path, Kind::kWord);
        }
        return;
    }
  }

  void boolean(Json& value, const std::string& path) {
    if (value.is_boolean()) return;
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    if (lenient_ && (text == "1" || text == "true")) {
      value = true;
    } else if (lenient_ && (text == "0" || text == "false")) {
      value = false;
    } else {
      fault(path, Kind::kBoolean);
    }
  }

  FieldFaults& out_;
  bool lenient_;
};

Json jsonOfNode(const FormNode& node) {
  if (node.children.empty()) return node.value;
  bool isList = true;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    isList = isList && node.children[i].key == std::to_string(i);
  }
  Json out = isList ? Json::array() : Json::object();
  for (const auto& child : node.children) {
    if (isList) {
      out.push_back(jsonOfNode(child));
    } else {
      out[child.key] = jsonOfNode(child);
    }
  }
  return out;
}

}  // namespace

FieldFaults checkJson(const std::vector<Field>& fields, Json& object, bool lenient) {
  FieldFaults out;
  Checker(out, lenient).object(fields, object, {});
  return out;
}

Json jsonOfForm(const FormNode& root) {
  return root.children.empty() ? Json::object() : jsonOfNode(root);
}

}  // namespace simulators
