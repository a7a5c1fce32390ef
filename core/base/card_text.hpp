// Reads text character by character as people and other programs would: Unicode digits as digits,
// kinds of spaces and hyphens as separators, what can't be seen as nothing, and escapes of URLs,
// JSON and HTML as what they stand for. Included only by the card guard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace unigate::base {

enum class CardChar : std::uint8_t {
  digit,
  letter,     // ASCII
  space,      // a space or hyphen of any kind
  loose,      // a dot, slash or the like: separates the groups of a card number, but also much else
  invisible,  // is not seen: zero width, combining
  other,
};

struct CardCharacter {
  CardChar kind = CardChar::other;
  std::uint8_t digit = 0;  // 0-9, of a digit
  char32_t code = 0;       // the Unicode character; 0 for bytes that are none
  std::size_t end = 0;     // behind its last byte
};

// The character at `at`, which lies within the text. Bytes that are no UTF-8 are taken one by one.
// `escapes`: "%34", "\u0034" and "&#52;" are the character that they stand for.
CardCharacter cardCharacterAt(std::string_view text, std::size_t at, bool escapes);

}  // namespace unigate::base
