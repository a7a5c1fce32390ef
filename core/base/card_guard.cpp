#include "base/card_guard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/card_scanner.hpp"

namespace unigate::base {

namespace {

// Settles nearly every text at the price of one pass.
bool mayHoldCard(std::string_view text) {
  if (text.size() < kCardDigitsMin) return false;
  std::size_t digits = 0;
  std::size_t beyondAscii = 0;
  for (const char c : text) {
    digits += c >= '0' && c <= '9' ? 1 : 0;
    beyondAscii += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
  }
  return digits + beyondAscii / 2 >= kCardDigitsMin;  // a digit beyond ASCII has two bytes or more
}

bool hasEscapes(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '%' || c == '\\' || c == '&'; });
}

bool holdsCard(std::string_view text, CardField field) {
  if (!mayHoldCard(text)) return false;
  bool any = false;
  const auto found = [&any](const CardDigit*, std::size_t) {
    any = true;
    return false;
  };
  CardScanner(text, field, false).run(found);
  if (!any && hasEscapes(text)) CardScanner(text, field, true).run(found);
  return any;
}

std::string masked(std::string_view text, CardField field, bool escapes) {
  constexpr std::size_t kShown = 4;
  std::string out;
  std::size_t copied = 0;
  CardScanner(text, field, escapes).run([&](const CardDigit* digits, std::size_t count) {
    for (std::size_t i = 0; i + kShown < count; ++i) {
      out.append(text.substr(copied, digits[i].begin - copied)).push_back('*');
      copied = digits[i].end;
    }
    return true;
  });
  return out.append(text.substr(copied));
}

// A member's name without its capitals and punctuation: "Card-Number" is "cardnumber".
std::string plainName(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') plain.push_back(static_cast<char>(c - 'A' + 'a'));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain.push_back(c);
  }
  return plain;
}

template <std::size_t count>
bool holdsOneOf(const std::string& name, const std::array<std::string_view, count>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

bool namesCard(std::string_view name, std::string_view parent) {
  constexpr std::array<std::string_view, 9> kWithin = {
      "cardnumber", "cardno", "cardnum", "creditcard",          "debitcard",
      "ccnumber",   "ccnum",  "ccno",    "primaryaccountnumber"};
  const std::string plain = plainName(name);
  if (holdsOneOf(plain, kWithin) || plain == "pan" || plain == "cc") return true;
  return plain == "number" && plainName(parent).find("card") != std::string::npos;
}

// Names of numbers that may have any length.
bool namesOther(std::string_view name) {
  constexpr std::array<std::string_view, 24> kWithin = {
      "phone",    "mobile", "msisdn",  "whatsapp",    "fax",       "tracking",  "waybill", "awb",
      "shipment", "parcel", "orderid", "ordernumber", "orderno",   "invoice",   "receipt", "sku",
      "ean",      "gtin",   "barcode", "timestamp",   "snowflake", "messageid", "imei",    "iccid"};
  return holdsOneOf(plainName(name), kWithin);
}

CardField fieldOf(std::string_view name, std::string_view parent) {
  if (namesCard(name, parent)) return CardField::card;
  return namesOther(name) ? CardField::other : CardField::unsaid;
}

// Keys whose numbers are amounts, counts or times: 16 digits there are no card.
bool namesQuantity(std::string_view key) {
  std::string lower(key);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  // An account is no count.
  for (std::size_t at = lower.find("account"); at != std::string::npos; at = lower.find("account"))
    lower.erase(at, std::string_view("account").size());
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

bool isCardNumber(const rapidjson::Value& number, CardField field) {
  if (number.IsUint64()) return isCardNumber(std::to_string(number.GetUint64()), field);
  if (!number.IsDouble()) return false;
  const double value = number.GetDouble();
  if (value < 1e11 || value >= 1e19 || value != std::floor(value)) return false;
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.0f", value);
  return isCardNumber(std::string_view(text.data(), static_cast<std::size_t>(length)), field);
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

// Whether the values of a JSON text stand in it as they are: no escapes of JSON's own, below which
// there may be others, and no number with a fraction or an exponent.
bool isWrittenPlainly(std::string_view text) {
  const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') return false;
    if ((c == '.' || c == 'e' || c == 'E') && at > 0 && isDigit(text[at - 1]) &&
        at + 1 < text.size() &&
        (isDigit(text[at + 1]) || text[at + 1] == '+' || text[at + 1] == '-'))
      return false;
  }
  return true;
}

// What the way to a value says of it.
struct Surroundings {
  CardField field = CardField::unsaid;
  bool quantity = false;    // its numbers are amounts, counts or times
  std::string_view parent;  // the name of the member that it lies in
};

Surroundings within(std::string_view name, const rapidjson::Value& value,
                    const Surroundings& around) {
  Surroundings inner{fieldOf(name, around.parent), false, name};
  inner.quantity = inner.field != CardField::card && (value.IsNumber() || value.IsArray()) &&
                   namesQuantity(name);
  return inner;
}

// The pointer below `value`, without the way to it.
std::optional<std::string> findBelow(const rapidjson::Value& value, const Surroundings& around) {
  if (value.IsString()) {
    return holdsCard(textOf(value), around.field) ? std::optional<std::string>("") : std::nullopt;
  }
  if (value.IsNumber()) {
    return !around.quantity && isCardNumber(value, around.field) ? std::optional<std::string>("")
                                                                 : std::nullopt;
  }
  if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      if (auto found = findBelow(value[i], around)) return "/" + std::to_string(i) + *found;
    }
  }
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      const std::string_view name = textOf(member.name);
      // The pointer is shown to people, so a card number in a name must not be in it.
      if (looksLikeCardNumber(name)) return pointerStep(maskCardNumbers(name));
      if (auto found = findBelow(member.value, within(name, member.value, around)))
        return pointerStep(name) + *found;
    }
  }
  return std::nullopt;
}

