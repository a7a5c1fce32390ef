#include "base/card_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace unigate::base {

namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t end = 0;
};

// The zeros of all runs of ten decimal digits (general category Nd) above ASCII, Unicode 15.0.
constexpr std::array<char32_t, 67> kZeros = {
    0x0660,  0x06F0,  0x07C0,  0x0966,  0x09E6,  0x0A66,  0x0AE6,  0x0B66,  0x0BE6,  0x0C66,
    0x0CE6,  0x0D66,  0x0DE6,  0x0E50,  0x0ED0,  0x0F20,  0x1040,  0x1090,  0x17E0,  0x1810,
    0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
    0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2,
    0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0};

// Digits in circles and the like, from one to nine; their zeros stand elsewhere.
constexpr std::array<char32_t, 7> kOnes = {0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A};
constexpr std::array<char32_t, 3> kLoneZeros = {0x24EA, 0x24FF, 0x1F10B};

struct Range {
  char32_t first;
  char32_t last;
};

// White space (Zs, tab), blanks that are letters by name, and dashes (Pd, minus, bullets).
constexpr std::array kSpaces = {
    Range{0x00A0, 0x00A0}, Range{0x058A, 0x058A}, Range{0x115F, 0x1160}, Range{0x1680, 0x1680},
    Range{0x2000, 0x200A}, Range{0x2010, 0x2015}, Range{0x202F, 0x202F}, Range{0x2043, 0x2043},
    Range{0x205F, 0x205F}, Range{0x2212, 0x2212}, Range{0x2500, 0x2501}, Range{0x2800, 0x2800},
    Range{0x2E3A, 0x2E3B}, Range{0x3000, 0x3000}, Range{0x30FB, 0x30FC}, Range{0x3164, 0x3164},
    Range{0xFE58, 0xFE58}, Range{0xFE63, 0xFE63}, Range{0xFF0D, 0xFF0D}, Range{0xFFA0, 0xFFA0}};
// Format characters (Cf), variation selectors, marks that combine with the character before.
constexpr std::array kInvisible = {
    Range{0x00AD, 0x00AD},  Range{0x0300, 0x036F}, Range{0x061C, 0x061C}, Range{0x180B, 0x180F},
    Range{0x200B, 0x200F},  Range{0x202A, 0x202E}, Range{0x2060, 0x206F}, Range{0x20D0, 0x20F0},
    Range{0xFE00, 0xFE0F},  Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB}, Range{0x1BCA0, 0x1BCA3},
    Range{0xE0000, 0xE01EF}};
constexpr std::array kLoose = {Range{0x00B7, 0x00B7}, Range{0x2022, 0x2022}, Range{0x2024, 0x2024},
                               Range{0x2044, 0x2044}, Range{0x3002, 0x3002}, Range{0xFF0E, 0xFF0F}};

template <std::size_t count>
bool within(const std::array<Range, count>& ranges, char32_t code) {
  const auto above =
      std::upper_bound(ranges.begin(), ranges.end(), code,
                       [](char32_t each, const Range& range) { return each < range.first; });
  return above != ranges.begin() && code <= std::prev(above)->last;
}

std::optional<std::uint8_t> digitOf(char32_t code) {
  const auto above = std::upper_bound(kZeros.begin(), kZeros.end(), code);
  if (above != kZeros.begin() && code - *std::prev(above) < 10)
    return static_cast<std::uint8_t>(code - *std::prev(above));
  if (code == 0xB9) return std::uint8_t{1};
  if (code == 0xB2 || code == 0xB3) return static_cast<std::uint8_t>(code - 0xB0);
  for (const char32_t zero : {char32_t{0x2070}, char32_t{0x2080}}) {  // raised and lowered
    if (code >= zero && code < zero + 10) return static_cast<std::uint8_t>(code - zero);
  }
  for (const char32_t one : kOnes) {
    if (code >= one && code < one + 9) return static_cast<std::uint8_t>(code - one + 1);
  }
  if (std::find(kLoneZeros.begin(), kLoneZeros.end(), code) != kLoneZeros.end())
    return std::uint8_t{0};
  return std::nullopt;
}

int hexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `count` hex digits at `at`.
std::optional<char32_t> hexAt(std::string_view text, std::size_t at, std::size_t count) {
  if (at > text.size() || text.size() - at < count) return std::nullopt;
  char32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hexOf(text[at + i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  return value;
}

// One UTF-8 character whose bytes `next(i)` gives, -1 where there is none; code 0 if it is none.
// `end` counts bytes here.
template <typename Next>
Decoded utf8(Next next) {
  const int first = next(0);
  std::size_t more = 0;
  char32_t code = 0;
  char32_t least = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    more = 1, code = static_cast<char32_t>(first & 0x1F), least = 0x80;
  } else if (first >= 0xE0 && first <= 0xEF) {
    more = 2, code = static_cast<char32_t>(first & 0x0F), least = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    more = 3, code = static_cast<char32_t>(first & 0x07), least = 0x10000;
  } else {
    return {first >= 0 && first < 0x80 ? static_cast<char32_t>(first) : 0, 1};
  }
  for (std::size_t i = 1; i <= more; ++i) {
    const int byte = next(i);
    if (byte < 0x80 || byte > 0xBF) return {0, 1};
    code = (code << 6) | static_cast<char32_t>(byte & 0x3F);
  }
  return {code < least ? 0 : code, more + 1};
}

// "%EF%BC%94": as many escapes as make one character.
std::optional<Decoded> percentAt(std::string_view text, std::size_t at) {
  const auto byteAt = [&](std::size_t i) {
    const std::size_t place = at + 3 * i;
    if (place >= text.size() || text[place] != '%') return -1;
    const auto byte = hexAt(text, place + 1, 2);
    return byte ? static_cast<int>(*byte) : -1;
  };
  if (byteAt(0) < 0) return std::nullopt;
  const Decoded decoded = utf8(byteAt);
  return Decoded{decoded.code, at + 3 * decoded.end};
}

// "\u0034", also with the backslashes of JSON within JSON, and surrogate pairs.
std::optional<Decoded> backslashAt(std::string_view text, std::size_t at) {
  std::size_t letter = at;
  while (letter < text.size() && text[letter] == '\\') ++letter;
  if (letter >= text.size() || text[letter] != 'u') return std::nullopt;
  const auto unit = hexAt(text, letter + 1, 4);
  if (!unit) return std::nullopt;
  const std::size_t end = letter + 5;
  if (*unit < 0xD800 || *unit > 0xDBFF || end >= text.size() || text[end] != '\\')
    return Decoded{*unit, end};
  std::size_t second = end;
  while (second < text.size() && text[second] == '\\') ++second;
  const auto low = second < text.size() && text[second] == 'u' ? hexAt(text, second + 1, 4)
                                                               : std::optional<char32_t>();
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return Decoded{*unit, end};
  return Decoded{0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), second + 5};
}

