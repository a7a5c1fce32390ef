#include "common/request_log.hpp"

#include <algorithm>

#include "common/form.hpp"
#include "common/ledger.hpp"

namespace simulators {

std::uint64_t RequestLog::begin(std::string_view provider, std::string_view method,
                                std::string_view path, std::string_view idempotencyKey,
                                std::string_view fault, std::string_view body) {
  ring_.resize(kEntriesMax);
  ++count_;
  auto& entry = ring_[++last_ % kEntriesMax];
  entry.number = last_;
  entry.atMs = nowMs();
  entry.provider = provider;
  entry.method = method;
  entry.path = path;
  entry.idempotencyKey = idempotencyKey;
  entry.fault = fault;
  entry.body = body.substr(0, kBodyBytesMax);
  entry.status = 0;
  entry.finished = entry.replayed = false;
  return last_;
}

void RequestLog::finish(std::uint64_t number, unsigned status, bool replayed) {
  if (ring_.empty()) return;
  auto& entry = ring_[number % kEntriesMax];
  if (entry.number != number) return;
  entry.status = status;
  entry.finished = true;
  entry.replayed = replayed;
}

void RequestLog::clear() {
  ring_.clear();
  count_ = 0;
}

void RequestLog::write(JsonWriter& json, std::size_t limit) const {
  json.beginObject();
  json.field("count", count_);
  json.beginArray("requests");
  const auto kept = std::min<std::uint64_t>(count_, kEntriesMax);
  const auto shown = std::min<std::uint64_t>(kept, limit);
  for (auto number = last_ - shown + 1; number <= last_; ++number) {
    const auto& entry = ring_[number % kEntriesMax];
    json.beginObject();
    json.field("number", entry.number);
    json.field("at_ms", entry.atMs);
    json.field("provider", entry.provider);
    json.field("method", entry.method);
    json.field("path", entry.path);
    json.textOrNull("idempotency_key", entry.idempotencyKey);
    json.textOrNull("fault", entry.fault);
    json.textOrNull("body", isUtf8(entry.body) ? entry.body : std::string());
    json.field("finished", entry.finished);
    json.field("status", entry.status);
    json.field("replayed", entry.replayed);
    json.endObject();
  }
  json.endArray();
  json.endObject();
}

}  // namespace simulators
