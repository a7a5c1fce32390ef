// Percent-encoding and form bodies with brackets, e.g. `metadata[order]=42&items[0][price]=p_1`.
// Used by adapters for paths, queries and application/x-www-form-urlencoded bodies.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace unigate::sdk {

namespace detail {

inline void appendEncoded(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
}

}  // namespace detail

// RFC 3986: all but unreserved characters become %XX. Right for one segment of a path, and for a
// name or value of a query or form.
inline std::string percentEncode(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  detail::appendEncoded(out, text);
  return out;
}

// Writes names and values in the order of the calls. A value is text, an integer, true or false, or
// an optional of one of these, which writes nothing when it is empty. A nested name is given in its
// parts: `addNested({"card", "number"}, x)` is `card[number]=x`, and an index of an array is a part
// too: {"items", "0"}.
class FormEncoder {
 public:
  template <typename T>
  FormEncoder& add(std::string_view name, const T& value) {
    return addParts(&name, 1, value);
  }
  template <typename T>
  FormEncoder& addNested(std::initializer_list<std::string_view> parts, const T& value) {
    return addParts(parts.begin(), parts.size(), value);
  }

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  template <typename T>
  FormEncoder& addParts(const std::string_view* parts, std::size_t count,
                        const std::optional<T>& value) {
    return value ? addParts(parts, count, *value) : *this;
  }
  template <typename T>
  FormEncoder& addParts(const std::string_view* parts, std::size_t count, const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      write(parts, count, value ? "true" : "false");
    } else if constexpr (std::is_integral_v<T>) {
      write(parts, count, std::to_string(value));
    } else {
      write(parts, count, std::string_view(value));
    }
    return *this;
  }
  void write(const std::string_view* parts, std::size_t count, std::string_view value) {
    if (!text_.empty()) text_.push_back('&');
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) text_.push_back('[');
      detail::appendEncoded(text_, parts[i]);
      if (i > 0) text_.push_back(']');
    }
    text_.push_back('=');
    detail::appendEncoded(text_, value);
  }

  std::string text_;
};

}  // namespace unigate::sdk
