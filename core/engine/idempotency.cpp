#include "engine/idempotency.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/text.hpp"

namespace unigate::engine {

base::Result<std::string> parseIdempotencyKey(std::string_view header) {
  const auto bad = [](const char* detail) {
    return base::fail(400, "invalid_idempotency_key", detail, "Idempotency-Key");
  };
  std::string key;
  if (!header.empty() && header.front() == '"') {
    if (header.size() < 2 || header.back() != '"') {
      return bad("The Idempotency-Key starts with a quote and has no closing one.");
    }
    const std::string_view inner = header.substr(1, header.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
      if (inner[i] == '"')
        return bad("A quote inside a quoted Idempotency-Key must be escaped with \\.");
      if (inner[i] == '\\' && (++i == inner.size() || (inner[i] != '"' && inner[i] != '\\'))) {
        return bad("In a quoted Idempotency-Key a backslash escapes only a quote or a backslash.");
      }
      key.push_back(inner[i]);
    }
  } else {
    key = header;
  }
  if (key.empty())
    return bad(
        "The Idempotency-Key is empty. Send 1 to 255 visible ASCII characters, or no header.");
  if (key.size() > base::limits::kIdempotencyKeyCharsMax) {
    return bad("The Idempotency-Key is longer than 255 characters.");
  }
  if (std::any_of(key.begin(), key.end(), [](char c) { return c < 0x21 || c > 0x7e; })) {
    return bad("The Idempotency-Key may only hold visible ASCII characters (no spaces).");
  }
  return key;
}

namespace {

void writeCanonical(json::View value, json::Writer& out) {
  if (value.isObject()) {
    auto members = value.members();
    std::sort(members.begin(), members.end(),
              [](const json::Member& a, const json::Member& b) { return a.name < b.name; });
    out.beginObject();
    for (const json::Member& member : members) {
      out.key(member.name);
      writeCanonical(member.value, out);
    }
    out.endObject();
  } else if (value.isArray()) {
    out.beginArray();
    for (const json::View& item : value.items()) writeCanonical(item, out);
    out.endArray();
  } else {
    out.value(value);
  }
}

}  // namespace

std::string canonicalJson(json::View value) {
  json::Writer out;
  writeCanonical(value, out);
  return out.take();
}

std::string fingerprint(std::string_view method, std::string_view route, json::View body) {
  std::string text;
  text.append(method).append(1, '\n').append(route).append(1, '\n');
  if (body.exists()) text += canonicalJson(body);
  return base::sha256Hex(text);
}

}  // namespace unigate::engine
