// One reconciliation of one account: lists the provider's movements page by page, compares them
// with our books, looks a second time at what differs, and makes the report. The command line, the
// API and the schedule start it, each through app, on a loop that serves nobody: it reads the store
// in long stretches.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/gateway.hpp"
#include "net/event_loop.hpp"
#include "reconcile/report.hpp"
#include "store/records.hpp"

namespace unigate::gateway {

struct ReconcileRequest {
  std::string id;  // rec_...
  Tenant tenant;
  std::string provider;
  std::int64_t sinceMs = 0;
  std::int64_t untilMs = 0;  // half open; not after now
  std::int64_t createdMs = 0;
  std::string origin;  // "api", "command", "schedule"
  // Once it is true the run asks nothing more and never ends. May be null.
  std::shared_ptr<const std::atomic<bool>> stopped;
};

struct Reconciled {
  reconcile::Report report;
  store::ReconciliationRecord record;  // with the document; not stored yet
};

// Told the record of a run that has begun, or why it can't: once, on any thread.
using ReconcileBegun = std::function<void(base::Result<store::ReconciliationRecord>)>;

// The record of a run that nobody will finish: its process has ended.
store::ReconciliationRecord abandonedRecord(const store::ReconciliationRecord& begun,
                                            std::int64_t nowMs);

// The record of one that has just begun.
store::ReconciliationRecord begunRecord(const ReconcileRequest& request);

// `done` is called once, on the loop's thread, maybe before this returns. All references must
// outlive that. A failed run is reported too, with status "failed".
void reconcileAccount(Shared& shared, Gateway& gateway, net::EventLoop& loop,
                      ReconcileRequest request, std::function<void(Reconciled)> done);

}  // namespace unigate::gateway
