#include "app/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

#include "app/audit_checkpoints.hpp"
#include "app/expiry_watch.hpp"
#include "app/harden.hpp"
#include "app/issuer_keys.hpp"
#include "app/open_plugins.hpp"
#include "app/open_store.hpp"
#include "app/reconcile_worker.hpp"
#include "app/sealed_gate.hpp"
#include "app/vault_roots.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"
#include "engine/forward_clock.hpp"
#include "gateway/gateway.hpp"
#include "identity/api_keys.hpp"
#include "identity/plans.hpp"
#include "identity/shared_limiter.hpp"
#include "identity/usage_meter.hpp"
#include "identity/users.hpp"
#include "net/edge_server.hpp"
#include "onboarding/connector.hpp"
#include "onboarding/sealed_token.hpp"
#include "plugin_host/plugin_registry.hpp"
#include "rest/api.hpp"
#include "rest/limits.hpp"
#include "rest/management.hpp"
#include "rest/problem_json.hpp"
#include "vault/vault.hpp"
#include "webhooks/proof.hpp"

namespace unigate::app {

namespace {

using telemetry::Field;

// Longest wait for requests in flight after SIGTERM.
constexpr std::int64_t kDrainMs = 30'000;
constexpr std::int64_t kQuietPollMs = 20;
// Of the management API.
constexpr std::size_t kManagementThreads = 4;
constexpr std::size_t kManagementQueueMax = 256;

telemetry::Level levelOf(const std::string& name) {
  if (name == "error") return telemetry::Level::error;
  if (name == "warn") return telemetry::Level::warn;
  if (name == "debug" || name == "trace") return telemetry::Level::debug;
  return telemetry::Level::info;
}

// As many open files as the system allows.
void takeOpenFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

net::Response renderEdgeError(const base::Clock& clock, base::Random& random, int status,
                              std::string_view code, std::string_view detail) {
  base::Problem problem{
      status, std::string(code), std::string(detail), "", status == 408 || status == 503, 0, {}};
  if (status == 413)
    problem.detail +=
        " At most " + std::to_string(base::limits::kBodyBytesMax) + " bytes are taken.";
  if (status == 414)
    problem.detail +=
        " At most " + std::to_string(base::limits::kUriBytesMax) + " bytes are taken.";
  const std::string id = base::makeId("req_", clock, random);
  net::Response response = rest::problemResponse(problem, id);
  response.headers.emplace_back("X-Request-Id", id);
  return response;
}

// Parts that all loops share, in the order in which they are opened; they go in the opposite order.
struct Parts {
  explicit Parts(const Config& from)
      : config(from), log({levelOf(from.logLevel), from.logFile, 8192}) {}

  const Config& config;
  base::SystemClock wall;
  engine::ForwardClock clock{wall};
  base::SystemRandom random;
  telemetry::Logger log;
  telemetry::Metrics metrics;
  ServeLock alone;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<vault::Vault> vault;  // reads the store
  std::atomic<bool> sealed{true};
  std::unique_ptr<plugin_host::PluginRegistry> plugins;
  std::unique_ptr<gateway::EndpointBook> endpoints;
  std::unique_ptr<engine::Router> router;
  std::unique_ptr<identity::Directory> directory;
  std::unique_ptr<identity::Users> users;
  std::unique_ptr<identity::RateLimiter> limiter;
  std::unique_ptr<identity::SharedLimiter> sharedLimiter;
  std::unique_ptr<identity::UsageMeter> meter;
  std::unique_ptr<rest::Limits> limits;
  std::unique_ptr<gateway::Shared> gateway;
  std::unique_ptr<onboarding::Connector> connector;
  std::unique_ptr<onboarding::TokenSealer> sealer;
  std::unique_ptr<rest::ApiShared> api;
  std::unique_ptr<CheckpointSchedule> checkpoints;
  std::unique_ptr<ExpiryWatch> expiry;

