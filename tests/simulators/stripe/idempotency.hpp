// Idempotency keys of one account, as Stripe keeps them: the first answer of a key is replayed for
// 24 hours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/form.hpp"
#include "stripe/objects.hpp"

namespace simulators::stripe {

// An answer of the API before it is turned into bytes. A plain payment is kept as the versions that
// it shows, anything else as text; both give the same bytes at every replay.
struct Answer {
  unsigned status = 200;
  std::string body;
  std::shared_ptr<const Payment> payment;
  std::shared_ptr<const Charge> latestCharge;  // set if it is shown expanded
};

// Of the method, the path and the parameters in any order.
struct Fingerprint {
  std::uint64_t endpoint = 0;
  std::uint64_t parameters = 0;
};
Fingerprint fingerprintOf(std::string_view method, std::string_view path,
                          const std::vector<FormPair>& parameters);

class IdempotencyKeys {
 public:
  static constexpr std::int64_t kLifetimeMs = 24 * 60 * 60 * 1000;

  struct Entry {
    Fingerprint fingerprint;
    std::int64_t createdMs = 0;
    std::uint64_t requestNumber = 0;  // of the first request, for Original-Request
    bool running = true;
    Answer answer;
  };

  // The entry of a key that is still alive, or null.
  const Entry* find(const std::string& key, std::int64_t nowMs) const;
  // Marks the key as in use by a request that is being executed.
  void begin(const std::string& key, const Fingerprint& fingerprint, std::uint64_t requestNumber,
             std::int64_t nowMs);
  void finish(const std::string& key, Answer answer);
  // The request turned out not to have begun; the key is free again.
  void abandon(const std::string& key) { entries_.erase(key); }

 private:
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace simulators::stripe
