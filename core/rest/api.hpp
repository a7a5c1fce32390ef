// The HTTP API on one event loop: from a complete request to an answer. Matches the route, checks
// key, scope and rate, decodes the body strictly and calls the resource's handler; writes the log
// line and the metrics of every request.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "gateway/gateway.hpp"
#include "gateway/reconciler.hpp"
#include "identity/api_keys.hpp"
#include "identity/rate_limiter.hpp"
#include "net/edge_server.hpp"
#include "telemetry/logger.hpp"
#include "telemetry/metrics.hpp"

namespace unigate::identity {
class Plans;
class UsageMeter;
class Users;
}  // namespace unigate::identity
namespace unigate::onboarding {
class Connector;
class TokenSealer;
}  // namespace unigate::onboarding

namespace unigate::rest {

class Limits;
class ManagementPool;

// Of a provider, for payments on behalf of connected accounts.
struct ConnectSettings {
  std::int64_t feeBasisPoints = 0;  // what the platform keeps of each payment
  std::string returnUrl;            // where owners end up after the provider's pages; may be empty
};

// What the APIs of all loops share. Owned by app.
struct ApiShared {
  gateway::Shared& gateway;
  identity::Directory& directory;
  identity::RateLimiter& limiter;
  Limits& limits;
  identity::UsageMeter& meter;
  const identity::Plans& plans;
  telemetry::Metrics& metrics;
  telemetry::Logger& log;
  const base::Clock& clock;
  base::Random& random;
  std::int64_t defaultPerMinute;
  std::string docsDirectory;       // empty: no docs page
  std::atomic<bool> ready{false};  // false while starting and stopping
  // Starts a reconciliation elsewhere. Set by the wiring before anything is served.
  std::function<void(gateway::ReconcileRequest, gateway::ReconcileBegun)> reconcile = {};
  std::map<std::string, ConnectSettings> connect = {};  // by provider
  std::string publicUrl = {};  // the gateway's own address for browsers, without a slash at the end
  // People and their tokens. Set by the wiring before anything is served.
  identity::Users* users = nullptr;
  // Where routes of the management API run. Set by the wiring before anything is served.
  ManagementPool* management = nullptr;
  // Of the routes of services and onboarding. Set by the wiring before anything is served.
  onboarding::Connector* connector = nullptr;
  const onboarding::TokenSealer* sealer = nullptr;
};

// What a limit of a route may be named after: "POST /v1/sms", all there are.
std::vector<std::string> routeNames();
// What scopes of the unified API are about, in alphabetical order: what the routes under /v1 need.
const std::vector<std::string>& unifiedResources();

class Api {
 public:
  // Both must outlive it. `gateway` is open.
  Api(ApiShared& shared, gateway::Gateway& gateway);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // [loop thread] Answers one request, now or later.
  void handle(net::Request&& request, net::Responder responder);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unigate::rest