  // Vault and database, which must belong together. May be tried again.
  base::Status unseal();
  base::Status openStore();
  base::Status open();
  identity::UserSettings userSettings() const;
  base::Status openLimits();
  void publishLimiterMetrics();
  void publishStoreMetrics();
};

// Password hashes leave at least one thread of the management pool to other requests, and half of
// the processor to the API.
identity::UserSettings Parts::userSettings() const {
  identity::UserSettings settings;
  settings.registrationOpen = config.identity.registrationOpen;
  settings.issuer = config.identity.issuer;
  settings.issuers = config.identity.issuers;
  settings.defaultRatePerMinute = config.defaultPerMinute;
  settings.gate.atOnce =
      std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, kManagementThreads / 2);
  settings.gate.waitingMax = kManagementThreads - 1 - settings.gate.atOnce;
  settings.fetch = issuerFetch(upstreamSettings(config), clock);
  return settings;
}

base::Status Parts::unseal() {
  auto opened = vault::Vault::open(config.keyEncryptionKey, random, config.previousKeys);
  if (!opened) return base::fail(opened.error());
  if (store == nullptr) {
    if (auto status = openStore(); !status) return status;
  }
  if (auto status = joinVault(**opened, *store, clock, random); !status) return status;
  vault = std::move(*opened);
  sealed.store(false);
  return {};
}

base::Status Parts::openStore() {
  store::WriterSettings writer;
  writer.onBatch = [this](const store::BatchReport& report) {
    metrics.batchCommitted(report.jobs, report.oldestWaitUs, report.commitUs);
  };
  // The file is made first, then locked, and only then are others thought dead.
  if (auto migrated = migrateStore(config, clock); !migrated) return base::fail(migrated.error());
  auto locked = ServeLock::take(config.storeUrl);
  if (!locked) return base::fail(locked.error());
  alone = std::move(*locked);
  auto settings = settingsOf(config, base::makeId("wrk_", clock, random));
  settings.writer = std::move(writer);
  settings.drivesOperations = true;
  auto opening = store::Store::open(std::move(settings), clock);
  if (!opening) return base::fail(opening.error());
  store = std::move(*opening);
  return {};
}

base::Status Parts::open() {
  auto openedPlugins = openPlugins(config, clock, log);
  if (!openedPlugins) return base::fail(openedPlugins.error());
  plugins = std::move(openedPlugins->registry);
  endpoints = std::move(openedPlugins->endpoints);
  router = std::make_unique<engine::Router>(config.routingDefaults);
  directory = std::make_unique<identity::Directory>(*store, *vault, clock, random);
  users = std::make_unique<identity::Users>(*store, *vault, clock, random, userSettings());
  if (auto status = openLimits(); !status) return status;
  gateway.reset(new gateway::Shared{*store,
                                    *plugins,
                                    *vault,
                                    *endpoints,
                                    *router,
                                    clock,
                                    random,
                                    metrics,
                                    log,
                                    [](const base::Problem& problem, std::string_view requestId) {
                                      return rest::problemBody(problem, requestId);
                                    },
                                    static_cast<std::size_t>(config.operationsInFlightMax),
                                    {},
                                    {},
                                    {},
                                    {},
                                    webhooks::checkProof});
  api.reset(new rest::ApiShared{*gateway, *directory, *limiter, *limits, *meter, config.plans,
                                metrics, log, clock, random, config.defaultPerMinute,
                                config.docsDirectory});
  api->publicUrl = config.publicUrl;
  for (const auto& [provider, connect] : config.connect)
    api->connect[provider] = {connect.feeBasisPoints, connect.returnUrl};
  api->users = users.get();
  connector = std::make_unique<onboarding::Connector>(
      onboarding::ConnectorParts{
          *store, *plugins, *vault, *endpoints, clock, random, &gateway->credentials,
          [this](store::ReadSession& reader, const std::string& orgId,
                 const std::string& provider) {
            return identity::planAllowsAnotherService(reader, config.plans, orgId, provider);
          }},
      upstreamSettings(config));
  sealer = std::make_unique<onboarding::TokenSealer>(*vault, clock, random);
  api->connector = connector.get();
  api->sealer = sealer.get();
  auto expiryReader = store->openReader();
  if (!expiryReader) return base::fail(expiryReader.error());
  expiry = std::make_unique<ExpiryWatch>(std::move(*expiryReader), clock, log);
  publishStoreMetrics();
  if (!config.auditCheckpointFile.empty()) {
    auto reader = store->openReader();
    if (!reader) return base::fail(reader.error());
    checkpoints = std::make_unique<CheckpointSchedule>(config.auditCheckpointFile,
                                                       config.auditCheckpointMinutes,
                                                       std::move(*reader), *vault, clock, log);
  }
  return {};
}

base::Status Parts::openLimits() {
  limiter = std::make_unique<identity::RateLimiter>(clock);
  if (!config.redisUrl.empty()) {
    identity::SharedLimiterSettings settings;
    settings.url = config.redisUrl;
    settings.changed = [this](bool there, const std::string& reason) {
      if (there) {
        log.log(telemetry::Level::info, "rate limits are shared through Redis", {});
      } else {
        log.log(telemetry::Level::warn, "Redis is away: each process limits by itself",
                {Field::text("reason", reason)});
      }
    };
    auto started = identity::SharedLimiter::start(*limiter, std::move(settings));
    if (!started) return base::fail(started.error());
    sharedLimiter = std::move(*started);
    publishLimiterMetrics();
  }
  auto reader = store->openReader();
  if (!reader) return base::fail(reader.error());
  identity::UsageMeterSettings metering;
  metering.failed = [this](const std::string& reason) {
    log.log(telemetry::Level::warn, "calls are counted but not written yet",
            {Field::text("reason", reason)});
  };
  meter = std::make_unique<identity::UsageMeter>(*store, std::move(*reader), config.plans, clock,
                                                 std::move(metering));
  auto proxies = net::TrustedProxies::parse(config.trustedProxies);
  if (!proxies) return base::fail(proxies.error());
  limits = std::make_unique<rest::Limits>(config.limits, std::move(*proxies), *limiter,
                                          sharedLimiter.get(), meter.get());
  return {};
}

void Parts::publishLimiterMetrics() {
  using Type = telemetry::Metrics::SourceType;
  const auto& counters = sharedLimiter->counters();
  metrics.addSource("unigate_limiter_shared", "1 while rate limits are shared through Redis.",
                    Type::gauge, {}, [this] { return sharedLimiter->there() ? 1.0 : 0.0; });
  metrics.addSource("unigate_limiter_shared_decisions_total", "Requests that Redis decided on.",
                    Type::counter, {},
                    [&counters] { return static_cast<double>(counters.decisions.load()); });
  metrics.addSource("unigate_limiter_local_decisions_total",
                    "Requests decided without Redis though it is configured.", Type::counter, {},
                    [&counters] { return static_cast<double>(counters.localDecisions.load()); });
  metrics.addSource("unigate_limiter_redis_failures_total", "Connections to Redis that broke.",
                    Type::counter, {},
                    [&counters] { return static_cast<double>(counters.failures.load()); });
}

void Parts::publishStoreMetrics() {
  using Type = telemetry::Metrics::SourceType;
  metrics.addSource("unigate_store_queue", "Writes waiting for the group commit.", Type::gauge, {},
                    [this] { return static_cast<double>(store->queued()); });
  metrics.addSource("unigate_store_refused_total",
                    "Writes refused because the queue was full or the writer stopped.",
                    Type::counter, {},
                    [this] { return static_cast<double>(store->counters().refused.load()); });
  metrics.addSource("unigate_store_healthy", "1 while the database can commit.", Type::gauge, {},
                    [this] { return store->healthy() ? 1.0 : 0.0; });
  metrics.addSource("unigate_credential_fallbacks_total",
                    "Requests that went out again with the other of an account's two credentials.",
                    Type::counter, {},
                    [this] { return static_cast<double>(gateway->credentials.fallbacks()); });
  for (const bool over : {false, true}) {
    metrics.addSource("unigate_credentials_ending",
                      "Provider credentials that end within 14 days, or have ended.", Type::gauge,
                      {{"alarm", over ? "expired" : "expiring"}}, [this, over] {
                        return static_cast<double>(over ? expiry->expired() : expiry->expiring());
                      });
  }
  metrics.addSource("unigate_usage_waiting", "Calls that are counted and not written yet.",
                    Type::gauge, {}, [this] { return static_cast<double>(meter->waiting()); });
  metrics.addSource("unigate_operations_in_flight", "Operations under way.", Type::gauge, {},
                    [this] { return static_cast<double>(gateway->operationsInFlight.load()); });
  metrics.addSource(
      "unigate_operations_escalated",
      "Operations that wait for a person's decision, counted up to " +
          std::to_string(gateway::kEscalatedCountMax) + ".",
      Type::gauge, {}, [this] {
        return static_cast<double>(std::max<std::int64_t>(0, gateway->operationsEscalated.load()));
      });
}

// One event loop with everything that belongs to its thread.
class Worker {
 public:
  Worker(Parts& parts, std::shared_ptr<net::ConnectionLedger> ledger, std::size_t index)
      : parts_(parts), ledger_(std::move(ledger)), index_(index), loop_(parts.clock) {}

