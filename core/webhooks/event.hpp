// A unified event that a plugin made of a verified webhook, as the host's own copy.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace unigate::webhooks {

enum class EventMode : std::uint32_t { unsaid = 0, test = 1, live = 2 };

std::string_view toText(EventMode mode);  // "unsaid", "test", "live"

struct Event {
  std::string type;             // "payment.succeeded", ..., "provider.event"
  std::string providerEventId;  // never empty: made from the body where the provider gives none
  std::string providerType;
  std::string resourceKind;
  std::string providerId;
  std::string dataJson;  // a JSON object, or empty
  std::string reference;
  std::int64_t occurredUnixMs = 0;  // 0: unknown
  EventMode mode = EventMode::unsaid;
  bool fetch = false;  // the event alone is not enough: get the resource
};

// Copies and checks what `translate` filled in: names of the right form, strict JSON, sizes. `body`
// gives an id to events without one. The error names the broken promise. Any thread; before
// `release`.
tl::expected<std::vector<Event>, std::string> readEvents(const ug_webhook_events& theirs,
                                                         std::string_view body);

}  // namespace unigate::webhooks
