#include "base/yaml_document.hpp"

#include <rapidjson/pointer.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "base/json_schema.hpp"
#include "base/text.hpp"
#include "base/yaml_tree.hpp"

namespace unigate::base {

namespace {

using yaml::Value;

struct Place {
  int line = 0;
  std::string source;  // empty: the file
};

using Places = std::map<std::string, Place, std::less<>>;

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

std::vector<std::string> pointerSteps(std::string_view pointer) {
  std::vector<std::string> steps;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string step;
    for (std::size_t i = 0; i < end; ++i) {
      if (pointer[i] == '~' && i + 1 < end) {
        step += pointer[++i] == '0' ? '~' : '/';
      } else {
        step += pointer[i];
      }
    }
    steps.push_back(std::move(step));
    pointer.remove_prefix(end);
  }
  return steps;
}

void write(json::Writer& writer, const Value& node) {
  switch (node.kind) {
    case Value::Kind::null:
      writer.null();
      break;
    case Value::Kind::boolean:
      writer.value(node.flag);
      break;
    case Value::Kind::integer:
      writer.value(node.integer);
      break;
    case Value::Kind::large:
      writer.value(node.large);
      break;
    case Value::Kind::real:
      writer.value(node.real);
      break;
    case Value::Kind::text:
      writer.value(node.text);
      break;
    case Value::Kind::list:
      writer.beginArray();
      for (const Value& item : node.items) write(writer, item);
      writer.endArray();
      break;
    case Value::Kind::mapping:
      writer.beginObject();
      for (const auto& [key, value] : node.members) {
        writer.key(key);
        write(writer, value);
      }
      writer.endObject();
      break;
  }
}

void collectPlaces(Places& places, const std::string& pointer, const Value& node,
                   const std::string& source) {
  const std::string& own = node.source.empty() ? source : node.source;
  places[pointer] = {own.empty() ? node.line : 0, own};
  for (std::size_t i = 0; i < node.items.size(); ++i)
    collectPlaces(places, pointer + "/" + std::to_string(i), node.items[i], own);
  for (const auto& [key, value] : node.members)
    collectPlaces(places, pointer + "/" + escaped(key), value, own);
}

tl::unexpected<YamlDocument::Problems> refuse(std::string file, int line, std::string message) {
  return tl::unexpected(YamlDocument::Problems{{std::move(file), line, {}, std::move(message)}});
}

}  // namespace

struct YamlDocument::Impl {
  std::string name;
  Value root;
  json::Document document;
  std::string text;
  Places places;

  // Brings text, values and places up to date with the tree; the reason when it can't.
  std::optional<std::string> refresh() {
    json::Writer writer;
    write(writer, root);
    json::Document fresh;
    json::ReadError error;
    // Escapes and repeated aliases may make the text longer than the file was.
    if (!fresh.parse(writer.view(), error, {yaml::kDepthMax, 16 * yaml::kBytesMax}))
      return error.message;
    text = writer.take();
    document = std::move(fresh);
    places.clear();
    collectPlaces(places, "", root, "");
    return std::nullopt;
  }

  const Place& placeOf(std::string_view pointer) const {
    for (;;) {
      const auto found = places.find(pointer);
      if (found != places.end()) return found->second;
      const std::size_t slash = pointer.rfind('/');
      if (slash == std::string_view::npos) break;
      pointer = pointer.substr(0, slash);
    }
    static const Place kNowhere;
    return kNowhere;
  }
};

std::string YamlProblem::text() const {
  std::string result = file;
  if (line > 0) result += ":" + std::to_string(line);
  result += ": ";
  if (!path.empty()) result += path + ": ";
  return result + message;
}

YamlDocument::YamlDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
YamlDocument::YamlDocument(YamlDocument&&) noexcept = default;
YamlDocument& YamlDocument::operator=(YamlDocument&&) noexcept = default;
YamlDocument::~YamlDocument() = default;

tl::expected<YamlDocument, YamlDocument::Problems> YamlDocument::loadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse(path, 0, std::string("can't be opened: ") + std::strerror(errno));
  std::string text(yaml::kBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof()))
    return refuse(path, 0, "can't be read; is it a regular file?");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return loadText(text, path);
}

