// How well the card guard tells card numbers from other numbers, on generated ones. The seed is
// printed; UNIGATE_SEED repeats a run.
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/card_guard.hpp"

using namespace unigate;

namespace {

class Numbers {
 public:
  Numbers() {
    const char* wanted = std::getenv("UNIGATE_SEED");
    seed_ = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
    random_.seed(seed_);
    std::printf("UNIGATE_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random_);
  }
  std::string digits(std::size_t count) {
    std::string text;
    while (text.size() < count) text.push_back(static_cast<char>('0' + between(0, 9)));
    return text;
  }
  std::string from(std::string_view alphabet, std::size_t count) {
    std::string text;
    while (text.size() < count) text.push_back(alphabet[between(0, alphabet.size() - 1)]);
    return text;
  }
  template <typename List>
  const auto& oneOf(const List& list) {
    return list[between(0, list.size() - 1)];
  }

 private:
  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
};

std::string withLuhnDigit(std::string digits) {
  int sum = 0;
  bool twice = true;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    int value = digits[i] - '0';
    if (twice) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  digits.push_back(static_cast<char>('0' + (10 - sum % 10) % 10));
  return digits;
}

std::string withGs1Digit(std::string digits) {
  int sum = 0;
  int weight = 3;
  for (std::size_t i = digits.size(); i-- > 0; weight = 4 - weight)
    sum += (digits[i] - '0') * weight;
  digits.push_back(static_cast<char>('0' + (10 - sum % 10) % 10));
  return digits;
}

std::string iban(const std::string& country, const std::string& account) {
  int rest = 0;
  for (const char c : account + country + "00")
    rest = c <= '9' ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
  const int check = 98 - rest;
  return country + (check < 10 ? "0" : "") + std::to_string(check) + account;
}

std::string grouped(const std::string& digits, const std::vector<std::size_t>& sizes,
                    const std::string& separator) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; at < digits.size(); ++i) {
    const std::size_t size = sizes[std::min(i, sizes.size() - 1)];
    if (!text.empty()) text += separator;
    text += digits.substr(at, size);
    at += size;
  }
  return text;
}

// A kind of number that is no card number, with the name of a member that would hold it.
struct OtherKind {
  const char* name;
  const char* member;
  std::function<std::string(Numbers&)> make;
};

constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string uuid(Numbers& n) {
  return n.from(kHex, 8) + "-" + n.from(kHex, 4) + "-" + n.oneOf(std::array{"1", "4", "7"}) +
         n.from(kHex, 3) + "-" + n.from("89ab", 1) + n.from(kHex, 3) + "-" + n.from(kHex, 12);
}

std::string day(Numbers& n) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04u%02u%02u",
                static_cast<unsigned>(n.between(2015, 2029)),
                static_cast<unsigned>(n.between(1, 12)), static_cast<unsigned>(n.between(1, 28)));
  return text.data();
}

