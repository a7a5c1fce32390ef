#include "app/reconcile_worker.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "net/event_loop.hpp"

namespace unigate::app {

using telemetry::Field;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kFirstLookMs = 1'000;
constexpr std::int64_t kLookMs = 60'000;
// A run that has not ended by then belongs to a process that is gone.
constexpr std::int64_t kAbandonedMs = kHourMs;
constexpr std::int64_t kEndMs = 5'000;
constexpr std::int64_t kEndPollMs = 10;
constexpr std::size_t kRunsMax = 4;  // at once
constexpr std::size_t kRecentMax = 10;

std::string accountKey(const gateway::Tenant& tenant, const std::string& provider) {
  return tenant.orgId + "/" + tenant.environment + "/" + provider;
}

base::Problem alreadyRunning(const std::string& id) {
  base::Problem problem{409,
                        "reconciliation_running",
                        "This account is being compared already: see " + id + ".",
                        "",
                        true,
                        10,
                        {}};
  return problem;
}

}  // namespace

struct ReconcileWorker::Impl {
  Impl(gateway::Shared& sharedParts, const net::UpstreamSettings& settings,
       ReconcileSchedule planned)
      : shared(sharedParts),
        schedule(planned),
        loop(sharedParts.clock),
        upstream(std::make_unique<net::UpstreamClient>(loop, settings)),
        gateway(sharedParts, loop, *upstream) {}

  // ---- one run ----

  base::Result<store::ReconciliationRecord> begin(gateway::ReconcileRequest request) {
    const std::string key = accountKey(request.tenant, request.provider);
    if (const auto other = running.find(key); other != running.end())
      return base::fail(alreadyRunning(other->second.id));
    if (auto status = checkOthers(request); !status) return base::fail(status.error());
    if (running.size() >= kRunsMax) {
      return base::fail({503,
                         "too_busy",
                         "Other accounts are being compared; try again shortly.",
                         "",
                         true,
                         10,
                         {}});
    }
    request.createdMs = shared.clock.unixMs();
    request.stopped = stopped;
    if (request.id.empty()) request.id = base::makeId("rec_", shared.clock, shared.random);
    const store::ReconciliationRecord record = gateway::begunRecord(request);
    if (auto stored = shared.store.putReconciliation(record); !stored)
      return base::fail(stored.error());
    running.emplace(key, record);
    loop.post([this, request] {
      gateway::reconcileAccount(shared, gateway, loop, request,
                                [this](gateway::Reconciled result) { ended(result); });
    });
    return record;
  }

  // Another process may be comparing the same account. One that ended in the middle of it has left
  // a record that says so for ever.
  base::Status checkOthers(const gateway::ReconcileRequest& request) {
    auto recent = gateway.reader().listReconciliations(
        request.tenant.orgId, request.tenant.environment, request.provider, "", kRecentMax);
    if (!recent) return base::fail(recent.error());
    const std::int64_t now = shared.clock.unixMs();
    for (const store::ReconciliationRecord& each : recent->rows) {
      if (each.status != "running") continue;
      if (now - each.createdAt < kAbandonedMs) return base::fail(alreadyRunning(each.id));
      if (auto stored = shared.store.putReconciliation(gateway::abandonedRecord(each, now));
          !stored)
        return base::fail(stored.error());
    }
    return {};
  }

  void ended(const gateway::Reconciled& result) {
    const store::ReconciliationRecord& record = result.record;
    running.erase(accountKey({record.orgId, record.environment}, record.provider));
    if (auto stored = shared.store.putReconciliation(record); !stored) {
      shared.log.log(telemetry::Level::error, "reconciliation not stored",
                     {Field::text("detail", stored.error().detail)});
    }
    const bool failed = record.status == "failed";
    shared.log.log(
        failed || record.differences > 0 ? telemetry::Level::warn : telemetry::Level::info,
        "reconciliation",
        {Field::text("id", record.id), Field::name("provider", record.provider),
         Field::text("status", record.status), Field::integer("differences", record.differences),
         Field::text("failure", result.report.failureDetail)});
    if (!failed) publish(record);
  }

