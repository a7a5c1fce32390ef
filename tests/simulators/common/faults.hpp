// The faults that a test asked for: which requests they strike, how often and what goes wrong.
// Providers ask it on every request.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_message.hpp"
#include "common/json.hpp"

namespace simulators {

enum class FaultKind : std::uint8_t {
  kDelay,
  kStatus429,
  kError500Before,
  kError500After,
  kDropBefore,
  kDropAfter,
  kTruncate,
  kSlowHeaders,
  kRefuseConnections,
};

// What a later request with the same idempotency key is given after a 500.
enum class StoredAnswer : std::uint8_t { kNothing, kError, kResult };

struct Fault {
  std::uint64_t id = 0;
  std::string provider;
  std::string method;      // empty: any
  std::string pathPrefix;  // empty: any
  std::string pathSuffix;  // empty: any
  FaultKind kind = FaultKind::kDelay;
  std::chrono::milliseconds delay{0};
  std::int64_t times = 1;  // requests still to strike; -1: without end
  std::int64_t hits = 0;
  StoredAnswer stored = StoredAnswer::kNothing;
  bool reset = false;  // drop_*: RST instead of FIN

  bool executes() const;  // whether the operation is carried out in spite of the fault
};

std::string_view faultName(FaultKind kind);
// How the answer to a request with that fault reaches its caller.
Delivery deliveryOf(const std::optional<Fault>& fault);

class FaultList {
 public:
  // Adds the fault that the JSON object describes and returns its id, or an explanation of what is
  // wrong with it.
  struct Added {
    std::uint64_t id = 0;
    std::string problem;
    Fault fault;
  };
  Added add(const JsonValue& description);

  // The first fault in the order of adding that matches; one of its times is used up.
  std::optional<Fault> take(std::string_view provider, std::string_view method,
                            std::string_view path);

  // A fault of one request alone, from its header: "error_500_after; stored=result; delay_ms=20".
  static std::optional<Fault> fromHeader(std::string_view text);

  void clear() { faults_.clear(); }
  void write(JsonWriter& json) const;

 private:
  std::vector<Fault> faults_;
  std::uint64_t lastId_ = 0;
};

}  // namespace simulators
