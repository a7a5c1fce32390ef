// Looks whether the audit chains are whole and fit the operations. Used by `unigate audit verify`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/audit_chain.hpp"
#include "store/store.hpp"

namespace unigate::store {

struct AuditReport {
  static constexpr std::size_t kFaultsMax = 100;

  std::int64_t chains = 0;
  std::int64_t rows = 0;
  std::int64_t operations = 0;
  std::int64_t faultCount = 0;
  std::vector<std::string> faults;  // in words, the first kFaultsMax
  std::vector<AuditHead> heads;     // of every chain, as read

  void add(std::string fault);
};

// Reads everything: every row's hash, that none is missing, that each chain ends where its head
// says, and that every operation is in the state, and has had as many transitions, as the rows
// say. Works beside gateways that write. `atRow` is called for each sound row, in the order of its
// chain. A Problem when the database can't be read.
base::Result<AuditReport> verifyAudit(
    ReadSession& reader, const std::function<void(const AuditRow&)>& atRow = {});

}  // namespace unigate::store
