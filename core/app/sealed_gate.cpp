#include "app/sealed_gate.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "base/ids.hpp"
#include "net/edge_server.hpp"
#include "rest/problem_json.hpp"
#include "unigate/json.hpp"

namespace unigate::app {

namespace {

constexpr std::size_t kConnectionsMax = 1'024;
constexpr std::int64_t kDrainMs = 2'000;

}  // namespace

struct SealedGate::Impl {
  Impl(const Config& theConfig, const base::Clock& theClock, base::Random& theRandom,
       telemetry::Metrics& theMetrics)
      : config(theConfig),
        clock(theClock),
        random(theRandom),
        metrics(theMetrics),
        loop(theClock) {}

  const Config& config;
  const base::Clock& clock;
  base::Random& random;
  telemetry::Metrics& metrics;
  net::EventLoop loop;
  std::shared_ptr<net::ConnectionLedger> ledger =
      std::make_shared<net::ConnectionLedger>(kConnectionsMax, kConnectionsMax);
  std::unique_ptr<net::EdgeServer> edge;
  std::unique_ptr<net::EdgeServer> metricsEdge;
  std::thread thread;
  std::mutex mutex;
  std::string reason;

  net::Response problem(int status, std::string code, std::string detail) {
    const std::string id = base::makeId("req_", clock, random);
    const bool passes = status == 503;
    auto response = rest::problemResponse(
        {status, std::move(code), std::move(detail), "", passes, passes ? 5 : 0, {}}, id);
    response.headers.emplace_back("X-Request-Id", id);
    return response;
  }

  net::Response sealed() {
    const std::lock_guard lock(mutex);
    return problem(503, "vault_sealed", "The gateway is sealed: " + reason + ".");
  }

  net::Response answer(const net::Request& request) {
    if (request.path != "/health" || request.method != "GET") return sealed();
    json::Writer out;
    out.beginObject().member("status", "ok").member("version", UNIGATE_VERSION).endObject();
    net::Response response;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = out.take();
    return response;
  }

  net::Response measured(const net::Request& request) {
    if (request.path != "/metrics" || request.method != "GET")
      return problem(404, "not_found", "Metrics are at GET /metrics.");
    net::Response response;
    response.headers.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics.render();
    return response;
  }

  net::ErrorRenderer errors() {
    return [this](int status, std::string_view code, std::string_view detail) {
      return problem(status, std::string(code), std::string(detail));
    };
  }
};

SealedGate::SealedGate(const Config& config, const base::Clock& clock, base::Random& random,
                       telemetry::Metrics& metrics)
    : impl_(new Impl(config, clock, random, metrics)) {}

SealedGate::~SealedGate() {
  if (!impl_->thread.joinable()) return;
  std::promise<void> drained;
  impl_->loop.post(
      [this, &drained] { impl_->edge->drain(kDrainMs, [&drained] { drained.set_value(); }); });
  drained.get_future().wait();
  impl_->loop.stop();
  impl_->thread.join();
}

base::Status SealedGate::open(const std::string& reason) {
  tell(reason);
  Impl& impl = *impl_;
  net::EdgeSettings settings;
  settings.listen = impl.config.listen;
  settings.tlsCertificateFile = impl.config.tlsCertificate;
  settings.tlsKeyFile = impl.config.tlsKey;
  impl.edge = std::make_unique<net::EdgeServer>(
      impl.loop, settings, impl.ledger,
      [&impl](net::Request&& request, const net::Responder& responder) {
        responder.send(impl.answer(request));
      },
      impl.errors());
  if (auto status = impl.edge->listen(); !status) return status;
  if (!impl.config.metricsListen.empty()) {
    net::EdgeSettings own;
    own.listen = impl.config.metricsListen;
    impl.metricsEdge = std::make_unique<net::EdgeServer>(
        impl.loop, own, impl.ledger,
        [&impl](net::Request&& request, const net::Responder& responder) {
          responder.send(impl.measured(request));
        },
        impl.errors());
    if (auto status = impl.metricsEdge->listen(); !status) return status;
  }
  impl.thread = std::thread([&impl] { impl.loop.run(); });
  return {};
}

void SealedGate::tell(const std::string& reason) {
  const std::lock_guard lock(impl_->mutex);
  impl_->reason = reason;
}

std::uint16_t SealedGate::port() const {
  return impl_->edge->port();
}

}  // namespace unigate::app
