#include "base/card_scanner.hpp"

#include <algorithm>

namespace unigate::base {

namespace {

constexpr std::size_t kSeparatorsMax = 3;  // "4111 - 1111"
// Groups that are judged at once; a text may hold any number.
constexpr std::size_t kGroupsMax = 512;

// Card numbers of one issuer: the leading `prefixDigits` digits lie in [low, high].
struct IssuerRange {
  std::size_t prefixDigits;
  int low;
  int high;
  std::size_t digitsMin;
  std::size_t digitsMax;
};

// ISO/IEC 7812 ranges as the schemes publish them.
constexpr std::array kIssuers = {
    IssuerRange{1, 4, 4, 13, 13},       IssuerRange{1, 4, 4, 16, 16},
    IssuerRange{1, 4, 4, 18, 19},                                            // Visa
    IssuerRange{2, 51, 55, 16, 16},     IssuerRange{4, 2221, 2720, 16, 16},  // Mastercard
    IssuerRange{2, 34, 34, 15, 15},     IssuerRange{2, 37, 37, 15, 15},      // American Express
    IssuerRange{3, 300, 305, 14, 19},   IssuerRange{4, 3095, 3095, 14, 19},
    IssuerRange{2, 36, 36, 14, 19},     IssuerRange{2, 38, 39, 14, 19},  // Diners Club
    IssuerRange{4, 6011, 6011, 16, 19}, IssuerRange{3, 644, 649, 16, 19},
    IssuerRange{2, 65, 65, 16, 19},                                        // Discover
    IssuerRange{4, 3528, 3589, 16, 19},                                    // JCB
    IssuerRange{2, 62, 62, 16, 19},     IssuerRange{2, 81, 82, 16, 19},    // UnionPay, RuPay
    IssuerRange{2, 60, 60, 16, 16},     IssuerRange{3, 508, 508, 16, 16},  // RuPay
    IssuerRange{2, 50, 50, 16, 19},     IssuerRange{2, 56, 59, 16, 19},
    IssuerRange{3, 630, 639, 16, 19},   IssuerRange{2, 67, 67, 16, 19},      // Maestro, Elo, Verve
    IssuerRange{4, 2200, 2205, 16, 19},                                      // Mir, Borica
    IssuerRange{4, 9792, 9792, 16, 16}, IssuerRange{4, 9704, 9704, 16, 19},  // Troy, Napas
    IssuerRange{4, 8600, 8600, 16, 16}, IssuerRange{4, 9860, 9860, 16, 16},  // Uzcard, Humo
};

// The sums of the Luhn digit (ISO/IEC 7812-1, annex B) for numbers of even and of odd length, as
// digits are added.
class LuhnSums {
 public:
  void add(char digit) {
    const int value = digit - '0';
    const int twice = value > 4 ? value * 2 - 9 : value * 2;
    sums_[count_ % 2] += twice;
    sums_[1 - count_ % 2] += value;
    ++count_;
  }
  bool fit() const { return sums_[count_ % 2] % 10 == 0; }

