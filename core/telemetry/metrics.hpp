// Prometheus metrics. Whoever works on the hot path takes its handles once at start (route(),
// operation()) and then touches only atomics; the metrics listener serves render().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unigate::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

enum class OperationOutcome { succeeded, declined, failed, notExecuted, unknown, escalated };

class Metrics {
 public:
  // One route of the API, e.g. "POST /v1/payments/orders".
  class Route {
   public:
    virtual ~Route() = default;
    // [any thread] One answered request. `ownUs` is the time inside the gateway, `providerUs` the
    // time of its provider calls (0: none was made).
    virtual void finished(int status, std::int64_t ownUs, std::int64_t providerUs) = 0;
  };
  // One operation at one provider.
  class Operation {
   public:
    virtual ~Operation() = default;
    virtual void finished(OperationOutcome outcome, std::int64_t providerUs) = 0;
  };
  enum class SourceType { counter, gauge };

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // [any thread] The handle of a route template or operation; made at the first call, valid as long
  // as the Metrics. `route` is a template, never a path with ids.
  Route& route(std::string_view method, std::string_view route);
  Operation& operation(std::string_view provider, std::string_view operation);

  // [any thread] Requests and provider calls under way.
  void requestStarted();
  void requestEnded();
  void providerCallStarted();
  void providerCallEnded();
  // [any thread] One committed batch of the store.
  void batchCommitted(std::size_t jobs, std::int64_t oldestWaitUs, std::int64_t commitUs);
  // [any thread] A broken promise of a plugin. `kind` is out of a closed set.
  void pluginFault(std::string_view provider, std::string_view kind);

  // Publishes a number that somebody else keeps (counters of the edge, of the upstream client, of
  // the store): `read` is called on the thread of render() and must be quick. Several sources of
  // one name are told apart by their labels; those with the same labels (one for each event loop)
  // are added up.
  void addSource(std::string name, std::string help, SourceType type, Labels labels,
                 std::function<double()> read);

  // [any thread] The exposition text (content type "text/plain; version=0.0.4; charset=utf-8").
  std::string render() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::telemetry