  // The differences of the last run that ended well, of all organisations.
  void publish(const store::ReconciliationRecord& record) {
    const std::pair<std::string, std::string> label{record.provider, record.environment};
    bool fresh = false;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      fresh = latest.count(label) == 0;
      latest[label][record.orgId] = record.differences;
    }
    if (!fresh) return;
    shared.metrics.addSource(
        "unigate_reconcile_differences",
        "Differences between our books and the provider's, as the last reconciliation found them.",
        telemetry::Metrics::SourceType::gauge,
        {{"provider", label.first}, {"environment", label.second}}, [this, label] {
          const std::lock_guard<std::mutex> lock(mutex);
          std::int64_t sum = 0;
          for (const auto& [org, count] : latest[label]) sum += count;
          return static_cast<double>(sum);
        });
  }

  // ---- the schedule ----

  void tick() {
    startDue();
    loop.after(kLookMs, [this] { tick(); });
  }

  void startDue() {
    auto organisations = gateway.reader().organisations();
    if (!organisations) return;
    for (const store::Organisation& organisation : *organisations) {
      for (const char* environment : {"test", "live"}) {
        auto accounts = gateway.reader().accounts(organisation.id, environment);
        if (!accounts) return;
        std::set<std::string> providers;
        for (const store::ProviderAccount& account : *accounts) {
          if (account.status != "disabled") providers.insert(account.provider);
        }
        for (const std::string& provider : providers)
          startIfDue({organisation.id, environment}, provider);
      }
    }
  }

  // The record of a period has an id that follows from account and period: of several processes on
  // one database the first that writes it runs.
  void startIfDue(const gateway::Tenant& tenant, const std::string& provider) {
    if (shared.plugins.find(provider) == nullptr) return;
    const std::int64_t now = shared.clock.unixMs();
    const std::int64_t everyMs = schedule.everyHours * kHourMs;
    const std::int64_t period = now / everyMs;
    gateway::ReconcileRequest request;
    request.tenant = tenant;
    request.provider = provider;
    request.origin = "schedule";
    request.sinceMs = now - schedule.lookBackHours * kHourMs;
    request.untilMs = now;
    request.id = base::makeIdOf("rec_", period * everyMs,
                                accountKey(tenant, provider) + "/" + std::to_string(everyMs));
    auto known = gateway.reader().reconciliationById(tenant.orgId, tenant.environment, request.id);
    if (!known) return;
    if (known->has_value()) {
      const bool abandoned =
          (*known)->status == "running" && now - (*known)->createdAt >= kAbandonedMs;
      if (!abandoned) return;
    }
    // What can't begin now is due again at the next look.
    static_cast<void>(begin(std::move(request)));
  }

  // What is under way at a provider ends first, within reason: it refers to the gateway.
  void end(std::int64_t deadlineMs) {
    if (gateway.underWay() > 0 && loop.nowMs() < deadlineMs) {
      loop.after(kEndPollMs, [this, deadlineMs] { end(deadlineMs); });
      return;
    }
    abandonAll();
    upstream.reset();
    loop.stop();
  }

  void abandonAll() {
    const std::int64_t now = shared.clock.unixMs();
    for (const auto& [key, record] : running)
      static_cast<void>(shared.store.putReconciliation(gateway::abandonedRecord(record, now)));
    running.clear();
  }

  gateway::Shared& shared;
  ReconcileSchedule schedule;
  net::EventLoop loop;
  std::unique_ptr<net::UpstreamClient> upstream;
  gateway::Gateway gateway;
  std::shared_ptr<std::atomic<bool>> stopped = std::make_shared<std::atomic<bool>>(false);
  std::map<std::string, store::ReconciliationRecord> running;  // by account
  std::mutex mutex;                                            // guards `latest`
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>> latest;
  std::thread thread;
};

ReconcileWorker::ReconcileWorker(gateway::Shared& shared, const net::UpstreamSettings& upstream,
                                 ReconcileSchedule schedule)
    : impl_(std::make_unique<Impl>(shared, upstream, schedule)) {}

ReconcileWorker::~ReconcileWorker() {
  stop();
}

base::Status ReconcileWorker::open() {
  return impl_->gateway.open();
}

void ReconcileWorker::start() {
  if (impl_->schedule.everyHours > 0)
    impl_->loop.post(
        [impl = impl_.get()] { impl->loop.after(kFirstLookMs, [impl] { impl->tick(); }); });
  impl_->thread = std::thread([impl = impl_.get()] { impl->loop.run(); });
}

void ReconcileWorker::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopped->store(true);
  impl_->loop.post([impl = impl_.get()] { impl->end(impl->loop.nowMs() + kEndMs); });
  impl_->thread.join();
}

void ReconcileWorker::run(gateway::ReconcileRequest request, gateway::ReconcileBegun begun) {
  impl_->loop.post([impl = impl_.get(), request = std::move(request), begun = std::move(begun)] {
    begun(impl->begin(request));
  });
}

}  // namespace unigate::app