  base::Status open(const std::string& listen) {
    upstream_ = std::make_unique<net::UpstreamClient>(loop_, upstreamSettings(parts_.config));
    gateway_ = std::make_unique<gateway::Gateway>(*parts_.gateway, loop_, *upstream_);
    if (auto status = gateway_->open(); !status) return status;
    api_ = std::make_unique<rest::Api>(*parts_.api, *gateway_);

    net::EdgeSettings edge;
    edge.listen = listen;
    edge.tlsCertificateFile = parts_.config.tlsCertificate;
    edge.tlsKeyFile = parts_.config.tlsKey;
    edge.connectionsMax = static_cast<std::size_t>(parts_.config.connectionsMax);
    edge.connectionsPerAddressMax =
        static_cast<std::size_t>(parts_.config.connectionsPerAddressMax);
    edge_ = std::make_unique<net::EdgeServer>(
        loop_, edge, ledger_,
        [this](net::Request&& request, net::Responder responder) {
          api_->handle(std::move(request), std::move(responder));
        },
        edgeErrors());
    if (auto status = edge_->listen(); !status) return status;
    publishMetrics();
    return {};
  }

  // Metrics stand on a listener of their own, so that they need no key and are not open to clients.
  base::Status openMetrics(const std::string& listen) {
    net::EdgeSettings settings;
    settings.listen = listen;
    metricsEdge_ = std::make_unique<net::EdgeServer>(
        loop_, settings, std::make_shared<net::ConnectionLedger>(256, 256),
        [this](net::Request&& request, net::Responder responder) {
          if (request.path != "/metrics" || request.method != "GET") {
            return responder.send(renderEdgeError(parts_.clock, parts_.random, 404, "not_found",
                                                  "Metrics are at GET /metrics."));
          }
          net::Response response;
          response.headers.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
          response.body = parts_.metrics.render();
          responder.send(std::move(response));
        },
        edgeErrors());
    return metricsEdge_->listen();
  }

