#include "webhooks/intake.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "gateway/provider_test_support.hpp"
#include "webhooks/verify.hpp"

namespace unigate::webhooks {
namespace {

using gateway::testing::ProviderBench;
using net::test::answer;
using net::test::Connection;
using net::test::TestServer;
using Headers = plugin_host::HeaderList;

constexpr const char* kBody = R"({"paid":true})";
constexpr const char* kUrl = "https://sandbox.acme.example/certs/1";

// An intake whose provider gives every request the same answer.
class IntakeBench {
 public:
  explicit IntakeBench(std::string text)
      : server([this, text = std::move(text)](Connection& connection) {
          while (auto request = connection.readRequest()) {
            server.record(*request);
            connection.write(text);
          }
        }),
        bench(server, plugin_host::testing::acmeManifest()),
        intake(bench.services(), roots) {}

  std::vector<Received> receive(const Headers& headers, std::size_t count = 1) {
    std::vector<Received> received;
    for (std::size_t i = 0; i < count; ++i) {
      Delivery delivery;
      delivery.headers = headers;
      delivery.body = kBody;
      delivery.nowUnixMs = bench.clock.unixMs();
      intake.receive(bench.account(), std::move(delivery),
                     [&](Received one) { received.push_back(std::move(one)); });
    }
    bench.fixture.runUntil([&] { return received.size() == count; });
    return received;
  }

  TestServer server;
  ProviderBench bench;
  RootsBook roots;
  Intake intake;
};

Headers certified(const std::string& url) {
  return {{"X-Kind", "2"},
          {"X-Encoding", "2"},
          {"X-Expected", "AAAA"},
          {"X-Url", url},
          {"X-Suffix", "acme.example"}};
}

}  // namespace

TEST_CASE("A signed delivery needs no network and gives its events") {
  IntakeBench bench(answer("x"));
  const Received received =
      bench
          .receive({{"X-Kind", "1"},
                    {"X-Secret", "secret_key"},
                    {"X-Expected", encodedHmac(Digest::sha256, Encoding::hex, "sk_test", kBody)}})
          .front();
  CHECK(received.verdict.accepted);
  REQUIRE(received.events.size() == 1);
  CHECK(received.events.front().type == "payment.succeeded");
  CHECK(bench.server.requests().empty());
}

TEST_CASE("The provider is asked with the account's credentials") {
  IntakeBench bench(answer("yes"));
  CHECK(bench.receive({{"X-Kind", "3"}}).front().verdict.accepted);
  const std::string sent = bench.server.requests().front();
  CHECK(sent.find("POST /v1/verify HTTP/1.1\r\n") == 0);
  CHECK(sent.find("Authorization: Bearer sk_test\r\n") != std::string::npos);
  IntakeBench denying(answer("no"));
  CHECK_FALSE(denying.receive({{"X-Kind", "3"}}).front().verdict.accepted);
}

TEST_CASE("A certificate is fetched once for all who wait, without credentials, and kept") {
  IntakeBench bench(answer("-----no certificate-----"));
  for (const Received& received : bench.receive(certified(kUrl), 5))
    CHECK_FALSE(received.verdict.accepted);
  CHECK(bench.server.requests().size() == 1);
  bench.receive(certified(kUrl));
  REQUIRE(bench.server.requests().size() == 1);
  const std::string sent = bench.server.requests().front();
  CHECK(sent.find("GET /certs/1 HTTP/1.1\r\n") == 0);
  CHECK(sent.find("Authorization") == std::string::npos);
  bench.bench.clock.advanceMs(CertificateFetch::kKeptMs + 1);
  bench.receive(certified(kUrl));
  CHECK(bench.server.requests().size() == 2);
}

TEST_CASE("A fetch that failed is not kept") {
  IntakeBench bench(answer("", "404 Not Found"));
  CHECK(bench.receive(certified(kUrl)).front().verdict.reason ==
        "the certificate can't be fetched: the provider answered 404");
  bench.receive(certified(kUrl));
  CHECK(bench.server.requests().size() == 2);
}

TEST_CASE("Certificates kept are bounded") {
  IntakeBench bench(answer("pem"));
  for (std::size_t i = 0; i <= CertificateFetch::kKeptMax; ++i) {
    bench.bench.clock.advanceMs(1);
    bench.receive(certified(std::string(kUrl) + std::to_string(i)));
  }
  const std::size_t before = bench.server.requests().size();
  bench.receive(certified(std::string(kUrl) + std::to_string(CertificateFetch::kKeptMax)));
  CHECK(bench.server.requests().size() == before);
  bench.receive(certified(std::string(kUrl) + "0"));
  CHECK(bench.server.requests().size() == before + 1);
}

TEST_CASE("A certificate's host must be in the egress list too") {
  IntakeBench bench(answer("pem"));
  CHECK(bench.receive(certified("https://files.acme.example/c"))
            .front()
            .verdict.reason.find("egress") != std::string::npos);
  CHECK(bench.server.requests().empty());
}

TEST_CASE("An address is the operator's where the endpoint is") {
  plugin_host::Manifest manifest;
  manifest.id = "acme";
  manifest.endpoints = {{"api", "https://api.acme.example/v2", "https://test.acme.example/v2"}};
  manifest.egressHosts = {"api.acme.example", "test.acme.example", "certs.acme.example"};
  const gateway::EndpointBook plain({}, false);
  const gateway::EndpointBook moved({{"acme", {{"test", {{"api", "http://127.0.0.1:81/base"}}}}}},
                                    true);
  const auto at = [&](const gateway::EndpointBook& book, const char* environment, const char* url) {
    return certificateAddress(manifest, environment, book, url).value_or("refused");
  };
  CHECK(at(plain, "test", "https://test.acme.example/c?x=1") == "https://test.acme.example/c?x=1");
  CHECK(at(moved, "test", "https://TEST.acme.example/c") == "http://127.0.0.1:81/c");
  CHECK(at(moved, "live", "https://api.acme.example/c") == "https://api.acme.example/c");
  CHECK(at(moved, "test", "https://certs.acme.example/c") == "https://certs.acme.example/c");
  CHECK(at(plain, "test", "https://other.example/c") == "refused");
  CHECK(at(plain, "test", "nonsense") == "refused");
}

TEST_CASE("Roots come from the manifest, or from the operator's file in its place") {
  plugin_host::PluginEntry entry;
  entry.id = "acme";
  entry.path = "/nowhere/acme.so";
  entry.manifest = plugin_host::Manifest{};
  CHECK(RootsBook::make({entry}, {}).value().of("acme").empty());
  entry.manifest->certificateRoots = "system";
  CHECK(RootsBook::make({entry}, {}).value().of("acme").system);
  CHECK(RootsBook::make({entry}, {}).value().of("other").empty());
  entry.manifest->certificateRoots = "roots.pem";
  CHECK(RootsBook::make({entry}, {}).error().find("/nowhere/roots.pem can't be read") !=
        std::string::npos);
  const plugin_host::testing::PluginDirectory directory;
  directory.write("none.pem", "no certificate");
  const std::string file = (directory.path() / "none.pem").string();
  CHECK(RootsBook::make({entry}, {{"acme", file}}).error().find("holds no PEM certificate") !=
        std::string::npos);
}

}  // namespace unigate::webhooks