// "&#52;", "&#x34;", and the named ones that stand between digits.
std::optional<Decoded> entityAt(std::string_view text, std::size_t at) {
  constexpr std::size_t kEntityCharsMax = 12;
  const std::size_t semicolon = text.substr(at, kEntityCharsMax).find(';');
  if (semicolon == std::string_view::npos || semicolon < 3) return std::nullopt;
  const std::string_view name = text.substr(at + 1, semicolon - 1);
  const std::size_t end = at + semicolon + 1;
  constexpr std::array<std::pair<std::string_view, char32_t>, 8> kNamed = {{{"nbsp", 0xA0},
                                                                            {"ensp", 0x2002},
                                                                            {"emsp", 0x2003},
                                                                            {"thinsp", 0x2009},
                                                                            {"shy", 0xAD},
                                                                            {"ndash", 0x2013},
                                                                            {"mdash", 0x2014},
                                                                            {"middot", 0xB7}}};
  for (const auto& [known, code] : kNamed) {
    if (name == known) return Decoded{code, end};
  }
  if (name.front() != '#') return std::nullopt;
  const bool hex = name.size() > 2 && (name[1] == 'x' || name[1] == 'X');
  if (hex) {
    const auto code = hexAt(name, 2, name.size() - 2);
    return code ? std::optional<Decoded>({*code, end}) : std::nullopt;
  }
  char32_t code = 0;
  for (const char c : name.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    code = code * 10 + static_cast<char32_t>(c - '0');
  }
  return Decoded{code, end};
}

Decoded decodeAt(std::string_view text, std::size_t at, bool escapes) {
  std::optional<Decoded> escape;
  if (escapes && text[at] == '%') {
    escape = percentAt(text, at);
  } else if (escapes && text[at] == '\\') {
    escape = backslashAt(text, at);
  } else if (escapes && text[at] == '&') {
    escape = entityAt(text, at);
  }
  if (escape) return *escape;
  const Decoded plain = utf8([&](std::size_t i) {
    return at + i < text.size() ? static_cast<int>(static_cast<unsigned char>(text[at + i])) : -1;
  });
  return {plain.code, at + plain.end};
}

constexpr CardChar asciiKind(char32_t code) {
  if (code >= '0' && code <= '9') return CardChar::digit;
  if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z')) return CardChar::letter;
  if (code == ' ' || code == '-' || code == '\t') return CardChar::space;
  constexpr std::string_view kLooseAscii = "._/|+*~:";
  return code != 0 && kLooseAscii.find(static_cast<char>(code)) != std::string_view::npos
             ? CardChar::loose
             : CardChar::other;
}

constexpr std::array<CardChar, 0x80> kAsciiKinds = [] {
  std::array<CardChar, 0x80> kinds{};
  for (std::size_t code = 0; code < kinds.size(); ++code)
    kinds[code] = asciiKind(static_cast<char32_t>(code));
  return kinds;
}();

}  // namespace

CardCharacter cardCharacterAt(std::string_view text, std::size_t at, bool escapes) {
  const char first = text[at];
  const bool escape = escapes && (first == '%' || first == '\\' || first == '&');
  if (static_cast<unsigned char>(first) < 0x80 && !escape) {
    const auto code = static_cast<char32_t>(first);
    const CardChar kind = kAsciiKinds[code];
    const int digit = kind == CardChar::digit ? first - '0' : 0;
    return {kind, static_cast<std::uint8_t>(digit), code, at + 1};
  }
  const Decoded decoded = decodeAt(text, at, escapes);
  CardCharacter character;
  character.code = decoded.code;
  character.end = decoded.end;
  if (decoded.code < 0x80) {
    character.kind = kAsciiKinds[decoded.code];
    if (character.kind == CardChar::digit)
      character.digit = static_cast<std::uint8_t>(decoded.code - '0');
    return character;
  }
  if (const auto digit = digitOf(decoded.code)) {
    character.kind = CardChar::digit;
    character.digit = *digit;
  } else if (within(kInvisible, decoded.code)) {
    character.kind = CardChar::invisible;
  } else if (within(kSpaces, decoded.code)) {
    character.kind = CardChar::space;
  } else if (within(kLoose, decoded.code)) {
    character.kind = CardChar::loose;
  }
  return character;
}

}  // namespace unigate::base