  void start() {
    if (index_ == 0) gateway_->startResolver();
    thread_ = std::thread([this] { loop_.run(); });
  }

  // Stops accepting and calls `drained` (on the loop's thread) when all answers are out and nothing
  // is under way, with false when something still is after the longest wait.
  void drain(std::function<void(bool)> drained) {
    loop_.post([this, drained = std::move(drained)] {
      gateway_->stopResolver();
      const std::int64_t deadlineMs = loop_.nowMs() + kDrainMs;
      edge_->drain(kDrainMs, [this, deadlineMs, drained] { awaitQuiet(deadlineMs, drained); });
    });
  }

  void stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

  std::uint16_t port() const { return edge_->port(); }

 private:
  // Operations whose client has gone, and those that are being resolved, are nobody's answer but
  // still end here.
  void awaitQuiet(std::int64_t deadlineMs, const std::function<void(bool)>& drained) {
    if (gateway_->underWay() == 0) return drained(true);
    if (loop_.nowMs() >= deadlineMs) return drained(false);
    loop_.after(kQuietPollMs, [this, deadlineMs, drained] { awaitQuiet(deadlineMs, drained); });
  }

  // What is refused before the API sees it is told as the API would.
  net::ErrorRenderer edgeErrors() {
    return [this](int status, std::string_view code, std::string_view detail) {
      return renderEdgeError(parts_.clock, parts_.random, status, code, detail);
    };
  }

