// Runs reconciliations inside of `serve`, on a thread and an event loop of their own, so that they
// never hold up a request: those that the API asks for, and those of the schedule.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "gateway/gateway.hpp"
#include "gateway/reconciler.hpp"
#include "net/upstream_client.hpp"

namespace unigate::app {

struct ReconcileSchedule {
  std::int64_t everyHours = 0;  // 0: none
  std::int64_t lookBackHours = 48;
};

class ReconcileWorker {
 public:
  // `shared` must outlive it.
  ReconcileWorker(gateway::Shared& shared, const net::UpstreamSettings& upstream,
                  ReconcileSchedule schedule);
  ~ReconcileWorker();
  ReconcileWorker(const ReconcileWorker&) = delete;
  ReconcileWorker& operator=(const ReconcileWorker&) = delete;

  // Once, before start().
  base::Status open();
  void start();
  // Ends the thread. Runs under way are noted as abandoned.
  void stop();
  // [any thread] Starts a run; its id and time of creation are filled in here. `begun` gets the
  // stored record, or a problem: 409 when the same account is being compared already. After stop()
  // nothing happens.
  void run(gateway::ReconcileRequest request, gateway::ReconcileBegun begun);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::app
