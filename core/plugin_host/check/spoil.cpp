// Spoils JSON answers, and finds amounts that a plugin made up from the ruins.
#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <set>
#include <unigate/json.hpp>

#include "plugin_host/check/tests.hpp"

namespace unigate::plugin_host::check {
namespace {

constexpr std::size_t kPlacesMax = 200;
constexpr std::size_t kKnownNumbersMax = 400;

// What a value is replaced by. "\x01" stands for: the member is taken away.
constexpr std::string_view kWrong[] = {"\x01",
                                       "null",
                                       "true",
                                       "\"spoilt\"",
                                       "\"\"",
                                       "-1",
                                       "10.5",
                                       "1e3",
                                       "[]",
                                       "{}",
                                       "9007199254740993",
                                       "99999999999999999999999999"};

// Writes `value` with the place number `target` replaced; counts the places on the way.
class Spoiler {
 public:
  Spoiler(std::size_t target, std::string_view wrong) : target_(target), wrong_(wrong) {}

  std::string write(const json::View& root) {
    json::Writer out;
    member(root, out);
    return out.take();
  }
  bool hit() const { return next_ > target_; }
  bool hitAmount() const { return amount_; }

 private:
  // True when the value stands at the place to be spoilt.
  bool here() { return next_++ == target_; }

  void member(const json::View& value, json::Writer& out) {
    if (value.isObject()) {
      out.beginObject();
      for (const auto& item : value.members()) {
        const bool spoil = here();
        amount_ = amount_ || (spoil && item.name.find("amount") != std::string_view::npos);
        if (spoil && wrong_ == "\x01") continue;
        out.key(item.name);
        spoil ? static_cast<void>(out.rawJson(wrong_)) : member(item.value, out);
      }
      out.endObject();
    } else if (value.isArray()) {
      out.beginArray();
      for (const auto& item : value.items()) {
        const bool spoil = here();
        if (spoil && wrong_ == "\x01") continue;
        spoil ? static_cast<void>(out.rawJson(wrong_)) : member(item, out);
      }
      out.endArray();
    } else {
      out.value(value);
    }
  }

  std::size_t target_;
  std::string_view wrong_;
  std::size_t next_ = 0;
  bool amount_ = false;
};

// Every number that a text can stand for: digits as they are, and decimals in minor units.
void collectNumbers(std::string_view text, std::set<std::int64_t>& out) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < text.size() && out.size() < kKnownNumbersMax;) {
    if (!digit(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && digit(text[end])) ++end;
    std::string digits(text.substr(at, end - at));
    std::size_t decimals = 0;
    if (end + 1 < text.size() && text[end] == '.' && digit(text[end + 1])) {
      std::size_t tail = end + 1;
      while (tail < text.size() && digit(text[tail])) ++tail;
      decimals = tail - end - 1;
      digits += text.substr(end + 1, decimals);
      end = tail;
    }
    const bool exponent = end < text.size() && (text[end] == 'e' || text[end] == 'E');
    for (std::size_t exponents = decimals; !exponent && exponents <= 4; ++exponents) {
      std::int64_t value = 0;
      const std::string scaled = digits + std::string(exponents - decimals, '0');
      const auto read = std::from_chars(scaled.data(), scaled.data() + scaled.size(), value);
      if (read.ec != std::errc()) break;
      out.insert(value);
      // Some providers count a currency without decimals in hundredths.
      if (value % 100 == 0) out.insert(value / 100);
      if (exponents == 0) exponents = 1;  // 0, 2, 3 and 4 decimals exist
    }
    at = end + (exponent ? 1 : 0);
  }
}

bool isKnown(std::int64_t amount, const std::set<std::int64_t>& known) {
  const std::int64_t magnitude = amount < 0 ? -amount : amount;
  if (known.count(magnitude) != 0) return true;
  // A rest or a sum of two.
  return std::any_of(known.begin(), known.end(), [&](std::int64_t number) {
    return known.count(number - magnitude) != 0 || known.count(magnitude - number) != 0;
  });
}

// The digits of an exact decimal text that an amount beside it is rounded down from, as in
// {"amount": 1709, "exact": "17.0943"}; empty where it is not.
std::optional<std::int64_t> exactDigits(const json::View& money) {
  std::string text(money["exact"].stringOr(""));
  const auto amount = money["amount"].int64();
  const std::size_t point = text.find('.');
  if (!amount || point == std::string::npos) return std::nullopt;
  std::size_t dropped = text.size() - point - 1;
  text.erase(point, 1);
  std::int64_t digits = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), digits);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  std::int64_t rounded = digits;
  for (; dropped > 0; --dropped) {
    rounded = rounded / 10 - (rounded % 10 < 0 ? 1 : 0);
    if (rounded == *amount) return digits;
  }
  return std::nullopt;
}

