#include "rest/fields.hpp"

#include <algorithm>
#include <unigate/money.hpp>

#include "base/card_guard.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"

namespace unigate::rest {

namespace limits = base::limits;

namespace {

constexpr std::int64_t kAmountMax = 99'999'999'999;
constexpr std::size_t kUrlCharsMax = 2048;

// Finds the text of one top-level number without converting it.
struct NumberFinder {
  using Ch = char;
  std::string_view wanted;
  std::string found;
  int depth = 0;
  bool armed = false;

  bool simple() {
    armed = false;
    return true;
  }
  bool Null() { return simple(); }
  bool Bool(bool) { return simple(); }
  bool Int(int) { return simple(); }
  bool Uint(unsigned) { return simple(); }
  bool Int64(std::int64_t) { return simple(); }
  bool Uint64(std::uint64_t) { return simple(); }
  bool Double(double) { return simple(); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    if (armed) found.assign(text, length);
    return simple();
  }
  bool String(const char*, rapidjson::SizeType, bool) { return simple(); }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    armed = depth == 1 && std::string_view(text, length) == wanted;
    return true;
  }
  bool StartObject() {
    ++depth;
    return simple();
  }
  bool EndObject(rapidjson::SizeType) {
    --depth;
    return true;
  }
  bool StartArray() {
    ++depth;
    return simple();
  }
  bool EndArray(rapidjson::SizeType) {
    --depth;
    return true;
  }
};

std::size_t codePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
  });
}

// The sentence that names the right integer for what was sent, if there is one.
std::string amountHint(std::string_view number, std::string_view currency) {
  const auto known = money::findCurrency(currency);
  if (!known) return {};
  const auto minor = money::fromDecimal(number, known->exponent);
  if (!minor) {
    return " " + std::string(known->code) + " has " + std::to_string(known->exponent) +
           " decimals.";
  }
  // What no amount can be is no remedy, and its digits may be those of a card.
  if (*minor > kAmountMax) return {};
  return " " + std::string(number) + " " + std::string(known->code) + " is " +
         std::to_string(*minor) + ".";
}

}  // namespace

FieldReader::FieldReader(json::View body, std::string_view text) : body_(body), text_(text) {
  if (!body.isObject()) fault("", "The body must be a JSON object.");
}

FieldReader::FieldReader(json::View body, std::string prefix, FieldReader& outer)
    : body_(body), prefix_(outer.prefix_ + prefix + ".") {
  if (!body.isObject()) outer.fault(prefix, prefix + " must be an object.");
}

json::View FieldReader::take(std::string_view name, Need need) {
  known_.push_back(name);
  const json::View value = body_[name];
  if (need == Need::required && value.isNothing() && body_.isObject()) {
    fault(name, prefix_ + std::string(name) + " is required.");
  }
  return value.isNull() ? json::View() : value;
}

void FieldReader::fault(std::string_view name, std::string detail) {
  faults_.push_back(
      {base::maskCardNumbers(prefix_ + std::string(name)), base::maskCardNumbers(detail)});
}

bool FieldReader::isNull(std::string_view name) {
  return body_[name].isNull();
}

std::string FieldReader::rawNumber(std::string_view name) const {
  NumberFinder finder;
  finder.wanted = name;
  rapidjson::MemoryStream stream(text_.data(), text_.size());
  rapidjson::Reader reader;
  reader.Parse<rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag>(stream,
                                                                                       finder);
  return finder.found;
}

