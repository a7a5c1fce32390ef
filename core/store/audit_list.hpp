// One organisation's rows of the audit chain, as its own people read them: the newest first.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

namespace unigate::store {

// Empty fields don't filter.
struct AuditFilter {
  std::string action;         // "api_key.create"
  std::string subject;        // an id
  std::string startingAfter;  // auditRowId of the last row of the page before
  std::size_t limit = 10;     // 1..kListLimitMax
};

// Names a row in lists: "aud_<chain>_<seq>".
std::string auditRowId(const AuditRow& row);

// 400 when `startingAfter` is none of this organisation's rows.
base::Result<Page<AuditRow>> listAudit(ReadSession& reader, const std::string& orgId,
                                       const AuditFilter& filter);

}  // namespace unigate::store
