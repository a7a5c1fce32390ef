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

bool hasLuhnDigit(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    int value = digits[i] - '0';
    if (twice) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
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
  if (digits.size() < kCardDigitsMin || digits.size() > kCardDigitsMax) return false;
  if (field == CardField::card) return hasLuhnDigit(digits);
  const bool retired = digits.size() == 13 || digits.size() == 17 || digits.size() == 18;
  if (field == CardField::other && retired) return false;
  return hasIssuer(digits) && hasLuhnDigit(digits);
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
  const bool joined = !groups_.empty() && !gap_.broken && gap_.characters > 0 &&
                      gap_.characters <= kSeparatorsMax && gap_.loose <= 1;
  if (joined) {
    group.join = gap_.loose > 0 ? Join::loose : Join::space;
    group.joint = gap_.characters == 1 ? gap_.last : 0;
  }
  group.plus = at > 0 && text_[at - 1] == '+';
  group.free = !afterLetter_ || wordAllowsBefore(at);
  groups_.push_back(group);
  inGroup_ = true;
}

void CardScanner::addSeparator(const CardCharacter& character, std::size_t at) {
  const bool letter = character.kind == CardChar::letter;
  if (inGroup_) {
    if (letter && !wordAllowsAfter(at)) groups_.back().free = false;
    inGroup_ = false;
    gap_ = {};
  }
  ++gap_.characters;
  gap_.last = character.code;
  if (character.kind == CardChar::loose) ++gap_.loose;
  if (letter || character.kind == CardChar::other) gap_.broken = true;
  afterLetter_ = letter;
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
    if (groups_[i].count != (i + 1 == kGroups ? 2 : 4) || !groups_[i].free) return false;
  }
  int sum = 0;
  int weight = 1;
  for (std::size_t i = digits_.size(); i-- > 0; weight = 4 - weight)
    sum += (digits_[i].digit - '0') * weight;
  return sum % 10 == 0;
}

std::size_t CardScanner::cardFrom(std::size_t first, std::string& digits) const {
  constexpr std::size_t kPhoneDigitsMax = 14;  // E.164 allows one more, which no country uses
  if (isOtherNumber(first)) return 0;
  digits.clear();
  std::size_t longest = 0;
  for (std::size_t last = first; last < groups_.size() && groups_[last].free; ++last) {
    const Group& group = groups_[last];
    if (last > first && group.join == Join::none) break;
    if (digits.size() + group.count > kCardDigitsMax) break;
    for (std::size_t i = 0; i < group.count; ++i) digits.push_back(digits_[group.first + i].digit);
    if (digits.size() < kCardDigitsMin) continue;
    if (groups_[first].plus && digits.size() <= kPhoneDigitsMax && field_ != CardField::card)
      continue;
    if (mayJoin(first, last) && isCardNumber(digits, field_)) {
      longest = last - first + 1;
      break;
    }
  }
  return longest;
}

bool CardScanner::judge(const Found& found, bool final) {
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

void CardScanner::run(const Found& found) {
  for (std::size_t at = 0; at < text_.size();) {
    std::size_t skip = isUuidAt(text_, at) ? at + kUuidChars : 0;
    if (skip == 0) skip = ibanEndAt(text_, at);
    if (skip != 0) {
      inGroup_ = false;
      afterLetter_ = false;
      if (!judge(found, true)) return;
      at = skip;
      continue;
    }
    const CardCharacter character = cardCharacterAt(text_, at, escapes_);
    if (character.kind == CardChar::digit) {
      if (!inGroup_) {
        const bool apart = gap_.broken || gap_.characters > kSeparatorsMax || gap_.loose > 1;
        if (!groups_.empty() && apart && !judge(found, true)) return;
        startGroup(at);
        afterLetter_ = false;
      }
      Group& group = groups_.back();
      // What is longer than any card number is none, however long it is.
      if (group.count <= kCardDigitsMax) {
        digits_.push_back({at, character.end, static_cast<char>('0' + character.digit)});
        ++group.count;
      }
    } else if (character.kind != CardChar::invisible) {
      addSeparator(character, at);
      if (groups_.size() >= kGroupsMax && !judge(found, false)) return;
    }
    at = character.end;
  }
  judge(found, true);
}

}  // namespace unigate::base
