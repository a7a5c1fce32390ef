// The audit chain: each row carries the SHA-256 of its own fields and of the row before it, so that
// an edit, a deletion, an insertion or a swap breaks it. What a cut end would hide is found by
// checkpoints that are kept elsewhere. Written by the store in the transaction of the change itself.
#pragma once

#include <string>

#include "store/records.hpp"

namespace unigate::store {

// The action of rows that tell of an operation's transition; their subject is its id.
inline constexpr const char* kTransitionAction = "operation.transition";

// Where a chain stands. A chain that has no row yet has seq 0 and an empty hash.
struct AuditHead {
  std::int64_t chain = 0;
  std::int64_t seq = 0;
  std::string hash;
};

// Hex hash of `row` (its own `hash` is not looked at) behind `previousHash`. Every field goes in
// with its length before it, so that no two rows look the same.
std::string auditHash(const AuditRow& row, const std::string& previousHash);

}  // namespace unigate::store
