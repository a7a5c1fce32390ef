#include "gateway/redact.hpp"

#include <algorithm>
#include <array>
#include <unigate/json.hpp>

#include "base/card_guard.hpp"

namespace unigate::gateway {

namespace {

constexpr std::array<std::string_view, 8> kSecretWords = {
    "secret", "token", "password", "authorization", "cvc", "cvv", "api_key", "private_key"};

bool speaksOfSecret(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::any_of(kSecretWords.begin(), kSecretWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

void write(json::View value, json::Writer& out) {
  if (value.isObject()) {
    out.beginObject();
    for (const json::Member& member : value.members()) {
      out.key(member.name);
      if (speaksOfSecret(member.name) && member.value.isString()) {
        out.value("[redacted]");
      } else {
        write(member.value, out);
      }
    }
    out.endObject();
  } else if (value.isArray()) {
    out.beginArray();
    for (const json::View& item : value.items()) write(item, out);
    out.endArray();
  } else {
    out.value(value);
  }
}

// Shorter ones would be found by chance.
constexpr std::size_t kMaskedBytesMin = 12;

bool isWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Whether the text ends with an escape of JSON or of a URL: "\\n", "\\u003d", "%3D".
bool endsWithEscape(std::string_view text) {
  const auto size = text.size();
  return (size >= 2 && text[size - 2] == '\\') || (size >= 3 && text[size - 3] == '%') ||
         (size >= 6 && text[size - 6] == '\\' && text[size - 5] == 'u');
}

// Whether the bytes at `at` are no part of a longer word.
bool standsAlone(std::string_view text, std::size_t at, std::size_t size) {
  const bool goesOnBefore = at > 0 && isWordByte(text[at - 1]) && isWordByte(text[at]) &&
                            !endsWithEscape(text.substr(0, at));
  const std::size_t end = at + size;
  const bool goesOnAfter = end < text.size() && isWordByte(text[end]) && isWordByte(text[end - 1]);
  return !goesOnBefore && !goesOnAfter;
}

}  // namespace

void maskCredentials(const OpenedSecrets& secrets, std::string& text) {
  for (const auto& [field, secret] : secrets) {
    const std::string_view value = secret.reveal();
    if (value.size() < kMaskedBytesMin) continue;
    const std::string mask = "****" + secret.last4();
    std::size_t at = text.find(value);
    while (at != std::string::npos) {
      if (standsAlone(text, at, value.size())) {
        text.replace(at, value.size(), mask);
        at = text.find(value, at + mask.size());
      } else {
        at = text.find(value, at + 1);
      }
    }
  }
}

std::string redactRaw(std::string_view body) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(body, error)) return "null";
  json::Writer out;
  write(document.root(), out);
  return base::maskCardNumbersInJson(out.take());
}

}  // namespace unigate::gateway