  void publishMetrics() {
    using Type = telemetry::Metrics::SourceType;
    const telemetry::Labels labels{{"loop", std::to_string(index_)}};
    const net::EdgeCounters& edge = edge_->counters();
    const net::UpstreamCounters& upstream = upstream_->counters();
    const auto publish = [&](const char* name, const char* help, Type type, const auto& counter) {
      parts_.metrics.addSource(name, help, type, labels,
                               [&counter] { return static_cast<double>(counter.load()); });
    };
    publish("unigate_edge_connections_accepted_total", "Connections accepted.", Type::counter,
            edge.accepted);
    publish("unigate_edge_connections_refused_total", "Connections refused by a cap.",
            Type::counter, edge.refusedByCap);
    publish("unigate_edge_bad_requests_total", "Requests that were no sound HTTP.", Type::counter,
            edge.badRequests);
    publish("unigate_edge_timeouts_total", "Connections closed by a deadline.", Type::counter,
            edge.timeouts);
    publish("unigate_edge_connections_open", "Open connections.", Type::gauge, edge.open);
    publish("unigate_upstream_requests_total", "Requests to providers.", Type::counter,
            upstream.requests);
    publish("unigate_upstream_not_sent_total", "Requests of which no byte was sent.", Type::counter,
            upstream.notSent);
    publish("unigate_upstream_no_answer_total", "Requests without a complete answer.",
            Type::counter, upstream.noAnswer);
    publish("unigate_upstream_connections_total", "Connections opened to providers.", Type::counter,
            upstream.connectionsOpened);
    publish("unigate_upstream_in_flight", "Requests to providers under way.", Type::gauge,
            upstream.inFlight);
  }

