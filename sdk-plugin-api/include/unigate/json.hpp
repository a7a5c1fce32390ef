// Strict JSON for adapters and for the gateway: a thin layer over RapidJSON that refuses what money
// can't bear. It refuses duplicate keys, integers outside 64 bits, bad UTF-8, lone surrogates and
// depth beyond a limit; it never turns a number with a point or an exponent into an integer. RFC
// 8259.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unigate::json {

// Limits of one read. Sizes in bytes.
struct ReadOptions {
  std::size_t depthMax = 32;
  std::size_t bytesMax = 1024UL * 1024;
};

// Why a text was refused and where (byte offset).
struct ReadError {
  std::string message;
  std::size_t offset = 0;
};

class View;

// One member of an object.
struct Member;

// A borrowed look at a value of a Document; valid as long as it. Every look-up of what is not there
// gives an empty view, so that chains need no checks: `v["a"]["b"].string()`.
class View {
 public:
  View() = default;
  explicit View(const rapidjson::Value* value) : value_(value) {}

  bool exists() const { return value_ != nullptr; }
  explicit operator bool() const { return exists(); }
  bool isNull() const { return value_ != nullptr && value_->IsNull(); }
  // Absent or null: how most provider answers say "not set".
  bool isNothing() const { return value_ == nullptr || value_->IsNull(); }
  bool isObject() const { return value_ != nullptr && value_->IsObject(); }
  bool isArray() const { return value_ != nullptr && value_->IsArray(); }
  bool isString() const { return value_ != nullptr && value_->IsString(); }
  bool isBool() const { return value_ != nullptr && value_->IsBool(); }
  bool isNumber() const { return value_ != nullptr && value_->IsNumber(); }
  // True for a number written without point and exponent.
  bool isInteger() const { return isNumber() && !value_->IsDouble(); }

  View operator[](std::string_view key) const {
    if (!isObject()) return {};
    for (const auto& member : value_->GetObject()) {
      if (std::string_view(member.name.GetString(), member.name.GetStringLength()) == key) {
        return View(&member.value);
      }
    }
    return {};
  }
  View operator[](std::size_t index) const {
    if (!isArray() || index >= value_->Size()) return {};
    return View(&(*value_)[static_cast<rapidjson::SizeType>(index)]);
  }
  std::size_t size() const {
    if (isArray()) return value_->Size();
    if (isObject()) return value_->MemberCount();
    return 0;
  }

  std::optional<std::string_view> string() const {
    if (!isString()) return std::nullopt;
    return std::string_view(value_->GetString(), value_->GetStringLength());
  }
  // The text, or `fallback` when this is no string.
  std::string_view stringOr(std::string_view fallback) const { return string().value_or(fallback); }
  std::optional<std::int64_t> int64() const {
    if (value_ == nullptr || !value_->IsInt64()) return std::nullopt;
    return value_->GetInt64();
  }
  std::int64_t int64Or(std::int64_t fallback) const { return int64().value_or(fallback); }
  std::optional<bool> boolean() const {
    if (!isBool()) return std::nullopt;
    return value_->GetBool();
  }
  bool booleanOr(bool fallback) const { return boolean().value_or(fallback); }
  // For numbers that are no money: a rate, a ratio.
  std::optional<double> number() const {
    if (!isNumber()) return std::nullopt;
    return value_->GetDouble();
  }

  inline std::vector<Member> members() const;
  std::vector<View> items() const {
    std::vector<View> result;
    if (isArray()) {
      result.reserve(value_->Size());
      for (const auto& item : value_->GetArray()) result.emplace_back(&item);
    }
    return result;
  }
  const rapidjson::Value* raw() const { return value_; }

 private:
  const rapidjson::Value* value_ = nullptr;
};

struct Member {
  std::string_view name;
  View value;
};

