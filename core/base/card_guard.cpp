#include "base/card_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace unigate::base {

namespace {

constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;
constexpr std::size_t kSeparatorsMax = 3;  // "4111 - 1111"

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
    IssuerRange{3, 630, 639, 16, 19},   IssuerRange{2, 67, 67, 16, 19},  // Maestro, Elo, Verve
    IssuerRange{4, 2200, 2204, 16, 19},                                  // Mir
    IssuerRange{4, 9792, 9792, 16, 16},                                  // Troy
};

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isSeparator(char c) {
  return c == ' ' || c == '-';
}

// Settles nearly every text at the price of one pass.
bool hasDigitsEnough(std::string_view text) {
  return text.size() >= kDigitsMin &&
         std::count_if(text.begin(), text.end(), isDigit) >= std::ptrdiff_t{kDigitsMin};
}

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

bool isCardNumber(std::string_view digits) {
  return digits.size() >= kDigitsMin && digits.size() <= kDigitsMax && hasIssuer(digits) &&
         hasLuhnDigit(digits);
}

// Digits that stand together: [begin, end) in the text.
struct Group {
  std::size_t begin;
  std::size_t end;
};

// A place in the text: from the first digit of a card number to behind its last.
struct Place {
  std::size_t begin;
  std::size_t end;
};

// The card number that starts with group `first`, if any. Trying each run of whole groups finds one
// that is followed by an expiry date or led by a telephone number.
std::optional<std::size_t> cardFrom(std::string_view text, const std::vector<Group>& groups,
                                    std::size_t first) {
  std::string digits;
  for (std::size_t last = first; last < groups.size(); ++last) {
    const Group& group = groups[last];
    if (digits.size() + (group.end - group.begin) > kDigitsMax) break;
    digits.append(text.substr(group.begin, group.end - group.begin));
    if (isCardNumber(digits)) return last;
  }
  return std::nullopt;
}

constexpr std::size_t kUuidChars = 36;

// Whether a UUID (RFC 9562, of any version) starts at `at`. Clients use them as references and
// idempotency keys, and one in fifty thousand would otherwise pass for a card number.
bool isUuidAt(std::string_view text, std::size_t at) {
  if (text.size() - at < kUuidChars || text[at + 8] != '-') return false;
  const auto joins = [](char c) { return isDigit(c) || isLetter(c); };
  if (at > 0 && joins(text[at - 1])) return false;
  if (at + kUuidChars < text.size() && joins(text[at + kUuidChars])) return false;
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

// Calls `found(place)` for each card number in `text`, in order, until it returns false.
template <typename Found>
void eachCardNumber(std::string_view text, Found found) {
  std::vector<Group> groups;
  const auto judge = [&]() {
    for (std::size_t first = 0; first < groups.size(); ++first) {
      if (const auto last = cardFrom(text, groups, first)) {
        if (!found(Place{groups[first].begin, groups[*last].end})) return false;
        first = *last;
      }
    }
    groups.clear();
    return true;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (isUuidAt(text, at)) {
      if (!groups.empty() && !judge()) return;
      at += kUuidChars;
      continue;
    }
    if (!isDigit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && isDigit(text[end])) ++end;
    const bool free =
        (at == 0 || !isLetter(text[at - 1])) && (end == text.size() || !isLetter(text[end]));
    const bool joined = !groups.empty() && at - groups.back().end <= kSeparatorsMax &&
                        std::all_of(text.begin() + static_cast<std::ptrdiff_t>(groups.back().end),
                                    text.begin() + static_cast<std::ptrdiff_t>(at), isSeparator);
    if ((!joined || !free) && !groups.empty() && !judge()) return;
    if (free) groups.push_back({at, end});
    at = end;
  }
  if (!groups.empty()) judge();
}

// Keys whose numbers are amounts, counts or times: 16 digits there are no card.
bool namesQuantity(std::string_view key) {
  std::string lower(key);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  constexpr std::array<std::string_view, 15> kWithin = {
      "amount", "total",   "balance", "fee",    "price", "tax",   "net",  "created",
      "update", "expires", "time",    "period", "count", "limit", "quota"};
  constexpr std::array<std::string_view, 5> kAtEnd = {"_at", "_ms", "_us", "_ns", "date"};
  return std::any_of(
             kWithin.begin(), kWithin.end(),
             [&](std::string_view word) { return lower.find(word) != std::string::npos; }) ||
         std::any_of(kAtEnd.begin(), kAtEnd.end(), [&](std::string_view word) {
           return lower.size() >= word.size() &&
                  lower.compare(lower.size() - word.size(), word.size(), word) == 0;
         });
}

bool isCardNumber(const rapidjson::Value& number) {
  if (number.IsUint64()) return isCardNumber(std::string_view(std::to_string(number.GetUint64())));
  if (!number.IsDouble()) return false;
  const double value = number.GetDouble();
  if (value < 1e12 || value >= 1e19 || value != std::floor(value)) return false;
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.0f", value);
  return isCardNumber(std::string_view(text.data(), static_cast<std::size_t>(length)));
}

std::string pointerStep(std::string_view name) {
  std::string step = "/";
  for (const char c : name) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step.push_back(c);
    }
  }
  return step;
}

std::string_view textOf(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// The pointer below `value`, without the way to it.
std::optional<std::string> findBelow(const rapidjson::Value& value, bool quantity) {
  if (value.IsString()) {
    return looksLikeCardNumber(textOf(value)) ? std::optional<std::string>("") : std::nullopt;
  }
  if (value.IsNumber()) {
    return !quantity && isCardNumber(value) ? std::optional<std::string>("") : std::nullopt;
  }
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      if (auto found = findBelow(value[i], quantity)) return "/" + std::to_string(i) + *found;
    }
  }
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      const std::string_view name = textOf(member.name);
      // The pointer is shown to people, so a card number in a name must not be in it.
      if (looksLikeCardNumber(name)) return pointerStep(maskCardNumbers(name));
      const bool mayCount = member.value.IsNumber() || member.value.IsArray();
      if (auto found = findBelow(member.value, mayCount && namesQuantity(name)))
        return pointerStep(name) + *found;
    }
  }
  return std::nullopt;
}

}  // namespace

bool looksLikeCardNumber(std::string_view text) {
  if (!hasDigitsEnough(text)) return false;
  bool any = false;
  eachCardNumber(text, [&any](Place) {
    any = true;
    return false;
  });
  return any;
}

std::string maskCardNumbers(std::string_view text) {
  std::string masked(text);
  if (!hasDigitsEnough(text)) return masked;
  eachCardNumber(text, [&masked](Place place) {
    std::size_t shown = 0;
    for (std::size_t at = place.end; at-- > place.begin;) {
      if (isDigit(masked[at]) && ++shown > 4) masked[at] = '*';
    }
    return true;
  });
  return masked;
}

std::optional<std::string> findCardNumber(json::View value) {
  return value.exists() ? findBelow(*value.raw(), false) : std::nullopt;
}

}  // namespace unigate::base
