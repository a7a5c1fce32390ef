#include "stripe/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "stripe/errors.hpp"

namespace simulators::stripe {
namespace {

constexpr std::size_t kTextLengthMax = 5000;
constexpr std::size_t kMetadataKeysMax = 50;
constexpr std::size_t kMetadataKeyLengthMax = 40;
constexpr std::size_t kMetadataValueLengthMax = 500;

std::string pathOf(const std::string& outer, const std::string& name) {
  return outer.empty() ? name : outer + "[" + name + "]";
}

std::string joinedWords(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? ", or " : ", ";
    text += words[i];
  }
  return text;
}

bool isNumber(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

void checkScalar(const Field& field, const FormNode& node, const std::string& path);

void checkMetadata(const FormNode& node, const std::string& path) {
  if (!node.children.empty() && node.children.size() > kMetadataKeysMax) {
    throw invalidParameter(path, "Metadata can have at most 50 keys.");
  }
  if (node.children.empty() && !node.value.empty()) {
    throw invalidParameter(path, "Invalid object", "");
  }
  for (const auto& entry : node.children) {
    if (entry.key.size() > kMetadataKeyLengthMax) {
      throw invalidParameter(path,
                             "Metadata keys can have up to 40 characters, but you passed in " +
                                 std::to_string(entry.key.size()) + " characters.");
    }
    if (!entry.children.empty()) {
      throw invalidParameter(pathOf(path, entry.key), "Metadata values must be strings");
    }
    if (entry.value.size() > kMetadataValueLengthMax) {
      throw invalidParameter(pathOf(path, entry.key),
                             "Metadata values can have up to 500 characters, but you passed in " +
                                 std::to_string(entry.value.size()) + " characters.");
    }
  }
}

void checkRange(const FormNode& node, const std::string& path) {
  static const std::vector<Field> kBounds = parseSpecification("gt:i gte:i lt:i lte:i");
  if (!node.children.empty()) return checkParameters(kBounds, node);
  if (!readInteger(node.value)) {
    throw invalidParameter(path, "Invalid integer: " + node.value, "parameter_invalid_integer");
  }
}

void check(const std::vector<Field>& fields, const FormNode& node, const std::string& path) {
  std::vector<std::string> unknown;
  for (const auto& given : node.children) {
    const auto known = std::any_of(fields.begin(), fields.end(),
                                   [&](const Field& f) { return f.name == given.key; });
    if (!known) unknown.push_back(pathOf(path, given.key));
  }
  if (!unknown.empty()) {
    auto message = std::string("Received unknown parameter") + (unknown.size() > 1 ? "s: " : ": ");
    for (std::size_t i = 0; i < unknown.size(); ++i) message += (i > 0 ? ", " : "") + unknown[i];
    throw invalidParameter(unknown.front(), message, "parameter_unknown");
  }
  for (const auto& field : fields) {
    const auto* given = node.child(field.name);
    if (given) {
      checkScalar(field, *given, pathOf(path, field.name));
    } else if (field.required) {
      throw parameterMissing(pathOf(path, field.name));
    }
  }
}

void checkList(const Field& field, const FormNode& node, const std::string& path) {
  if (node.children.empty()) throw invalidParameter(path, "Invalid array");
  Field element = field;
  element.list = false;
  for (const auto& item : node.children) {
    if (!readInteger(item.key)) throw invalidParameter(path, "Invalid array");
    checkScalar(element, item, pathOf(path, item.key));
  }
}

void checkText(const FormNode& node, const std::string& path) {
  if (node.value.size() > kTextLengthMax) {
    throw invalidParameter(path, "Invalid string: " + node.value.substr(0, 8) +
                                     "...; must be at most 5000 characters");
  }
}

void checkScalar(const Field& field, const FormNode& node, const std::string& path) {
  using Type = Field::Type;
  if (field.type == Type::kAny) return;
  if (field.type == Type::kMetadata) return checkMetadata(node, path);
  if (node.children.empty() && node.value.empty()) {
    if (field.unsettable) return;
    if (field.required) throw parameterMissing(path);
    throw invalidParameter(path,
                           "You passed an empty string for '" + path +
                               "'. We assume empty values are an attempt to unset a parameter; "
                               "however '" +
                               path + "' cannot be unset. You should remove '" + path +
                               "' from your request or supply a non-empty value.",
                           "parameter_invalid_empty");
  }
  if (field.list) return checkList(field, node, path);
  if (field.type == Type::kRange) return checkRange(node, path);
  if (field.type == Type::kHash) {
    if (node.children.empty()) throw invalidParameter(path, "Invalid object");
    return check(field.fields, node, path);
  }
  if (!node.children.empty()) throw invalidParameter(path, "Invalid string: expected a scalar");
  switch (field.type) {
    case Type::kInteger:
      if (!readInteger(node.value)) {
        throw invalidParameter(path, "Invalid integer: " + node.value, "parameter_invalid_integer");
      }
      return;
    case Type::kNumber:
      if (!isNumber(node.value)) throw invalidParameter(path, "Invalid decimal: " + node.value);
      return;
    case Type::kBoolean:
      if (node.value != "true" && node.value != "false") {
        throw invalidParameter(path, "Invalid boolean: " + node.value);
      }
      return;
    case Type::kWord:
      if (std::find(field.words.begin(), field.words.end(), node.value) == field.words.end()) {
        throw invalidParameter(path,
                               "Invalid " + path + ": must be one of " + joinedWords(field.words));
      }
      return;
    default:
      return checkText(node, path);
  }
}

}  // namespace

std::optional<std::int64_t> readInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

void checkParameters(const std::vector<Field>& fields, const FormNode& root) {
  check(fields, root, {});
}

std::string_view Parameters::text(std::string_view name) const {
  const auto* found = node(name);
  return found ? std::string_view(found->value) : std::string_view();
}

std::optional<std::int64_t> Parameters::integer(std::string_view name) const {
  const auto* found = node(name);
  return found ? readInteger(found->value) : std::nullopt;
}

std::vector<std::string> Parameters::list(std::string_view name) const {
  std::vector<std::string> values;
  if (const auto* found = node(name)) {
    for (const auto& item : found->children) values.push_back(item.value);
  }
  return values;
}

}  // namespace simulators::stripe