inline std::vector<Member> View::members() const {
  std::vector<Member> result;
  if (isObject()) {
    result.reserve(value_->MemberCount());
    for (const auto& member : value_->GetObject()) {
      result.push_back(
          {{member.name.GetString(), member.name.GetStringLength()}, View(&member.value)});
    }
  }
  return result;
}

namespace detail {

// Passes SAX events on to a rapidjson::Document, with the checks that the library does not make.
class StrictHandler {
 public:
  using Ch = char;
  StrictHandler(rapidjson::Document& sink, std::size_t depthMax)
      : sink_(sink), depthMax_(depthMax) {}

  // NOLINTBEGIN(readability-identifier-naming): the names that RapidJSON calls
  bool Null() { return sink_.Null(); }
  bool Bool(bool value) { return sink_.Bool(value); }
  bool Int(int value) { return sink_.Int(value); }
  bool Uint(unsigned value) { return sink_.Uint(value); }
  bool Int64(std::int64_t value) { return sink_.Int64(value); }
  bool Uint64(std::uint64_t value) { return sink_.Uint64(value); }
  bool Double(double value) { return sink_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
    const char* end = text + length;
    if (std::string_view(text, length).find_first_of(".eE") == std::string_view::npos) {
      std::int64_t whole = 0;
      if (std::from_chars(text, end, whole).ec == std::errc()) return sink_.Int64(whole);
      std::uint64_t large = 0;
      if (*text != '-' && std::from_chars(text, end, large).ec == std::errc())
        return sink_.Uint64(large);
      return refuse("integer outside 64 bits");
    }
    double real = 0;
    if (std::from_chars(text, end, real).ec != std::errc()) return refuse("number out of range");
    return sink_.Double(real);
  }
  bool String(const char* text, rapidjson::SizeType length, bool copy) {
    return wellFormed(text, length) && sink_.String(text, length, copy);
  }
  bool Key(const char* text, rapidjson::SizeType length, bool copy) {
    return wellFormed(text, length) && sink_.Key(text, length, copy);
  }
  bool StartObject() { return enter() && sink_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) {
    --depth_;
    return sink_.EndObject(count);
  }
  bool StartArray() { return enter() && sink_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    return sink_.EndArray(count);
  }
  // NOLINTEND(readability-identifier-naming)
  const char* refusal() const { return refusal_; }

 private:
  bool refuse(const char* why) {
    refusal_ = why;
    return false;
  }
  bool enter() { return ++depth_ <= depthMax_ || refuse("nested too deeply"); }
  // RapidJSON 1.1 writes a lone low surrogate as the bytes ED A0..BF.
  bool wellFormed(const char* text, std::size_t length) {
    const char* end = text + length;
    for (const char* at = text; (at = static_cast<const char*>(std::memchr(
                                     at, 0xED, static_cast<std::size_t>(end - at)))) != nullptr;
         ++at) {
      if (at + 1 < end && static_cast<unsigned char>(at[1]) >= 0xA0)
        return refuse("lone surrogate");
    }
    return true;
  }

  rapidjson::Document& sink_;
  std::size_t depthMax_;
  std::size_t depth_ = 0;
  const char* refusal_ = nullptr;
};

// The first key that stands twice in one object, anywhere below `value`.
inline std::optional<std::string> duplicateKey(const rapidjson::Value& value) {
  if (value.IsArray()) {
    for (const auto& item : value.GetArray()) {
      if (auto found = duplicateKey(item)) return found;
    }
    return std::nullopt;
  }
  if (!value.IsObject()) return std::nullopt;
  const auto text = [](const rapidjson::Value& name) {
    return std::string_view(name.GetString(), name.GetStringLength());
  };
  if (value.MemberCount() <= 12) {
    for (auto a = value.MemberBegin(); a != value.MemberEnd(); ++a) {
      for (auto b = a + 1; b != value.MemberEnd(); ++b) {
        if (text(a->name) == text(b->name)) return std::string(text(a->name));
      }
    }
  } else {
    std::vector<std::string_view> names;
    names.reserve(value.MemberCount());
    for (const auto& member : value.GetObject()) names.push_back(text(member.name));
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) return std::string(*twice);
  }
  for (const auto& member : value.GetObject()) {
    if (auto found = duplicateKey(member.value)) return found;
  }
  return std::nullopt;
}

}  // namespace detail

