// Short spellings for writing and reading JSON with RapidJSON, used by every part of the
// simulators.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace simulators {

class JsonWriter {
 public:
  JsonWriter() : writer_(buffer_) {}

  JsonWriter& key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
  }
  void value(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool flag) { writer_.Bool(flag); }
  template <std::integral T>
  void value(T number) {
    writer_.Int64(static_cast<std::int64_t>(number));
  }
  void null() { writer_.Null(); }
  // Text that is JSON already.
  void raw(std::string_view json) {
    writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  }

  template <typename T>
  void field(std::string_view name, const T& content) {
    key(name).value(content);
  }
  void nullField(std::string_view name) { key(name).null(); }
  // An empty text stands for null, as almost everywhere in provider answers.
  void textOrNull(std::string_view name, std::string_view text) {
    key(name);
    text.empty() ? null() : value(text);
  }
  void rawOrNull(std::string_view name, std::string_view json) {
    key(name);
    json.empty() ? null() : raw(json);
  }

  void beginObject() { writer_.StartObject(); }
  void beginObject(std::string_view name) { key(name), beginObject(); }
  void endObject() { writer_.EndObject(); }
  void beginArray() { writer_.StartArray(); }
  void beginArray(std::string_view name) { key(name), beginArray(); }
  void endArray() { writer_.EndArray(); }

  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

using JsonDocument = rapidjson::Document;
using JsonValue = rapidjson::Value;

inline std::string_view jsonText(const JsonValue& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

inline std::int64_t jsonInteger(const JsonValue& object, const char* name, std::int64_t otherwise) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64()
                                                               : otherwise;
}

inline bool jsonFlag(const JsonValue& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsBool() && found->value.GetBool();
}

}  // namespace simulators
