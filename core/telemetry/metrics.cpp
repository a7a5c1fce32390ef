#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>

namespace unigate::telemetry {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

const Buckets kOwnSeconds = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                             0.01,    0.02,   0.05,   0.1,    0.5,   1};
const Buckets kProviderSeconds = {0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.2,
                                  0.5,    1,     2,     5,    10,   30,  60};
const Buckets kBatchJobs = {1, 2, 4, 8, 16, 32, 64, 128, 256};

constexpr int kStatusMin = 100;
constexpr int kStatusMax = 599;
constexpr std::array<const char*, 6> kOutcomes = {"succeeded",    "declined", "failed",
                                                  "not_executed", "unknown",  "escalated"};

double seconds(std::int64_t us) {
  return static_cast<double>(us) / 1e6;
}

class RouteMetrics final : public Metrics::Route {
 public:
  RouteMetrics(prometheus::Labels labels, Family<Counter>& requests, Family<Histogram>& own,
               Family<Histogram>& provider)
      : labels_(std::move(labels)),
        requests_(requests),
        own_(own.Add(labels_, kOwnSeconds)),
        provider_(provider.Add(labels_, kProviderSeconds)) {}

  void finished(int status, std::int64_t ownUs, std::int64_t providerUs) override {
    counterOf(status).Increment();
    own_.Observe(seconds(ownUs));
    if (providerUs > 0) provider_.Observe(seconds(providerUs));
  }

 private:
  // Made at the first answer of that status, then found without a look-up.
  Counter& counterOf(int status) {
    const auto known = std::clamp(status, kStatusMin, kStatusMax);
    auto& slot = byStatus_[static_cast<std::size_t>(known - kStatusMin)];
    auto* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
      auto labels = labels_;
      labels["status"] = std::to_string(known);
      counter = &requests_.Add(labels);  // the same one for the same labels
      slot.store(counter, std::memory_order_release);
    }
    return *counter;
  }

  prometheus::Labels labels_;
  Family<Counter>& requests_;
  Histogram& own_;
  Histogram& provider_;
  std::array<std::atomic<Counter*>, kStatusMax - kStatusMin + 1> byStatus_{};
};

class OperationMetrics final : public Metrics::Operation {
 public:
  OperationMetrics(const prometheus::Labels& labels, Family<Counter>& outcomes,
                   Family<Histogram>& provider)
      : provider_(provider.Add(labels, kProviderSeconds)) {
    for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
      auto withOutcome = labels;
      withOutcome["outcome"] = kOutcomes.at(i);
      byOutcome_.at(i) = &outcomes.Add(withOutcome);
    }
  }
  void finished(OperationOutcome outcome, std::int64_t providerUs) override {
    byOutcome_.at(static_cast<std::size_t>(outcome))->Increment();
    if (providerUs > 0) provider_.Observe(seconds(providerUs));
  }

 private:
  std::array<Counter*, kOutcomes.size()> byOutcome_{};
  Histogram& provider_;
};

struct Source {
  std::string help;
  Metrics::SourceType type;
  std::vector<std::pair<Labels, std::function<double()>>> readers;
};

