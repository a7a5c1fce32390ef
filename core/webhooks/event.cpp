#include "webhooks/event.hpp"

#include <algorithm>
#include <unigate/json.hpp>
#include <utility>

#include "base/card_guard.hpp"
#include "webhooks/struct_reader.hpp"

namespace unigate::webhooks {

namespace {

bool isWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// "payment.succeeded": words of lower case with dots between them.
bool isTypeName(std::string_view text) {
  if (text.size() > 64 || text.find('.') == std::string_view::npos) return false;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !isWordChar(c)) return false;
    before = c;
  }
  return before != '.' && text.front() >= 'a' && text.front() <= 'z';
}

// What the provider wrote: cleaned rather than refused.
std::string copyProviderText(const ug_str& text, const char* name) {
  std::string copy = base::maskCardNumbers(copyText(text, kLineBytesMax, name));
  const bool control = std::any_of(copy.begin(), copy.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  // printable() marks what it cuts with three dots.
  if (control || copy.size() > kShortBytesMax) return base::printable(copy, kShortBytesMax - 3);
  return copy;
}

std::string copyData(const ug_str& text) {
  std::string copy = copyText(text, base::limits::kResultBytesMax, "data_json");
  if (copy.empty()) return copy;
  json::Document document;
  json::ReadError error;
  if (!document.parse(copy, error, {base::limits::kJsonDepthMax, base::limits::kResultBytesMax}))
    throw BrokenPromise("data_json is no strict JSON: " + error.message);
  if (!document.root().isObject()) throw BrokenPromise("data_json is no JSON object");
  // Events are kept.
  return base::maskCardNumbersInJson(copy);
}

Event readEvent(const ug_webhook_event& theirs, std::string_view body) {
  Event event;
  event.type = copyText(theirs.type, kShortBytesMax, "type");
  if (!isTypeName(event.type))
    throw BrokenPromise("type \"" + base::printable(event.type) +
                        "\" does not look like payment.succeeded");
  event.providerEventId = copyProviderText(theirs.provider_event_id, "provider_event_id");
  if (event.providerEventId.empty()) event.providerEventId = "body_" + base::sha256Hex(body);
  event.providerType = copyProviderText(theirs.provider_type, "provider_type");
  event.resourceKind = copyText(theirs.resource_kind, kShortBytesMax, "resource_kind");
  if (!std::all_of(event.resourceKind.begin(), event.resourceKind.end(), isWordChar))
    throw BrokenPromise("resource_kind has other characters than a-z, 0-9 and '_'");
  event.providerId = copyProviderText(theirs.provider_id, "provider_id");
  event.dataJson = copyData(theirs.data_json);
  event.reference = copyProviderText(theirs.reference, "reference");
  event.occurredUnixMs = std::max<std::int64_t>(theirs.occurred_unix_ms, 0);
  event.mode = theirs.mode == UG_EVENT_MODE_TEST   ? EventMode::test
               : theirs.mode == UG_EVENT_MODE_LIVE ? EventMode::live
                                                   : EventMode::unsaid;
  event.fetch = theirs.fetch == 1;
  return event;
}

}  // namespace

std::string_view toText(EventMode mode) {
  if (mode == EventMode::test) return "test";
  return mode == EventMode::live ? "live" : "unsaid";
}

tl::expected<std::vector<Event>, std::string> readEvents(const ug_webhook_events& theirs,
                                                         std::string_view body) {
  try {
    checkArray(theirs.events, theirs.count, kEventsMax, "events");
    std::vector<Event> events;
    for (std::uint32_t i = 0; i < theirs.count; ++i) {
      events.push_back(readEvent(elementAt(theirs.events, theirs.stride, i, "events"), body));
    }
    return events;
  } catch (const BrokenPromise& broken) {
    return tl::unexpected(std::string("translate: ") + broken.what());
  }
}

}  // namespace unigate::webhooks