 private:
  std::array<int, 2> sums_{};
  std::size_t count_ = 0;
};

bool hasLuhnDigit(std::string_view digits) {
  LuhnSums sums;
  for (const char digit : digits) sums.add(digit);
  return sums.fit();
}

bool hasIssuer(std::string_view digits) {
  return std::any_of(kIssuers.begin(), kIssuers.end(), [digits](const IssuerRange& issuer) {
    if (digits.size() < issuer.digitsMin || digits.size() > issuer.digitsMax) return false;
    int prefix = 0;
    for (std::size_t i = 0; i < issuer.prefixDigits; ++i) prefix = prefix * 10 + (digits[i] - '0');
    return prefix >= issuer.low && prefix <= issuer.high;
  });
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isAlphanumeric(char c) {
  return isDigit(c) || isLetter(c);
}

constexpr std::size_t kUuidChars = 36;

// Whether a UUID (RFC 9562, of any version) starts at `at`. Clients use them as references and
// idempotency keys, and one in fifty thousand would otherwise pass for a card number.
bool isUuidAt(std::string_view text, std::size_t at) {
  if (text.size() - at < kUuidChars || text[at + 8] != '-') return false;
  if (at > 0 && isAlphanumeric(text[at - 1])) return false;
  if (at + kUuidChars < text.size() && isAlphanumeric(text[at + kUuidChars])) return false;
  for (std::size_t i = 0; i < kUuidChars; ++i) {
    const char c = text[at + i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !hex) return false;
  }
  const char version = text[at + 14];
  const char variant = text[at + 19];
  return version >= '1' && version <= '8' &&
         std::string_view("89abAB").find(variant) != std::string_view::npos;
}

// Behind the IBAN (ISO 13616) that starts at `at`, written in groups; 0: none does. Its check
// digits tell it from a card number with two letters before.
std::size_t ibanEndAt(std::string_view text, std::size_t at) {
  constexpr std::size_t kCharsMin = 15;
  constexpr std::size_t kCharsMax = 34;
  const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() - at < kCharsMin || !isUpper(text[at]) || !isUpper(text[at + 1]) ||
      !isDigit(text[at + 2]) || !isDigit(text[at + 3]) || (at > 0 && isAlphanumeric(text[at - 1])))
    return 0;
  std::string account;
  std::size_t end = at;
  for (std::size_t i = at; i < text.size() && account.size() < kCharsMax; ++i) {
    const bool mayBreak = account.size() % 4 == 0 && !account.empty();
    if (mayBreak && text[i] == ' ') continue;
    if (!isDigit(text[i]) && !isUpper(text[i])) break;
    account.push_back(text[i]);
    end = i + 1;
  }
  if (account.size() < kCharsMin || (end < text.size() && isAlphanumeric(text[end]))) return 0;
  std::rotate(account.begin(), account.begin() + 4, account.end());
  int rest = 0;
  for (const char c : account)
    rest = isDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  return rest == 1 ? end : 0;
}

// All but the Luhn digit.
bool hasCardForm(std::string_view digits, CardField field) {
  if (field == CardField::card) return true;
  const bool retired = digits.size() == 13 || digits.size() == 17 || digits.size() == 18;
  return (field != CardField::other || !retired) && hasIssuer(digits);
}

std::string lowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

template <std::size_t count>
bool isOneOf(const std::array<std::string_view, count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool isCardNumber(std::string_view digits, CardField field) {
  return digits.size() >= kCardDigitsMin && digits.size() <= kCardDigitsMax &&
         hasCardForm(digits, field) && hasLuhnDigit(digits);
}

// Letters right before digits make them a part of an id, but for these.
bool CardScanner::wordAllowsBefore(std::size_t at) const {
  constexpr std::size_t kWordCharsMax = 12;
  constexpr std::array<std::string_view, 25> kWords = {
      "card",     "cards", "cc",     "pan",    "number",  "num",        "no",
      "nr",       "visa",  "mc",     "amex",   "maestro", "mastercard", "jcb",
      "discover", "elo",   "diners", "mir",    "rupay",   "unionpay",   "credit",
      "debit",    "karte", "carte",  "tarjeta"};
  std::size_t begin = at;
  while (begin > 0 && isLetter(text_[begin - 1]) && at - begin <= kWordCharsMax) --begin;
  const std::string word = lowerCase(text_.substr(begin, at - begin));
  const char before = begin > 0 ? text_[begin - 1] : ' ';
  if (word.size() == 1 && before == '\\')
    return std::string("nrtbf").find(word) != std::string::npos;
  if (word == "b") return before == '%';  // the first track of a magnetic band
  return !isDigit(before) && isOneOf(kWords, word);
}

bool CardScanner::wordAllowsAfter(std::size_t at) const {
  constexpr std::size_t kWordCharsMax = 8;
  constexpr std::array<std::string_view, 11> kWords = {
      "exp", "expiry", "expires", "cvv", "cvc", "cvn", "csc", "cid", "valid", "pin", "and"};
  std::size_t end = at;
  while (end < text_.size() && isLetter(text_[end]) && end - at <= kWordCharsMax) ++end;
  return isOneOf(kWords, lowerCase(text_.substr(at, end - at)));
}

void CardScanner::startGroup(std::size_t at) {
  Group group;
  group.first = digits_.size();
  // Of two separators of which one is loose, the loose one decides.
  const bool joined = !groups_.empty() && gap_.characters > 0 &&
                      gap_.characters <= kSeparatorsMax && gap_.loose <= 1;
  if (joined) {
    group.join = gap_.loose > 0 ? Join::loose : Join::space;
    group.joint = gap_.characters == 1 ? gap_.last : 0;
  }
  group.begin = at;
  group.plus = at > 0 && text_[at - 1] == '+';
  group.letterBefore = afterLetter_;
  groups_.push_back(group);
  inGroup_ = true;
}

void CardScanner::addSeparator(const CardCharacter& character, std::size_t at) {
  const bool letter = character.kind == CardChar::letter;
  if (inGroup_) {
    groups_.back().end = at;
    groups_.back().letterAfter = letter;
    inGroup_ = false;
    gap_ = {};
  }
  ++gap_.characters;
  gap_.last = character.code;
  if (character.kind == CardChar::loose) ++gap_.loose;
  afterLetter_ = letter;
}

bool CardScanner::isFree(const Group& group) const {
  return (!group.letterBefore || wordAllowsBefore(group.begin)) &&
         (!group.letterAfter || wordAllowsAfter(group.end));
}

// Whether these groups may be one number by what stands between them. Spaces and hyphens may stand
// anywhere; what separates the parts of versions, dates and addresses too, only between groups such
// as people make.
bool CardScanner::mayJoin(std::size_t first, std::size_t last) const {
  if (first == last) {
    // What follows a point is a fraction.
    return groups_[first].join != Join::loose || groups_[first].joint != '.';
  }
  const auto from = groups_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto to = groups_.begin() + static_cast<std::ptrdiff_t>(last) + 1;
  const auto isLoose = [](const Group& group) { return group.join == Join::loose; };
  if (std::none_of(from + 1, to, isLoose)) return true;
  if (last - first < 2) return false;
  const std::size_t size = from->count;
  const bool equal =
      std::all_of(from, to - 1, [size](const Group& group) { return group.count == size; }) &&
      (to - 1)->count <= size;
  return equal ||
         (std::all_of(from, to - 1,
                      [](const Group& group) { return group.count >= 3 && group.count <= 6; }) &&
          (to - 1)->count <= 6);
}

// Three groups of 3, 7 and 7 digits with hyphens: orders of the largest web shop.
bool CardScanner::isOtherNumber(std::size_t first) const {
  const auto shape = [&](std::size_t at) {
    return at + 3 <= groups_.size() && groups_[at].count == 3 && groups_[at + 1].count == 7 &&
           groups_[at + 2].count == 7 && groups_[at + 1].joint == '-' &&
           groups_[at + 2].joint == '-' && groups_[at].joint != '-' &&
           (at + 3 == groups_.size() || groups_[at + 3].joint != '-');
  };
  return shape(first) || (first > 0 && shape(first - 1)) || (first > 1 && shape(first - 2));
}

// Five groups of four digits and one of two, from 9 on, with the check digit of GS1.
bool CardScanner::isParcelNumber() const {
  constexpr std::size_t kGroups = 6;
  if (groups_.size() != kGroups || digits_.empty() || digits_.front().digit != '9') return false;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (groups_[i].count != (i + 1 == kGroups ? 2 : 4) || !isFree(groups_[i])) return false;
  }
  int sum = 0;
  int weight = 1;
  for (std::size_t i = digits_.size(); i-- > 0; weight = 4 - weight)
    sum += (digits_[i].digit - '0') * weight;
  return sum % 10 == 0;
}

std::size_t CardScanner::cardFrom(std::size_t first, std::string& digits) const {
  constexpr std::size_t kPhoneDigitsMax = 14;  // E.164 allows one more, which no country uses
  digits.clear();
  LuhnSums sums;
  for (std::size_t last = first; last < groups_.size(); ++last) {
    const Group& group = groups_[last];
    if (last > first && group.join == Join::none) return 0;
    if (digits.size() + group.count > kCardDigitsMax) return 0;
    for (std::size_t i = 0; i < group.count; ++i) {
      digits.push_back(digits_[group.first + i].digit);
      sums.add(digits.back());
    }
    if (digits.size() < kCardDigitsMin || !sums.fit()) continue;
    if (!hasCardForm(digits, field_) || !mayJoin(first, last) || isOtherNumber(first)) continue;
    if (groups_[first].plus && digits.size() <= kPhoneDigitsMax && field_ != CardField::card)
      continue;
    const auto from = groups_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto to = groups_.begin() + static_cast<std::ptrdiff_t>(last) + 1;
    if (!std::all_of(from, to, [this](const Group& each) { return isFree(each); })) continue;
    return last - first + 1;
  }
  return 0;
}

bool CardScanner::judge(const Found& found, bool final) {
  if (final && digits_.size() < kCardDigitsMin) {
    groups_.clear();
    digits_.clear();
    return true;
  }
  std::size_t first = 0;
  // A run that isn't over may still go on, so its last groups are left for later.
  const std::size_t until =
      final ? groups_.size() : groups_.size() - std::min(groups_.size(), kCardDigitsMax + 1);
  if (!isParcelNumber()) {
    std::string digits;
    while (first < until) {
      const std::size_t count = cardFrom(first, digits);
      if (count == 0) {
        ++first;
        continue;
      }
      if (!found(&digits_[groups_[first].first], digits.size())) return false;
      first += count;
    }
  }
  if (final || first >= groups_.size()) {
    groups_.clear();
    digits_.clear();
    return true;
  }
  const std::size_t gone = groups_[first].first;
  groups_.erase(groups_.begin(), groups_.begin() + static_cast<std::ptrdiff_t>(first));
  digits_.erase(digits_.begin(), digits_.begin() + static_cast<std::ptrdiff_t>(gone));
  for (Group& group : groups_) group.first -= gone;
  return true;
}

// Behind a number of another kind that starts at `at`; 0: none does.
std::size_t CardScanner::otherNumberEndAt(std::size_t at) const {
  if (at > 0 && isAlphanumeric(text_[at - 1])) return 0;
  return isUuidAt(text_, at) ? at + kUuidChars : ibanEndAt(text_, at);
}

// The next place that may matter while no digits are collected: most of most texts is passed over.
std::size_t CardScanner::passOver(std::size_t at) {
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    const bool escape = escapes_ && (c == '%' || c == '\\' || c == '&');
    if (isDigit(c) || escape || static_cast<unsigned char>(c) >= 0x80) return at;
    const bool letter = isLetter(c);
    if (letter && !afterLetter_ && otherNumberEndAt(at) != 0) return at;
    afterLetter_ = letter;
  }
  return at;
}

void CardScanner::run(const Found& found) {
  for (std::size_t at = 0; at < text_.size();) {
    if (groups_.empty()) at = passOver(at);
    if (at >= text_.size()) break;
    const bool mayBegin = !inGroup_ && isAlphanumeric(text_[at]);
    if (const std::size_t skip = mayBegin ? otherNumberEndAt(at) : 0; skip != 0) {
      afterLetter_ = false;
      if (!judge(found, true)) return;
      at = skip;
      continue;
    }
    const CardCharacter character = cardCharacterAt(text_, at, escapes_);
    if (character.kind == CardChar::digit) {
      if (!inGroup_) startGroup(at);
      afterLetter_ = false;
      Group& group = groups_.back();
      // What is longer than any card number is none, however long it is.
      if (group.count <= kCardDigitsMax) {
        digits_.push_back({at, character.end, static_cast<char>('0' + character.digit)});
        ++group.count;
      }
      group.end = character.end;
    } else if (character.kind != CardChar::invisible) {
      addSeparator(character, at);
      const bool ends = character.kind == CardChar::letter || character.kind == CardChar::other ||
                        gap_.characters > kSeparatorsMax || gap_.loose > 1;
      if ((ends || groups_.size() >= kGroupsMax) && !judge(found, ends)) return;
    }
    at = character.end;
  }
  judge(found, true);
}

}  // namespace unigate::base