void writeMasked(const rapidjson::Value& value, const Surroundings& around, json::Writer& out) {
  if (value.IsString()) {
    const std::string_view text = textOf(value);
    // Under the name of a card number all digits but the last four go, whatever the issuer.
    out.value(holdsCard(text, around.field)
                  ? masked(masked(text, around.field, false), around.field, true)
                  : std::string(text));
  } else if (value.IsNumber() && !around.quantity && isCardNumber(value, around.field)) {
    const std::string digits = value.IsUint64() ? std::to_string(value.GetUint64())
                                                : std::to_string(std::llround(value.GetDouble()));
    out.value(masked(digits, around.field, false));
  } else if (value.IsArray()) {
    out.beginArray();
    for (const auto& item : value.GetArray()) writeMasked(item, around, out);
    out.endArray();
  } else if (value.IsObject()) {
    out.beginObject();
    for (const auto& member : value.GetObject()) {
      const std::string_view name = textOf(member.name);
      out.key(maskCardNumbers(name));
      writeMasked(member.value, within(name, member.value, around), out);
    }
    out.endObject();
  } else {
    out.value(json::View(&value));
  }
}

}  // namespace

bool looksLikeCardNumber(std::string_view text) {
  return holdsCard(text, CardField::unsaid);
}

std::string maskCardNumbers(std::string_view text) {
  if (!mayHoldCard(text)) return std::string(text);
  std::string out = masked(text, CardField::unsaid, false);
  return hasEscapes(out) ? masked(out, CardField::unsaid, true) : out;
}

std::optional<std::string> findCardNumber(json::View value) {
  return value.exists() ? findBelow(*value.raw(), {}) : std::nullopt;
}

bool findCardNumber(const QueryPairs& form) {
  return std::any_of(form.begin(), form.end(), [](const auto& pair) {
    const std::string_view name(pair.first);
    const auto bracket = name.find('[');
    const auto parent =
        bracket == std::string_view::npos ? std::string_view() : name.substr(0, bracket);
    const auto own = parent.empty() ? name : name.substr(bracket);
    return looksLikeCardNumber(name) || holdsCard(pair.second, fieldOf(own, parent));
  });
}

std::string maskCardNumbersInJson(std::string_view text) {
  // One look at the text settles most documents; names make a look closer, not wider.
  if (isWrittenPlainly(text) && !holdsCard(text, CardField::card)) return std::string(text);
  json::Document document;
  json::ReadError error;
  if (!document.parse(text, error)) return maskCardNumbers(text);
  if (!findCardNumber(document.root())) return std::string(text);
  json::Writer out;
  writeMasked(*document.root().raw(), {}, out);
  return out.take();
}

}  // namespace unigate::base