std::optional<std::string> FieldReader::text(std::string_view name, Need need, std::size_t maxChars,
                                             std::size_t minChars) {
  const json::View value = take(name, need);
  if (!value.exists()) return std::nullopt;
  const auto text = value.string();
  if (!text) {
    fault(name, std::string(name) + " must be text.");
    return std::nullopt;
  }
  const std::size_t length = codePoints(*text);
  if (length < minChars || length > maxChars) {
    fault(name, std::string(name) + " must have " + std::to_string(minChars) + " to " +
                    std::to_string(maxChars) + " characters; this has " + std::to_string(length) +
                    ".");
    return std::nullopt;
  }
  if (hasControl(*text)) {
    fault(name, std::string(name) + " holds control characters.");
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<std::string> FieldReader::oneOf(std::string_view name, Need need,
                                              std::initializer_list<std::string_view> allowed) {
  return oneOf(name, need, std::span(allowed.begin(), allowed.size()));
}

std::optional<std::string> FieldReader::oneOf(std::string_view name, Need need,
                                              std::span<const std::string_view> allowed) {
  const json::View value = take(name, need);
  if (!value.exists()) return std::nullopt;
  const auto text = value.string();
  if (text && std::find(allowed.begin(), allowed.end(), *text) != allowed.end())
    return std::string(*text);
  std::string list;
  for (const std::string_view each : allowed)
    list += (list.empty() ? "" : ", ") + std::string(each);
  fault(name, std::string(name) + " must be one of: " + list + ".");
  return std::nullopt;
}

std::optional<bool> FieldReader::flag(std::string_view name) {
  const json::View value = take(name, Need::optional);
  if (!value.exists()) return std::nullopt;
  if (!value.isBool()) fault(name, std::string(name) + " must be true or false.");
  return value.boolean();
}

std::optional<std::string> FieldReader::currency(std::string_view name, Need need) {
  const json::View value = take(name, need);
  if (!value.exists()) return std::nullopt;
  const auto found = value.isString() ? money::findCurrency(*value.string()) : std::nullopt;
  if (!found) {
    fault(name, std::string(name) + " must be an ISO 4217 code of three letters, such as USD.");
    return std::nullopt;
  }
  return std::string(found->code);
}

std::optional<std::int64_t> FieldReader::amount(std::string_view name, Need need,
                                                std::string_view currency) {
  const json::View value = take(name, need);
  const std::string label(name);
  // Where an amount may be left out it means all of it; a null must not pass for that.
  if (need == Need::optional && isNull(name)) {
    fault(name, label + " is null; send an integer in minor units, or leave it out for all of it.");
  }
  if (!value.exists()) return std::nullopt;
  if (value.isString()) {
    // "1050" may be meant in minor units already, so nothing is said about its size.
    const std::string_view sent = *value.string();
    const bool whole = sent.find_first_not_of("0123456789") == std::string_view::npos;
    fault(name, label + " must be a JSON integer in minor units, not text." +
                    (whole ? " Leave out the quotes." : amountHint(sent, currency)));
    return std::nullopt;
  }
  if (!value.isNumber()) {
    fault(name, label + " must be a whole number of minor units, such as 1050 for 10.50 USD.");
    return std::nullopt;
  }
  if (!value.isInteger()) {
    const std::string number = rawNumber(name);
    const bool exponent = number.find_first_of("eE") != std::string::npos;
    fault(name,
          label + " must be a whole number of minor units, without " +
              (exponent ? "an exponent." : "a decimal point." + amountHint(number, currency)));
    return std::nullopt;
  }
  const auto minor = value.int64();
  if (!minor || *minor < 1 || *minor > kAmountMax) {
    fault(name, label + " must be between 1 and " + std::to_string(kAmountMax) + " minor units.");
    return std::nullopt;
  }
  return minor;
}

std::optional<std::int64_t> FieldReader::number(std::string_view name, Need need, std::int64_t min,
                                                std::int64_t max) {
  const json::View value = take(name, need);
  if (!value.exists()) return std::nullopt;
  const auto number = value.isInteger() ? value.int64() : std::nullopt;
  if (!number || *number < min || *number > max) {
    fault(name, std::string(name) + " must be a whole number from " + std::to_string(min) + " to " +
                    std::to_string(max) + ".");
    return std::nullopt;
  }
  return number;
}

std::optional<std::int64_t> FieldReader::time(std::string_view name, Need need) {
  const json::View value = take(name, need);
  if (!value.exists()) return std::nullopt;
  const auto ms = value.isString() ? base::fromRfc3339(*value.string()) : std::nullopt;
  if (!ms || *ms < 0) {
    fault(name,
          std::string(name) + " must be a time in RFC 3339 form, such as 2026-11-01T00:00:00Z.");
    return std::nullopt;
  }
  return *ms / 1000;
}

std::vector<std::string> FieldReader::texts(std::string_view name, Need need, std::size_t maxItems,
                                            std::size_t maxChars) {
  const json::View value = take(name, need);
  std::vector<std::string> list;
  if (!value.exists()) return list;
  if (!value.isArray() || value.size() < 1 || value.size() > maxItems) {
    fault(name,
          std::string(name) + " must be an array of 1 to " + std::to_string(maxItems) + " texts.");
    return list;
  }
  for (const json::View item : value.items()) {
    const auto text = item.string();
    const std::size_t length = text ? codePoints(*text) : 0;
    if (length < 1 || length > maxChars || hasControl(*text)) {
      fault(name, std::string(name) + " must hold texts of 1 to " + std::to_string(maxChars) +
                      " characters.");
      return list;
    }
    list.emplace_back(*text);
  }
  return list;
}

std::string FieldReader::textMap(std::string_view name, Need need, std::size_t maxMembers) {
  const json::View value = take(name, need);
  if (!value.exists()) return {};
  const auto isText = [](const json::Member& member) {
    return member.value.isString() && codePoints(member.name) <= 100 &&
           codePoints(*member.value.string()) <= 5000 && !hasControl(member.name);
  };
  const std::vector<json::Member> members = value.members();
  if (!value.isObject() || members.size() > maxMembers ||
      !std::all_of(members.begin(), members.end(), isText)) {
    fault(name, std::string(name) + " must be an object of at most " + std::to_string(maxMembers) +
                    " texts.");
    return {};
  }
  return json::toText(value);
}

json::View FieldReader::member(std::string_view name, Need need) {
  return take(name, need);
}

std::optional<std::string> FieldReader::email(std::string_view name, Need need) {
  auto value = text(name, need, 254, 3);
  if (!value) return std::nullopt;
  const std::size_t at = value->find('@');
  const bool shaped = at != std::string::npos && at > 0 && at + 1 < value->size() &&
                      value->find('@', at + 1) == std::string::npos &&
                      value->find_first_of(" \t\n<>,;\"") == std::string::npos;
  if (!shaped) {
    fault(name, std::string(name) + " must be an e-mail address.");
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> FieldReader::phone(std::string_view name, Need need) {
  auto value = text(name, need, 16, 1);
  if (!value) return std::nullopt;
  const bool shaped =
      value->size() >= 8 && value->front() == '+' && (*value)[1] != '0' &&
      std::all_of(value->begin() + 1, value->end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!shaped) {
    fault(name, std::string(name) + " must be a phone number in E.164 form, such as +14155550123.");
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> FieldReader::url(std::string_view name, Need need) {
  auto value = text(name, need, kUrlCharsMax, 1);
  if (!value) return std::nullopt;
  const std::size_t scheme = value->rfind("https://", 0) == 0  ? 8
                             : value->rfind("http://", 0) == 0 ? 7
                                                               : 0;
  const bool shaped =
      scheme != 0 && value->size() > scheme && (*value)[scheme] != '/' &&
      std::all_of(value->begin(), value->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!shaped) {
    fault(name, std::string(name) + " must be an absolute https or http URL, percent-encoded.");
    return std::nullopt;
  }
  return value;
}

std::string FieldReader::metadata() {
  const json::View value = take("metadata", Need::optional);
  if (!value.exists()) return "{}";
  if (!value.isObject()) {
    fault("metadata", "metadata must be an object of text values.");
    return "{}";
  }
  if (value.size() > limits::kMetadataKeysMax) {
    fault("metadata",
          "metadata may have at most 50 members; this has " + std::to_string(value.size()) + ".");
    return "{}";
  }
  for (const json::Member& member : value.members()) {
    const std::string param = "metadata." + std::string(member.name.substr(0, 64));
    const std::size_t keyChars = codePoints(member.name);
    if (keyChars < 1 || keyChars > limits::kMetadataKeyCharsMax || hasControl(member.name) ||
        member.name.find_first_of("[]") != std::string_view::npos) {
      fault(param, "A metadata key has 1 to 40 characters and no square brackets.");
    } else if (member.name.rfind("unigate_", 0) == 0) {
      fault(param, "metadata keys that start with unigate_ are reserved.");
    } else if (!member.value.isString()) {
      fault(param, param + " must be text; write numbers and flags in quotes.");
    } else if (codePoints(*member.value.string()) > limits::kMetadataValueCharsMax) {
      fault(param, param + " is longer than 500 characters.");
    } else if (hasControl(*member.value.string())) {
      fault(param, param + " holds control characters.");
    }
  }
  return json::toText(value);
}

void FieldReader::refuseUnknown() {
  for (const json::Member& member : body_.members()) {
    if (std::find(known_.begin(), known_.end(), member.name) != known_.end()) continue;
    std::string_view nearest;
    std::size_t best = 3;
    for (const std::string_view known : known_) {
      const std::size_t distance = base::editDistance(known, member.name.substr(0, 64));
      if (distance < best) {
        best = distance;
        nearest = known;
      }
    }
    const std::string name(member.name.substr(0, 64));
    fault(name, "There is no field \"" + name + "\" here." +
                    (nearest.empty() ? "" : " Did you mean \"" + std::string(nearest) + "\"?"));
  }
}

void FieldReader::finishInto(FieldReader& outer) {
  refuseUnknown();
  for (FieldFault& each : faults_) outer.faults_.push_back(std::move(each));
}

base::Status FieldReader::finish() {
  refuseUnknown();
  if (faults_.empty()) return {};
  base::Problem problem{
      400, "invalid_request", faults_.front().detail, faults_.front().param, false, 0, {}};
  if (faults_.size() > 1) {
    json::Writer all;
    all.beginArray();
    for (const FieldFault& each : faults_) {
      all.beginObject().member("param", each.param).member("detail", each.detail).endObject();
    }
    all.endArray();
    problem.members.emplace_back("errors", all.take());
  }
  return base::fail(std::move(problem));
}

}  // namespace unigate::rest
