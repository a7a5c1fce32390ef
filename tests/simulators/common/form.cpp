#include "common/form.hpp"

#include <algorithm>
#include <cstdint>

namespace simulators {
namespace {

constexpr std::size_t kDepthMax = 8;

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// a[b][] -> {"a", "b", ""}
std::optional<std::vector<std::string_view>> splitKey(std::string_view key) {
  std::vector<std::string_view> parts;
  const auto open = key.find('[');
  parts.push_back(key.substr(0, open));
  if (parts[0].empty()) return std::nullopt;
  while (!key.empty() && open != std::string_view::npos) {
    const auto from = key.find('[');
    if (from == std::string_view::npos) break;
    const auto to = key.find(']', from);
    if (to == std::string_view::npos) return std::nullopt;
    parts.push_back(key.substr(from + 1, to - from - 1));
    key.remove_prefix(to + 1);
    if (!key.empty() && key[0] != '[') return std::nullopt;
  }
  if (parts.size() > kDepthMax) return std::nullopt;
  return parts;
}

// The element that a "[]" names: the last one while it lacks the next field, else a new one.
FormNode& arrayElement(FormNode& array, const std::string_view* following) {
  if (following && !array.children.empty() && !array.children.back().child(*following)) {
    return array.children.back();
  }
  return array.childOrNew(std::to_string(array.children.size()));
}

}  // namespace

const FormNode* FormNode::child(std::string_view name) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const auto& c) { return c.key == name; });
  return found == children.end() ? nullptr : &*found;
}

FormNode& FormNode::childOrNew(std::string_view name) {
  for (auto& c : children) {
    if (c.key == name) return c;
  }
  children.emplace_back();
  children.back().key = name;
  return children.back();
}

std::string decodeUrl(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size() && hexDigit(text[i + 1]) >= 0 &&
               hexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hexDigit(text[i + 1]) * 16 + hexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string encodeUrl(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

bool isUtf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80       ? 1
                               : lead >> 5 == 6  ? 2
                               : lead >> 4 == 14 ? 3
                               : lead >> 3 == 30 ? 4
                                                 : 0;
    if (length == 0 || length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 0x3fU);
    }
    static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::vector<FormPair> parseFormPairs(std::string_view text) {
  std::vector<FormPair> pairs;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.push_back({decodeUrl(pair.substr(0, equals)), decodeUrl(value)});
  }
  return pairs;
}

std::optional<FormNode> buildFormTree(const std::vector<FormPair>& pairs) {
  FormNode root;
  root.children.reserve(pairs.size());
  for (const auto& [key, value] : pairs) {
    const auto parts = splitKey(key);
    if (!parts) return std::nullopt;
    FormNode* node = &root;
    for (std::size_t i = 0; i < parts->size(); ++i) {
      const auto part = (*parts)[i];
      const auto* following = i + 1 < parts->size() ? &(*parts)[i + 1] : nullptr;
      node = part.empty() ? &arrayElement(*node, following) : &node->childOrNew(part);
    }
    node->value = value;
    node->hasValue = true;
  }
  return root;
}

}  // namespace simulators