prometheus::MetricFamily read(const std::string& name, const Source& source) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = source.help;
  const bool counts = source.type == Metrics::SourceType::counter;
  family.type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
  std::map<Labels, double> sums;
  for (const auto& [labels, reader] : source.readers) sums[labels] += reader();
  for (const auto& [labels, sum] : sums) {
    prometheus::ClientMetric metric;
    for (const auto& [label, value] : labels) metric.label.push_back({label, value});
    (counts ? metric.counter.value : metric.gauge.value) = sum;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Family<Counter>& requests;
  Family<Histogram>& own;
  Family<Histogram>& routeProvider;
  Family<Counter>& outcomes;
  Family<Histogram>& operationProvider;
  Family<Counter>& faults;
  Gauge& inFlight;
  Gauge& providerCalls;
  Histogram& batchJobs;
  Histogram& batchWait;
  Histogram& batchCommit;

  mutable std::mutex mutex;
  std::map<std::string, std::unique_ptr<RouteMetrics>, std::less<>> routes;
  std::map<std::string, std::unique_ptr<OperationMetrics>, std::less<>> operations;
  std::map<std::string, Source> sources;

  Impl()
      : requests(counters("unigate_http_requests_total", "Answered requests")),
        own(histograms("unigate_http_own_seconds", "Time of a request spent inside the gateway")),
        routeProvider(histograms("unigate_http_provider_seconds",
                                 "Time of a request spent waiting for providers")),
        outcomes(counters("unigate_operations_total", "Operations by how they ended")),
        operationProvider(histograms("unigate_operation_provider_seconds",
                                     "Time of an operation spent waiting for its provider")),
        faults(counters("unigate_plugin_faults_total", "Broken promises of plugins")),
        inFlight(gauge("unigate_http_requests_in_flight", "Requests under way")),
        providerCalls(gauge("unigate_provider_calls_in_flight", "Provider calls under way")),
        batchJobs(histograms("unigate_store_batch_jobs", "Jobs in one durable commit")
                      .Add({}, kBatchJobs)),
        batchWait(histograms("unigate_store_wait_seconds",
                             "Wait of a batch's oldest job until its transaction began")
                      .Add({}, kOwnSeconds)),
        batchCommit(histograms("unigate_store_commit_seconds",
                               "From the beginning of a transaction until it was durable")
                        .Add({}, kOwnSeconds)) {}

  Family<Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
  Gauge& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Metrics::Route& Metrics::route(std::string_view method, std::string_view route) {
  const auto key = std::string(method) + " " + std::string(route);
  const std::lock_guard lock(impl_->mutex);
  auto& slot = impl_->routes[key];
  if (!slot) {
    slot = std::make_unique<RouteMetrics>(
        prometheus::Labels{{"method", std::string(method)}, {"route", std::string(route)}},
        impl_->requests, impl_->own, impl_->routeProvider);
  }
  return *slot;
}

Metrics::Operation& Metrics::operation(std::string_view provider, std::string_view operation) {
  const auto key = std::string(provider) + " " + std::string(operation);
  const std::lock_guard lock(impl_->mutex);
  auto& slot = impl_->operations[key];
  if (!slot) {
    slot = std::make_unique<OperationMetrics>(
        prometheus::Labels{{"provider", std::string(provider)},
                           {"operation", std::string(operation)}},
        impl_->outcomes, impl_->operationProvider);
  }
  return *slot;
}

void Metrics::requestStarted() {
  impl_->inFlight.Increment();
}
void Metrics::requestEnded() {
  impl_->inFlight.Decrement();
}
void Metrics::providerCallStarted() {
  impl_->providerCalls.Increment();
}
void Metrics::providerCallEnded() {
  impl_->providerCalls.Decrement();
}

void Metrics::batchCommitted(std::size_t jobs, std::int64_t oldestWaitUs, std::int64_t commitUs) {
  impl_->batchJobs.Observe(static_cast<double>(jobs));
  impl_->batchWait.Observe(seconds(oldestWaitUs));
  impl_->batchCommit.Observe(seconds(commitUs));
}

void Metrics::pluginFault(std::string_view provider, std::string_view kind) {
  impl_->faults.Add({{"provider", std::string(provider)}, {"kind", std::string(kind)}}).Increment();
}

void Metrics::addSource(std::string name, std::string help, SourceType type, Labels labels,
                        std::function<double()> reader) {
  const std::lock_guard lock(impl_->mutex);
  auto& source =
      impl_->sources.try_emplace(std::move(name), Source{std::move(help), type, {}}).first->second;
  source.readers.emplace_back(std::move(labels), std::move(reader));
}

std::string Metrics::render() const {
  auto families = impl_->registry.Collect();
  const std::lock_guard lock(impl_->mutex);
  for (const auto& [name, source] : impl_->sources) families.push_back(read(name, source));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace unigate::telemetry
