// The two sides of a reconciliation as plain data: what a provider says (movements) and what our
// own books say (entries). The gateway's reconciler gathers both; comparison.hpp compares them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace unigate::reconcile {

enum class Kind { payment, refund, payout, message };

std::string_view toText(Kind kind);
std::optional<Kind> kindFromText(std::string_view text);

// How far something is, coarser than the statuses of the unified model.
enum class Phase {
  open,        // nothing has moved yet and something still may
  authorized,  // half way: money is held, a message is on its way
  done,        // the money moved, the message arrived
  failed,
  canceled,
  reversed,  // moved, and came back
};

Phase phaseOf(std::string_view status);

// What a provider says of one payment, refund, payout or message.
struct Movement {
  Kind kind = Kind::payment;
  std::string providerId;
  std::string operationId;       // our mark at the provider; of others' it may be any text
  std::string parentProviderId;  // of a refund: the provider's id of its payment, where it tells
  std::int64_t amount = 0;       // minor units; meaningless when `currency` is empty
  std::string currency;
  std::int64_t captured = 0;             // payments
  std::optional<std::int64_t> refunded;  // payments; empty: it does not tell
  std::string status;
  std::int64_t createdUnixS = 0;

  // What our books know of it, found out by whoever gathers.
  std::string parentId;  // our id of the payment that a refund belongs to; empty: not ours
  bool indirect =
      false;  // the mark is of one of our operations that makes other things, e.g. links
};

// What our books say of one resource.
struct Entry {
  enum class Standing {
    settled,    // its operation succeeded
    refused,    // its operation failed: the client was told that nothing moved
    inFlight,   // an operation on it is not over
    escalated,  // an operation on it waits for a person
  };
  Kind kind = Kind::payment;
  Standing standing = Standing::settled;
  std::string operationId;  // that made it: what the provider was given as reference
  std::string resourceId;
  std::string providerId;  // empty: the provider never named one
  std::string parentId;    // our payment of a refund
  std::int64_t amount = 0;
  std::string currency;
  std::int64_t captured = 0;
  std::optional<std::int64_t> refunded;
  // The sum of the captures that succeeded; empty where the payment is not captured by operations.
  std::optional<std::int64_t> capturedByOperations;
  std::string status;
  std::string openOperationId;  // inFlight, escalated: which one
  // Made or changed in the time that is looked at, so the provider must have it.
  bool expected = false;
};

struct Books {
  std::vector<Entry> ours;
  std::vector<Movement> theirs;  // one for each (kind, provider id)
};

}  // namespace unigate::reconcile
