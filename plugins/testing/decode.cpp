#include "testing/decode.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace unigate::testing {

namespace {

std::string percentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size()) {
      out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

void writeScalar(json::Writer& out, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") {  // quoted
    out.value(text);
    return;
  }
  std::int64_t number = 0;
  bool flag = false;
  if (YAML::convert<bool>::decode(node, flag) && (text == "true" || text == "false")) {
    out.value(flag);
  } else if (YAML::convert<std::int64_t>::decode(node, number) && text != "" && text[0] != '+') {
    out.value(number);
  } else {
    out.value(text);
  }
}

void writeNode(json::Writer& out, const YAML::Node& node) {
  if (node.IsScalar()) {
    writeScalar(out, node);
  } else if (node.IsSequence()) {
    out.beginArray();
    for (const auto& item : node) writeNode(out, item);
    out.endArray();
  } else if (node.IsMap()) {
    out.beginObject();
    for (const auto& pair : node) {
      out.key(pair.first.Scalar());
      writeNode(out, pair.second);
    }
    out.endObject();
  } else {
    out.null();
  }
}

}  // namespace

std::map<std::string, std::string> decodeForm(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  std::map<std::string, std::size_t> times;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) throw std::runtime_error("form item without '='");
    pairs.emplace_back(percentDecode(item.substr(0, equals)),
                       percentDecode(item.substr(equals + 1)));
    ++times[pairs.back().first];
  }
  std::map<std::string, std::string> result;
  std::map<std::string, std::size_t> next;
  for (const auto& [name, value] : pairs) {
    // "a[]" is the list form of some providers: "a[0]", "a[1]", ...
    const bool brackets = name.size() > 2 && name.ends_with("[]");
    const bool list = brackets || times[name] > 1;
    const std::string base = brackets ? name.substr(0, name.size() - 2) : name;
    const std::string place = list ? base + "[" + std::to_string(next[name]++) + "]" : name;
    if (!result.emplace(place, value).second) throw std::runtime_error("form name twice: " + place);
  }
  return result;
}

std::string yamlFileToJson(const std::string& path) {
  json::Writer out;
  writeNode(out, YAML::LoadFile(path));
  return out.take();
}

bool sameJson(json::View a, json::View b) {
  if (a.isObject() && b.isObject()) {
    if (a.size() != b.size()) return false;
    for (const json::Member& member : a.members()) {
      if (!sameJson(member.value, b[member.name])) return false;
    }
    return true;
  }
  if (a.isArray() && b.isArray()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!sameJson(a[i], b[i])) return false;
    }
    return true;
  }
  return a.exists() && b.exists() && json::toText(a) == json::toText(b);
}

std::string readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("can't read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace unigate::testing