// A parsed text that owns its values.
class Document {
 public:
  // Reads `text`. On failure `error` tells why and the document is empty. Never throws on bad text.
  bool parse(std::string_view text, ReadError& error, const ReadOptions& options = {}) {
    if (text.size() > options.bytesMax) {
      error = {"larger than " + std::to_string(options.bytesMax) + " bytes", options.bytesMax};
      return false;
    }
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    detail::StrictHandler handler(document_, options.depthMax);
    rapidjson::ParseResult result;
    const auto generator = [&](rapidjson::Document&) {
      // The recursive parser is the faster one; the handler's depth limit bounds its stack.
      constexpr unsigned kFlags =
          rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
      result = reader.Parse<kFlags>(stream, handler);
      return !result.IsError();
    };
    document_.Populate(generator);
    if (result.IsError()) {
      error = {handler.refusal() != nullptr ? handler.refusal()
                                            : rapidjson::GetParseError_En(result.Code()),
               result.Offset()};
      document_.SetNull();
      return false;
    }
    // The reader takes a NUL for the end of the text.
    if (stream.Tell() != text.size()) {
      error = {"a NUL character", stream.Tell()};
      document_.SetNull();
      return false;
    }
    if (auto twice = detail::duplicateKey(document_)) {
      error = {"duplicate key \"" + *twice + "\"", 0};
      document_.SetNull();
      return false;
    }
    return true;
  }
  View root() const { return View(&document_); }
  View operator[](std::string_view key) const { return root()[key]; }

 private:
  rapidjson::Document document_;
};

// Writes JSON text piece by piece, without building a tree. The caller opens and closes in order.
class Writer {
 public:
  Writer& beginObject() {
    writer_.StartObject();
    return *this;
  }
  Writer& endObject() {
    writer_.EndObject();
    return *this;
  }
  Writer& beginArray() {
    writer_.StartArray();
    return *this;
  }
  Writer& endArray() {
    writer_.EndArray();
    return *this;
  }
  Writer& key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
  }
  Writer& value(std::string_view text) {
    writer_.String(text.data() != nullptr ? text.data() : "",
                   static_cast<rapidjson::SizeType>(text.size()));
    return *this;
  }
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(bool flag) {
    writer_.Bool(flag);
    return *this;
  }
  Writer& value(std::int64_t number) {
    writer_.Int64(number);
    return *this;
  }
  Writer& value(std::uint64_t number) {
    writer_.Uint64(number);
    return *this;
  }
  Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  Writer& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  // For numbers that are no money. JSON has no infinities: they become null.
  Writer& value(double number) {
    if (!std::isfinite(number)) return null();
    writer_.Double(number);
    return *this;
  }
  Writer& value(const View& view) {
    if (!view.exists()) return null();
    view.raw()->Accept(writer_);
    return *this;
  }
  // The value, or null.
  template <typename T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  Writer& null() {
    writer_.Null();
    return *this;
  }
  // `text` is already JSON and is copied as it is.
  Writer& rawJson(std::string_view text) {
    writer_.RawValue(text.data(), text.size(), rapidjson::kObjectType);
    return *this;
  }
  template <typename T>
  Writer& member(std::string_view name, const T& what) {
    return key(name).value(what);
  }
  std::string_view view() const { return {buffer_.GetString(), buffer_.GetSize()}; }
  std::string take() const { return std::string(view()); }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// JSON text of a view.
inline std::string toText(const View& view) {
  Writer writer;
  writer.value(view);
  return writer.take();
}

}  // namespace unigate::json