const std::vector<OtherKind>& otherKinds() {
  static const std::vector<OtherKind> kKinds = {
      {"counter", "order_id",
       [](Numbers& n) { return std::to_string(n.between(1, 9'999'999'999)); }},
      {"order of a day", "reference", [](Numbers& n) { return day(n) + "-" + n.digits(6); }},
      {"order by the second", "reference",
       [](Numbers& n) { return day(n) + n.digits(6) + n.digits(n.between(0, 5)); }},
      {"prefixed order", "reference",
       [](Numbers& n) {
         return "ORD-" + std::to_string(n.between(2015, 2029)) + "-" + n.digits(8);
       }},
      {"lettered order", "description",
       [](Numbers& n) { return "order " + n.from(kUpper, 2) + n.digits(14); }},
      {"shop order", "order_id",
       [](Numbers& n) { return std::to_string(n.between(4'000'000'000'000, 6'999'999'999'999)); }},
      {"marketplace order", "reference",
       [](Numbers& n) { return n.digits(3) + "-" + n.digits(7) + "-" + n.digits(7); }},
      {"telephone", "to",
       [](Numbers& n) {
         return "+" + std::to_string(n.between(1, 9)) + n.digits(n.between(7, 13));
       }},
      {"telephone, spaced", "description",
       [](Numbers& n) {
         return "call +" + std::to_string(n.between(10, 99)) + " " + n.digits(3) + " " +
                n.digits(n.between(6, 8));
       }},
      {"telephone without plus", "phone",
       [](Numbers& n) { return std::to_string(n.between(1, 9)) + n.digits(n.between(9, 12)); }},
      {"seconds", "timestamp",
       [](Numbers& n) { return std::to_string(n.between(1'400'000'000, 1'999'999'999)); }},
      {"milliseconds", "reference",
       [](Numbers& n) { return std::to_string(n.between(1'400'000'000'000, 1'999'999'999'999)); }},
      {"microseconds", "reference",
       [](Numbers& n) {
         return std::to_string(n.between(1'400'000'000'000'000, 1'999'999'999'999'999));
       }},
      {"nanoseconds", "reference",
       [](Numbers& n) {
         return std::to_string(n.between(1'400'000'000'000'000'000, 1'999'999'999'999'999'999));
       }},
      {"UUID", "reference", uuid},
      {"UUID, no hyphens", "reference", [](Numbers& n) { return n.from(kHex, 32); }},
      {"ULID", "reference", [](Numbers& n) { return "01" + n.from(kBase32, 24); }},
      {"snowflake", "reference",
       [](Numbers& n) {
         return std::to_string(n.between(1'000'000'000'000'000'000, 1'999'999'999'999'999'999));
       }},
      {"early snowflake", "snowflake_id",
       [](Numbers& n) {
         return std::to_string(n.between(100'000'000'000'000'000, 999'999'999'999'999'999));
       }},
      {"parcel 1Z", "tracking_number",
       [](Numbers& n) { return "1Z" + n.from("0123456789ABCDEFGHX", 6) + n.digits(10); }},
      {"parcel of 12", "description", [](Numbers& n) { return "parcel " + n.digits(12); }},
      {"parcel of 20", "tracking_number", [](Numbers& n) { return n.digits(20); }},
      {"parcel of 22, grouped", "description",
       [](Numbers& n) {
         return grouped(withGs1Digit("9" + n.from("12345", 1) + n.digits(19)), {4}, " ");
       }},
      {"post", "tracking_number",
       [](Numbers& n) { return n.from(kUpper, 2) + n.digits(9) + n.from(kUpper, 2); }},
      {"amount", "amount",
       [](Numbers& n) { return std::to_string(n.between(0, 99'999'999)) + "." + n.digits(2); }},
      {"fraction", "reference", [](Numbers& n) { return "0." + n.digits(16); }},
      {"date and time", "reference",
       [](Numbers& n) {
         const auto date = day(n);
         return date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) +
                "T12:" + n.from("012345", 1) + n.digits(1) + ":" + n.from("012345", 1) +
                n.digits(1) + "." + n.digits(6) + "Z";
       }},
      {"IBAN, grouped", "reference",
       [](Numbers& n) {
         return grouped(n.between(0, 1) == 0 ? iban("DE", n.digits(18)) : iban("FR", n.digits(23)),
                        {4}, " ");
       }},
      {"IP address and port", "description",
       [](Numbers& n) {
         return std::to_string(n.between(1, 255)) + "." + std::to_string(n.between(0, 255)) + "." +
                std::to_string(n.between(0, 255)) + "." + std::to_string(n.between(1, 254)) + ":" +
                std::to_string(n.between(1024, 65535));
       }},
      {"EAN", "ean", [](Numbers& n) { return withGs1Digit(n.digits(12)); }},
      {"SHA-256", "reference", [](Numbers& n) { return n.from(kHex, 64); }},
  };
  return kKinds;
}

struct Issuer {
  const char* name;
  std::vector<std::string> prefixes;
  std::vector<std::size_t> lengths;
};

const std::vector<Issuer>& issuers() {
  static const std::vector<Issuer> kIssuers = {
      {"Visa", {"4"}, {13, 16, 19}},
      {"Mastercard", {"51", "52", "53", "54", "55", "2221", "2500", "2720"}, {16}},
      {"American Express", {"34", "37"}, {15}},
      {"Diners Club", {"300", "305", "3095", "36", "38", "39"}, {14, 16, 19}},
      {"Discover", {"6011", "644", "649", "65"}, {16, 19}},
      {"JCB", {"3528", "3550", "3589"}, {16, 19}},
      {"UnionPay", {"62", "81"}, {16, 17, 18, 19}},
      {"Maestro", {"5018", "5020", "5038", "5893", "6304", "6759", "6761", "6763"}, {16, 18, 19}},
      {"RuPay", {"60", "6521", "6522", "81", "82", "508"}, {16}},
      {"Elo", {"506699", "509000", "636368", "650031", "431274"}, {16}},
      {"Mir", {"2200", "2204"}, {16, 18, 19}},
      {"Verve", {"506099", "650002"}, {16, 18, 19}},
      {"Troy", {"9792"}, {16}},
      {"Napas", {"9704"}, {16, 19}},
      {"Uzcard and Humo", {"8600", "9860"}, {16}},
  };
  return kIssuers;
}

std::string utf8(char32_t code) {
  std::string text;
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (code >> 6)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (code >> 12)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    text.push_back(static_cast<char>(0xF0 | (code >> 18)));
    text.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
  return text;
}

std::string inScript(const std::string& digits, char32_t zero) {
  std::string text;
  for (const char c : digits)
    text += c >= '0' && c <= '9' ? utf8(zero + static_cast<char32_t>(c - '0')) : std::string(1, c);
  return text;
}

std::string escaped(const std::string& text, const char* form) {
  std::string out;
  for (const char c : text) {
    std::array<char, 16> escape{};
    std::snprintf(escape.data(), escape.size(), form, static_cast<unsigned>(c));
    out += escape.data();
  }
  return out;
}

std::vector<std::size_t> groupsOf(std::size_t digits) {
  if (digits == 15) return {4, 6, 5};
  if (digits == 14) return {4, 6, 4};
  return {4};
}

// A card number as somebody might write it.
std::string spelled(Numbers& n, const std::string& pan) {
  static const std::vector<std::string> kBetween = {" ",
                                                    "-",
                                                    "  ",
                                                    " - ",
                                                    "\t",
                                                    "\xC2\xA0",
                                                    "\xE2\x80\x89",
                                                    "\xE2\x80\xAF",
                                                    "\xE3\x80\x80",
                                                    "\xE2\x80\x93",
                                                    "\xE2\x80\x94",
                                                    "\xE2\x88\x92",
                                                    "\xEF\xBC\x8D",
                                                    "\xE2\x80\x90"};
  static const std::vector<std::string> kLoose = {".", "_",        "/",           "|",
                                                  "+", "\xC2\xB7", "\xE2\x80\xA2"};
  static const std::vector<std::string> kUnseen = {"\xE2\x80\x8B", "\xE2\x80\x8D", "\xEF\xBB\xBF",
                                                   "\xC2\xAD",     "\xE2\x81\xA0", "\xE2\x80\x8F"};
  static const std::vector<char32_t> kScripts = {0xFF10, 0x0660, 0x06F0,  0x0966,  0x09E6,  0x0E50,
                                                 0x1040, 0x17E0, 0x1D7CE, 0x1FBF0, 0x1E950, 0x0F20};
  const auto groups = groupsOf(pan.size());
  switch (n.between(0, 11)) {
    case 0:
      return pan;
    case 1:
      return grouped(pan, groups, n.oneOf(kBetween));
    case 2:
      return grouped(pan, groups, n.oneOf(kLoose));
    case 3:
      return grouped(pan, {n.between(1, 8)}, n.oneOf(std::array{" ", "-"}));
    case 4:
      return grouped(pan, {n.between(1, 5)}, n.oneOf(kUnseen));
    case 5:
      return inScript(pan, n.oneOf(kScripts));
    case 6:
      return inScript(grouped(pan, groups, " "), n.oneOf(kScripts));
    case 7:
      return escaped(grouped(pan, groups, " "), "%%%02X");
    case 8:
      return escaped(pan, "\\u%04x");
    case 9:
      return escaped(pan, "&#%u;");
    case 10:
      return grouped(pan, groups, n.oneOf(std::array{"&nbsp;", "%20", "\\u00a0", "%C2%A0"}));
    default:
      return grouped(pan, {6, 13}, " ");
  }
}

std::string around(Numbers& n, const std::string& number) {
  static const std::vector<std::pair<const char*, const char*>> kTexts = {
      {"", ""},
      {"card ", ", thanks"},
      {"my card is ", " 12/29 123"},
      {"pan=", ";cvv=123"},
      {"{\"number\":\"", "\"}"},
      {"a=1&card[number]=", "&b=2"},
      {"\xD0\xBA\xD0\xB0\xD1\x80\xD1\x82\xD0\xB0", ""},
      {"\xE5\x8D\xA1\xE5\x8F\xB7", "\xE3\x80\x82"},
      {"card", ""},
      {"(", ")"},
      {"line\n", "\nnext"},
      {"order 4711: ", "."},
  };
  const auto& [before, after] = n.oneOf(kTexts);
  return before + number + after;
}

bool refused(const std::string& member, const std::string& value) {
  json::Writer out;
  out.beginObject().member(member, value).endObject();
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(out.take(), error));
  return base::findCardNumber(document.root()).has_value();
}

}  // namespace

TEST_CASE("At most one in a thousand of 100,000 order-like numbers is taken for a card number") {
  constexpr std::size_t kCount = 100'000;
  Numbers n;
  std::map<std::string, std::size_t> alarms;
  std::size_t total = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    const OtherKind& kind = otherKinds()[i % otherKinds().size()];
    const std::string value = kind.make(n);
    if (!refused(kind.member, value)) continue;
    ++total;
    ++alarms[kind.name];
  }
  for (const auto& [name, count] : alarms) std::printf("  %s: %zu\n", name.c_str(), count);
  std::printf("false alarms: %zu of %zu numbers of %zu kinds\n", total, kCount,
              otherKinds().size());
  CHECK(total <= kCount / 1'000);
}

TEST_CASE("Of card numbers of all issuers in all spellings 99.9 % are found, and masked") {
  constexpr std::size_t kCount = 60'000;
  Numbers n;
  std::map<std::string, std::size_t> missed;
  std::size_t total = 0;
  std::string example;
  for (std::size_t i = 0; i < kCount; ++i) {
    const Issuer& issuer = issuers()[i % issuers().size()];
    const std::string& prefix = n.oneOf(issuer.prefixes);
    const std::size_t length = n.oneOf(issuer.lengths);
    const auto pan = withLuhnDigit(prefix + n.digits(length - prefix.size() - 1));
    const auto text = around(n, spelled(n, pan));
    const bool found = refused("description", text) && base::looksLikeCardNumber(text) &&
                       !base::looksLikeCardNumber(base::maskCardNumbers(text));
    if (found) continue;
    ++total;
    ++missed[issuer.name];
    example = text;
  }
  for (const auto& [name, count] : missed) std::printf("  %s: %zu\n", name.c_str(), count);
  std::printf("missed: %zu of %zu card numbers of %zu issuers %s\n", total, kCount,
              issuers().size(), example.c_str());
  CHECK(total <= kCount / 1'000);
}