tl::expected<YamlDocument, YamlDocument::Problems> YamlDocument::loadText(
    std::string_view text, const std::string& nameForMessages) {
  auto impl = std::make_unique<Impl>();
  impl->name = nameForMessages;
  try {
    impl->root = yaml::read(text);
  } catch (const yaml::ReadFault& fault) {
    return refuse(nameForMessages, fault.line, fault.message);
  }
  if (auto reason = impl->refresh()) return refuse(nameForMessages, 0, *reason);
  return YamlDocument(std::move(impl));
}

const json::Document& YamlDocument::json() const {
  return impl_->document;
}
const std::string& YamlDocument::jsonText() const {
  return impl_->text;
}
int YamlDocument::lineOf(std::string_view jsonPointer) const {
  return impl_->placeOf(jsonPointer).line;
}

std::optional<YamlProblem> YamlDocument::applyOverride(std::string_view jsonPointer,
                                                       std::string_view value,
                                                       const std::string& source) {
  const auto problem = [&source](std::string message) {
    return YamlProblem{source, 0, {}, std::move(message)};
  };
  if (jsonPointer.empty() || jsonPointer.front() != '/' || !isUtf8(jsonPointer))
    return problem("names no setting");
  Value made;
  try {
    const bool structured =
        !value.empty() && std::string_view("\"'[{").find(value.front()) != std::string_view::npos;
    if (!isUtf8(value)) return problem("is not UTF-8");
    made = structured ? yaml::read(value) : yaml::plainScalar(value, 0);
  } catch (const yaml::ReadFault& fault) {
    return problem(fault.message);
  }
  made.source = source;
  Value changed = impl_->root;
  Value* at = &changed;
  for (const std::string& step : pointerSteps(jsonPointer)) {
    if (at->kind == Value::Kind::list) {
      const bool isIndex = !step.empty() && step.size() < 6 &&
                           step.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t index = isIndex ? std::stoul(step) : at->items.size() + 1;
      if (index > at->items.size()) return problem("names no item of the list");
      if (index == at->items.size()) at->items.emplace_back();
      at = &at->items[index];
      continue;
    }
    if (at->kind == Value::Kind::null) at->kind = Value::Kind::mapping;
    if (at->kind != Value::Kind::mapping)
      return problem("\"" + printable(step) + "\" lies below a value that is no mapping");
    Value* next = at->member(step);
    if (next == nullptr) {
      Value fresh;
      fresh.source = source;
      at->members.push_back({step, std::move(fresh)});
      next = &at->members.back().value;
    }
    at = next;
  }
  *at = std::move(made);
  std::swap(impl_->root, changed);
  if (auto reason = impl_->refresh()) {
    std::swap(impl_->root, changed);
    return problem(*reason);
  }
  return std::nullopt;
}

std::optional<std::string> YamlDocument::overridePointer(std::string_view variableName) {
  constexpr std::string_view kPrefix = "UNIGATE__";
  if (variableName.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  variableName.remove_prefix(kPrefix.size());
  std::string pointer;
  while (!variableName.empty()) {
    const std::size_t end = std::min(variableName.find("__"), variableName.size());
    if (end == 0) return std::nullopt;
    pointer += '/';
    for (const char c : variableName.substr(0, end))
      pointer += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (end + 2 == variableName.size()) return std::nullopt;
    variableName.remove_prefix(std::min(end + 2, variableName.size()));
  }
  if (pointer.empty()) return std::nullopt;
  return pointer;
}

YamlDocument::Problems YamlDocument::check(std::string_view jsonSchema) const {
  const auto schema = JsonSchema::compile(jsonSchema);
  if (!schema) return {{impl_->name, 0, {}, "can't be checked: " + schema.error()}};
  Problems problems;
  for (const SchemaFault& fault : schema->faults(impl_->document.root())) {
    const Place& place = impl_->placeOf(fault.pointer);
    std::string message = fault.message;
    const auto* value =
        rapidjson::Pointer(fault.pointer.c_str()).Get(*impl_->document.root().raw());
    const bool plain = value != nullptr && (value->IsNumber() || value->IsBool());
    if (plain && message == "must be a string") message += "; put it in quotes";
    problems.push_back({place.source.empty() ? impl_->name : place.source, place.line, fault.path,
                        std::move(message)});
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  return problems;
}

}  // namespace unigate::base
