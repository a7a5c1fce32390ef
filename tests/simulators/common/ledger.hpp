// The append-only file of the process: every movement of money, and the executed requests from
// which the state is rebuilt after a restart. Providers append to it; the control endpoints read it
// back, so what they report is what was written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/json.hpp"

namespace simulators {

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct Movement {
  std::string_view provider;
  std::string_view type;  // authorization, charge, capture, void, refund
  std::string id;         // the provider's object that moved the money
  std::string payment;
  std::int64_t amount = 0;  // in the smallest unit of the currency
  std::string currency;
  std::string idempotencyKey;
  std::string account;
  std::string keyLast4;
  bool livemode = false;
  Metadata metadata;
  std::int64_t atMs = 0;
};

class Ledger {
 public:
  // Opens or creates the file, for this process alone. Throws std::system_error.
  explicit Ledger(std::string path);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Appends whole lines with one write(2). Throws std::system_error: a ledger with gaps is worth
  // nothing.
  void append(std::string_view lines);

  // The line of a movement, with the next sequence number.
  std::string line(const Movement& movement);

  // Calls back with each readable record of the file, from its beginning, and the text of its line.
  using Visitor = std::function<void(const JsonValue& record, std::string_view line)>;
  void forEachRecord(const Visitor& visit) const;
  // The same, for the movements since the last reset.
  void forEachMovement(const Visitor& visit) const;

  // Marks a reset: the earlier movements stay in the file but are no longer reported.
  void markReset();

 private:
  void forEachLine(std::int64_t offset, const std::function<void(std::string_view)>& visit) const;

  std::string path_;
  int file_ = -1;
  std::int64_t reportedFrom_ = 0;  // offset
  std::int64_t lastSequence_ = 0;
};

std::int64_t nowMs();

}  // namespace simulators
