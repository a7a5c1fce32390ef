#include "telemetry/metrics.hpp"

#include <catch2/catch.hpp>
#include <thread>

using unigate::telemetry::Metrics;
using unigate::telemetry::OperationOutcome;

namespace {

bool has(const std::string& text, const std::string& line) {
  return text.find(line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("Counts requests by route and status, own time and provider time apart") {
  Metrics metrics;
  auto& route = metrics.route("POST", "/v1/things");
  route.finished(201, 80, 200'000);
  route.finished(201, 80, 200'000);
  route.finished(402, 60, 0);
  CHECK(&route == &metrics.route("POST", "/v1/things"));
  CHECK(&route != &metrics.route("GET", "/v1/things"));
  const auto text = metrics.render();
  CHECK(
      has(text, R"(unigate_http_requests_total{method="POST",route="/v1/things",status="201"} 2)"));
  CHECK(
      has(text, R"(unigate_http_requests_total{method="POST",route="/v1/things",status="402"} 1)"));
  CHECK(has(text, R"(unigate_http_own_seconds_count{method="POST",route="/v1/things"} 3)"));
  CHECK(has(text,
            R"(unigate_http_own_seconds_bucket{method="POST",route="/v1/things",le="0.0001"} 3)"));
  CHECK(has(text, R"(unigate_http_provider_seconds_count{method="POST",route="/v1/things"} 2)"));
  CHECK(
      has(text,
          R"(unigate_http_provider_seconds_bucket{method="POST",route="/v1/things",le="0.1"} 0)"));
}

TEST_CASE("Counts operations by how they ended") {
  Metrics metrics;
  auto& operation = metrics.operation("acme", "payment.create");
  operation.finished(OperationOutcome::declined, 1'000);
  operation.finished(OperationOutcome::notExecuted, 0);
  const auto text = metrics.render();
  CHECK(text.find(R"(outcome="declined",provider="acme"} 1)") != std::string::npos);
  CHECK(text.find(R"(outcome="not_executed",provider="acme"} 1)") != std::string::npos);
  CHECK(text.find(R"(outcome="succeeded",provider="acme"} 0)") != std::string::npos);
}

TEST_CASE("Shows what is under way, batches and plugin faults") {
  Metrics metrics;
  metrics.requestStarted();
  metrics.requestStarted();
  metrics.requestEnded();
  metrics.providerCallStarted();
  metrics.batchCommitted(64, 300, 900);
  metrics.pluginFault("acme", "step_limit");
  metrics.pluginFault("acme", "step_limit");
  const auto text = metrics.render();
  CHECK(has(text, "unigate_http_requests_in_flight 1"));
  CHECK(has(text, "unigate_provider_calls_in_flight 1"));
  CHECK(has(text, R"(unigate_store_batch_jobs_bucket{le="32"} 0)"));
  CHECK(has(text, R"(unigate_store_batch_jobs_bucket{le="64"} 1)"));
  CHECK(has(text, R"(unigate_plugin_faults_total{kind="step_limit",provider="acme"} 2)"));
}

TEST_CASE("Adds up the sources of several loops and tells others apart by their labels") {
  Metrics metrics;
  const auto counter = Metrics::SourceType::counter;
  metrics.addSource("unigate_edge_accepted_total", "Accepted", counter, {}, [] { return 3.0; });
  metrics.addSource("unigate_edge_accepted_total", "Accepted", counter, {}, [] { return 4.0; });
  metrics.addSource("unigate_edge_open", "Open", Metrics::SourceType::gauge, {{"loop", "0"}},
                    [] { return 1.0; });
  metrics.addSource("unigate_edge_open", "Open", Metrics::SourceType::gauge, {{"loop", "1"}},
                    [] { return 2.0; });
  const auto text = metrics.render();
  CHECK(has(text, "# TYPE unigate_edge_accepted_total counter"));
  CHECK(has(text, "unigate_edge_accepted_total 7"));
  CHECK(has(text, R"(unigate_edge_open{loop="0"} 1)"));
  CHECK(has(text, R"(unigate_edge_open{loop="1"} 2)"));
}

TEST_CASE("Loses no count when threads share a route") {
  Metrics metrics;
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&metrics] {
      auto& route = metrics.route("GET", "/v1/things/{id}");
      for (int n = 0; n < kEach; ++n) route.finished(n % 2 == 0 ? 200 : 404, 10, 0);
    });
  }
  for (auto& thread : threads) thread.join();
  const auto text = metrics.render();
  CHECK(has(
      text,
      R"(unigate_http_requests_total{method="GET",route="/v1/things/{id}",status="200"} 4000)"));
  CHECK(has(
      text,
      R"(unigate_http_requests_total{method="GET",route="/v1/things/{id}",status="404"} 4000)"));
}
