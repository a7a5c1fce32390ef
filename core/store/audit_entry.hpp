// Makes entries of the audit chain for changes of management. Included only by the store.
#pragma once

#include <string>
#include <unigate/json.hpp>

#include "store/records.hpp"

namespace unigate::store {

// `data` is an object that is yet to be ended. The connection that writes it fills in its place.
inline AuditRow entry(const std::string& orgId, const char* action, const std::string& subject,
                      json::Writer& data) {
  AuditRow row;
  row.orgId = orgId;
  row.action = action;
  row.subject = subject;
  row.data = data.endObject().take();
  return row;
}

}  // namespace unigate::store
