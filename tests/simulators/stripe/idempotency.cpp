#include "stripe/idempotency.hpp"

#include "stripe/ids.hpp"

namespace simulators::stripe {

Fingerprint fingerprintOf(std::string_view method, std::string_view path,
                          const std::vector<FormPair>& parameters) {
  Fingerprint fingerprint;
  fingerprint.endpoint = hashText(path, hashText(method));
  std::uint64_t unnamed = 0;  // the order of "a[]" elements does matter
  for (const auto& [key, value] : parameters) {
    const auto place = key.ends_with("[]") ? ++unnamed : 0;
    fingerprint.parameters += hashText(value, hashText(key, place));
  }
  return fingerprint;
}

const IdempotencyKeys::Entry* IdempotencyKeys::find(const std::string& key,
                                                    std::int64_t nowMs) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (nowMs - found->second.createdMs >= kLifetimeMs) return nullptr;
  return &found->second;
}

void IdempotencyKeys::begin(const std::string& key, const Fingerprint& fingerprint,
                            std::uint64_t requestNumber, std::int64_t nowMs) {
  Entry entry;
  entry.fingerprint = fingerprint;
  entry.requestNumber = requestNumber;
  entry.createdMs = nowMs;
  entries_[key] = std::move(entry);
}

void IdempotencyKeys::finish(const std::string& key, Answer answer) {
  auto& entry = entries_[key];
  entry.running = false;
  entry.answer = std::move(answer);
}

}  // namespace simulators::stripe