using Visit = std::function<void(const std::string& path, std::int64_t amount)>;

// Calls `visit` for every integer below a key that names an amount.
void eachAmount(const std::string& path, bool amount, const json::View& value, const Visit& visit) {
  const auto exact = exactDigits(value);
  for (const auto& member : value.members()) {
    const bool named = member.name.find("amount") != std::string_view::npos;
    if (named && exact) {
      visit(path + "." + std::string(member.name), *exact);
      continue;
    }
    eachAmount(path + "." + std::string(member.name), amount || named, member.value, visit);
  }
  std::size_t index = 0;
  for (const auto& item : value.items()) {
    eachAmount(path + "[" + std::to_string(index++) + "]", amount, item, visit);
  }
  if (!amount) return;
  if (const auto number = value.int64()) visit(path, *number);
  if (const auto text = value.string()) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
    if (read.ec == std::errc() && read.ptr == text->data() + text->size()) visit(path, number);
  }
}

}  // namespace

std::vector<SpoiltJson> spoilJson(std::string_view text) {
  json::Document document;
  json::ReadError error;
  std::vector<SpoiltJson> spoilt;
  if (!document.parse(text, error) || (!document.root().isObject() && !document.root().isArray())) {
    return spoilt;
  }
  for (std::size_t place = 0; place < kPlacesMax; ++place) {
    for (const std::string_view wrong : kWrong) {
      Spoiler spoiler(place, wrong);
      std::string made = spoiler.write(document.root());
      if (!spoiler.hit()) return spoilt;
      spoilt.push_back({std::move(made), spoiler.hitAmount()});
    }
  }
  return spoilt;
}

std::string findInventedAmount(std::string_view resultJson, std::string_view inputJson,
                               std::string_view answersText, std::string_view soundJson) {
  json::Document result;
  json::ReadError error;
  if (!result.parse(resultJson, error)) return {};
  std::set<std::int64_t> known;
  collectNumbers(inputJson, known);
  collectNumbers(answersText, known);
  known.erase(0);
  std::set<std::string> soundZeros;
  json::Document sound;
  if (!soundJson.empty() && sound.parse(soundJson, error)) {
    eachAmount("", false, sound.root(), [&](const std::string& path, std::int64_t amount) {
      if (amount == 0) soundZeros.insert(path);
    });
  }
  std::string invented;
  eachAmount("", false, result.root(), [&](const std::string& path, std::int64_t amount) {
    // Nothing paid yet is a natural zero; a zero where the sound answer had money is not.
    const bool natural = amount == 0 && (soundJson.empty() || soundZeros.count(path) != 0);
    if (natural || !invented.empty()) return;
    if (amount == 0 ? !soundJson.empty() : !isKnown(amount, known)) {
      invented = "the result's " + path.substr(1) + " is " + std::to_string(amount) +
                 ", which neither the input nor an answer says";
    }
  });
  return invented;
}

}  // namespace unigate::plugin_host::check
