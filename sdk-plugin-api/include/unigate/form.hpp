// Percent-encoding and form bodies with brackets, e.g. `metadata[order]=42&items[0][price]=p_1`.
// Used by adapters for paths, queries and application/x-www-form-urlencoded bodies.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

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

// Writes names and values in the order of the calls. A name is given in its parts:
// `add({"card", "number"}, x)` is `card[number]=x`; an array index is a part too: {"items", "0"}.
class FormEncoder {
 public:
  FormEncoder& add(std::string_view name, std::string_view value) {
    begin();
    detail::appendEncoded(text_, name);
    return finish(value);
  }
  FormEncoder& add(std::initializer_list<std::string_view> parts, std::string_view value) {
    begin();
    bool first = true;
    for (const std::string_view part : parts) {
      if (!first) text_.push_back('[');
      detail::appendEncoded(text_, part);
      if (!first) text_.push_back(']');
      first = false;
    }
    return finish(value);
  }
  FormEncoder& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }
  FormEncoder& add(std::string_view name, const std::string& value) {
    return add(name, std::string_view(value));
  }
  FormEncoder& add(std::string_view name, bool value) {
    return add(name, std::string_view(value ? "true" : "false"));
  }
  FormEncoder& add(std::string_view name, std::int64_t value) {
    return add(name, std::string_view(std::to_string(value)));
  }
  FormEncoder& add(std::string_view name, int value) {
    return add(name, static_cast<std::int64_t>(value));
  }
  // Nothing at all when there is no value.
  template <typename T>
  FormEncoder& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : *this;
  }

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void begin() {
    if (!text_.empty()) text_.push_back('&');
  }
  FormEncoder& finish(std::string_view value) {
    text_.push_back('=');
    detail::appendEncoded(text_, value);
    return *this;
  }

  std::string text_;
};

}  // namespace unigate::sdk
