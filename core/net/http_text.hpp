// Character classes and small comparisons of HTTP text (RFC 9110 section 5.6), shared by the parser
// and the writer of the edge.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace unigate::net::text {

enum CharClass : std::uint8_t {
  kToken = 1,   // tchar: methods and field names
  kTarget = 2,  // visible ASCII but '#'
  kValue = 4,   // field values: tab, space, visible ASCII, obs-text
  kHex = 8,
  kRegName = 16,  // of a host: unreserved, sub-delims, '%'
  kQuoted = 32,   // qdtext of a quoted string
};

constexpr std::array<std::uint8_t, 256> makeClasses() {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    std::uint8_t bits = 0;
    if (digit || letter) bits |= kToken | kRegName;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) bits |= kHex;
    if (c > 0x20 && c < 0x7F && c != '#') bits |= kTarget;
    if (c == '\t' || (c >= 0x20 && c != 0x7F)) {
      bits |= kValue;
      if (c != '"' && c != '\\') bits |= kQuoted;
    }
    table[c] = bits;
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] |= kToken;
  }
  for (const char c : std::string_view("-._~!$&'()*+,;=%")) {
    table[static_cast<unsigned char>(c)] |= kRegName;
  }
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = makeClasses();

inline bool is(char c, CharClass wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

// First byte from `at` that is not of the class.
inline const char* skip(const char* at, const char* end, CharClass wanted) {
  while (at != end && is(*at, wanted)) ++at;
  return at;
}

inline bool all(std::string_view value, CharClass wanted) {
  return skip(value.data(), value.data() + value.size(), wanted) == value.data() + value.size();
}

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Equal without regard to the case of ASCII letters.
inline bool sameName(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Without spaces and tabs at both ends.
inline std::string_view trim(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

}  // namespace unigate::net::text
