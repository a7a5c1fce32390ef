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

}  // namespace

std::string redactRaw(std::string_view body) {
  json::Document document;
  json::ReadError error;
  if (!document.parse(body, error)) return "null";
  json::Writer out;
  write(document.root(), out);
  return base::maskCardNumbersInJson(out.take());
}

}  // namespace unigate::gateway
