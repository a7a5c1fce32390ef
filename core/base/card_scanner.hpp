// Walks a text and tells where card numbers stand in it. Included only by the card guard.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/card_text.hpp"

namespace unigate::base {

// What is known of a number from where it stands.
enum class CardField : std::uint8_t {
  unsaid,
  card,   // a field for card numbers: whatever has a right Luhn digit is one
  other,  // a field for other numbers: lengths that no scheme issues any more are let pass
};

// `digits` is ASCII. Length, issuer's prefix and Luhn digit.
bool isCardNumber(std::string_view digits, CardField field);

// Digits that a text of so many characters needs to hold a card number at all.
inline constexpr std::size_t kCardDigitsMin = 12;
inline constexpr std::size_t kCardDigitsMax = 19;

struct CardDigit {
  std::size_t begin;  // of its bytes in the text
  std::size_t end;
  char digit;  // ASCII
};

class CardScanner {
 public:
  // A card number's digits, in order; false ends the walk.
  using Found = std::function<bool(const CardDigit* digits, std::size_t count)>;

  // `escapes`: "%34", "\u0034" and "&#52;" are taken for what they stand for.
  CardScanner(std::string_view text, CardField field, bool escapes)
      : text_(text), field_(field), escapes_(escapes) {}

  void run(const Found& found);

 private:
  enum class Join : std::uint8_t { none, space, loose };
  // Digits that stand together, and how they are joined to those before.
  struct Group {
    std::size_t begin = 0;  // in the text
    std::size_t end = 0;
    std::size_t first = 0;  // in digits_
    std::size_t count = 0;
    Join join = Join::none;
    char32_t joint = 0;  // the separating character, if it is one alone
    bool plus = false;   // a '+' stands right before
    bool letterBefore = false;
    bool letterAfter = false;
  };
  // What stands between the last group and here.
  struct Gap {
    std::size_t characters = 0;
    std::size_t loose = 0;
    char32_t last = 0;
  };

  void startGroup(std::size_t at);
  void addSeparator(const CardCharacter& character, std::size_t at);
  // Judges the groups collected; keeps those that a card number may still go on from, unless
  // `final`. False when the walk is over.
  bool judge(const Found& found, bool final);
  // How many groups from `first` on make a card number; 0: none.
  std::size_t cardFrom(std::size_t first, std::string& digits) const;
  bool mayJoin(std::size_t first, std::size_t last) const;
  bool isFree(const Group& group) const;
  bool isOtherNumber(std::size_t first) const;
  bool isParcelNumber() const;
  std::size_t otherNumberEndAt(std::size_t at) const;
  std::size_t passOver(std::size_t at);
  bool wordAllowsBefore(std::size_t at) const;
  bool wordAllowsAfter(std::size_t at) const;

  std::string_view text_;
  CardField field_;
  bool escapes_;
  std::vector<CardDigit> digits_;
  std::vector<Group> groups_;
  Gap gap_;
  bool inGroup_ = false;
  bool afterLetter_ = false;
};

}  // namespace unigate::base