  Parts& parts_;
  std::shared_ptr<net::ConnectionLedger> ledger_;
  std::size_t index_;
  net::EventLoop loop_;
  std::unique_ptr<net::UpstreamClient> upstream_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<rest::Api> api_;
  std::unique_ptr<net::EdgeServer> edge_;
  std::unique_ptr<net::EdgeServer> metricsEdge_;
  std::thread thread_;
};

// `listen` with its port replaced.
std::string withPort(const std::string& listen, std::uint16_t port) {
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

// Whether a problem at the start passes when the right key appears.
bool isSealed(const base::Problem& problem) {
  return problem.code == "bad_key_encryption_key" || problem.code == "wrong_key" ||
         problem.code == "secret_of_another_key" || problem.code == "secret_unreadable";
}

// Tries the vault until its key is there, and answers meanwhile. False: told to stop instead.
base::Result<bool> awaitKey(Parts& parts, const sigset_t& stopSignals,
                            std::unique_ptr<SealedGate>& gate, std::string& listen) {
  constexpr timespec kPause{1, 0};
  std::string told;
  for (;;) {
    const auto status = parts.unseal();
    if (status) return true;
    if (!isSealed(status.error())) return base::fail(status.error());
    const std::string& reason = status.error().detail;
    if (gate == nullptr) {
      gate = std::make_unique<SealedGate>(parts.config, parts.clock, parts.random, parts.metrics);
      if (auto opened = gate->open(reason); !opened) return base::fail(opened.error());
      listen = withPort(parts.config.listen, gate->port());
    }
    if (reason != told) {
      told = reason;
      gate->tell(reason);
      std::fprintf(stderr, "unigate: sealed, and waiting for its key on %s: %s\n", listen.c_str(),
                   reason.c_str());
      parts.log.log(telemetry::Level::error, "sealed", {Field::text("reason", reason)});
    }
    if (sigtimedwait(&stopSignals, nullptr, &kPause) > 0) return false;
  }
}

void announce(const Config& config, const std::string& listen) {
  const std::string scheme = config.tlsCertificate.empty() ? "http" : "https";
  std::printf("unigate " UNIGATE_VERSION " listens on %s://%s (API %s)\n", scheme.c_str(),
              listen.c_str(),
              config.docsDirectory.empty() ? "description at /openapi.json" : "docs at /docs");
  std::fflush(stdout);
}

// The plugins that `providers` and `routing.defaults` name may be out of service, which must not
// stop the others.
void warnOfNamesUnknown(Parts& parts) {
  for (const std::string& each : namesUnknown(parts.config, *parts.plugins))
    parts.log.log(telemetry::Level::warn, "configuration", {Field::text("detail", each)});
}

// True when nothing was left under way.
bool drainAll(std::vector<std::unique_ptr<Worker>>& workers) {
  std::vector<std::future<bool>> drained;
  for (auto& worker : workers) {
    auto promise =
        std::make_shared<std::promise<bool>>();  // shared: std::function copies its target
    drained.push_back(promise->get_future());
    worker->drain([promise](bool quiet) { promise->set_value(quiet); });
  }
  bool quiet = true;
  for (auto& each : drained) quiet = each.get() && quiet;
  return quiet;
}

}  // namespace

base::Status runServer(const Config& config) {
  hardenProcess();
  takeOpenFiles();
  std::signal(SIGPIPE, SIG_IGN);
  // All threads inherit this mask, so that the signals reach sigwait() below and nobody else.
  sigset_t stopSignals;
  sigemptyset(&stopSignals);
  sigaddset(&stopSignals, SIGTERM);
  sigaddset(&stopSignals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stopSignals, nullptr);

  Parts parts(config);
  std::string listen = config.listen;
  std::unique_ptr<SealedGate> gate;
  parts.metrics.addSource("unigate_vault_sealed", "1 while the key-encryption key is missing.",
                          telemetry::Metrics::SourceType::gauge, {},
                          [&parts] { return parts.sealed.load() ? 1.0 : 0.0; });
  const auto unsealed = awaitKey(parts, stopSignals, gate, listen);
  if (!unsealed) return base::fail(unsealed.error());
  if (!*unsealed) return {};
  if (auto status = parts.open(); !status) return status;
  const std::size_t threads = config.threads > 0
                                  ? static_cast<std::size_t>(config.threads)
                                  : std::max(1U, std::thread::hardware_concurrency());
  auto ledger = std::make_shared<net::ConnectionLedger>(
      static_cast<std::size_t>(config.connectionsMax),
      static_cast<std::size_t>(config.connectionsPerAddressMax));
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    workers.push_back(std::make_unique<Worker>(parts, ledger, i));
    if (auto status = workers.back()->open(listen); !status) return status;
    listen = withPort(config.listen, workers.front()->port());
  }
  if (!config.metricsListen.empty()) {
    if (auto status = workers.front()->openMetrics(config.metricsListen); !status) return status;
  }
  gate.reset();
  warnOfNamesUnknown(parts);
  ReconcileWorker reconciler(*parts.gateway, upstreamSettings(config),
                             {config.reconcileEveryHours, config.reconcileLookBackHours});
  if (auto status = reconciler.open(); !status) return status;
  parts.api->reconcile = [&reconciler](gateway::ReconcileRequest request,
                                       gateway::ReconcileBegun begun) {
    reconciler.run(std::move(request), std::move(begun));
  };
  rest::ManagementPool management(*parts.store, kManagementThreads, kManagementQueueMax);
  if (auto status = management.start(); !status) return status;
  parts.api->management = &management;
  for (auto& worker : workers) worker->start();
  reconciler.start();
  parts.api->ready.store(true, std::memory_order_release);
  announce(config, listen);
  parts.log.log(telemetry::Level::info, "serving", {Field::text("listen", listen)});

  int received = 0;
  sigwait(&stopSignals, &received);
  parts.api->ready.store(false, std::memory_order_release);
  parts.log.log(telemetry::Level::info, "stopping", {Field::integer("signal", received)});
  const bool quiet = drainAll(workers);
  reconciler.stop();
  management.stop();
  for (auto& worker : workers) worker->stop();
  if (!quiet) {
    // Calls to providers still hang. Their intents are durable: the next start takes them up, as
    // after a crash.
    parts.log.log(telemetry::Level::warn,
                  "stopped with operations under way; the next start takes them up", {});
    parts.meter->flush();
    parts.log.flush();
    std::_Exit(0);
  }
  parts.log.log(telemetry::Level::info, "stopped", {});
  return {};
}

}  // namespace unigate::app
