// Two live sets of credentials: which one a call goes out with, and what a refusal leads to.
#include <catch2/catch.hpp>

#include "gateway/passthrough.hpp"
#include "gateway/provider_test_support.hpp"

namespace unigate::gateway {
namespace {

using net::test::answer;
using net::test::Connection;
using net::test::TestServer;
using plugin_host::testing::acmeManifest;
using plugin_host::testing::replaced;
using testing::ProviderBench;

std::string manifest() {
  return replaced(acmeManifest(), "webhooks:\n",
                  "passthrough:\n  auth: key\n  routes: [{ prefix: /v1, endpoint: api }]\n"
                  "webhooks:\n");
}

// A provider that knows one key, and accounts with a new and an old one.
struct Bench {
  explicit Bench(const std::string& knownKey)
      : server([this, knownKey](Connection& connection) {
          while (auto request = connection.readRequest()) {
            server.record(*request);
            const bool known =
                request->find("Authorization: Bearer " + knownKey + "\r\n") != std::string::npos;
            connection.write(answer(body, known ? "200 OK" : "401 Unauthorized"));
          }
        }),
        bench(server, manifest()),
        log(telemetry::LogSettings{telemetry::Level::error, "", 16}),
        book(log) {}

  std::shared_ptr<const Account> account() {
    auto made = std::make_shared<Account>();
    const auto newest = bench.account("key-of-today");
    made->id = newest->id;
    made->provider = newest->provider;
    made->environment = newest->environment;
    made->instance = newest->instance;
    made->tokens = newest->tokens;
    made->secrets.emplace("secret_key", vault::SecretString(std::string_view("key-of-today")));
    auto before = std::make_shared<Account>();
    before->secrets.emplace("secret_key", vault::SecretString(std::string_view("key-of-before")));
    made->previous = before;
    made->use = book.of(made->id, made->provider, made->environment);
    return made;
  }

  int send() {
    std::optional<base::Result<RawAnswer>> answered;
    passThrough(bench.services(), account(), {"POST", "/v1/things", "", {}, "{}", ""}, {},
                [&](base::Result<RawAnswer> result) { answered = std::move(result); });
    bench.fixture.runUntil([&] { return answered.has_value(); });
    REQUIRE(answered->has_value());
    shown = (*answered)->body;
    return (*answered)->status;
  }

  std::string body = "{}";  // of every answer
  std::string shown;        // of the last
  TestServer server;
  ProviderBench bench;
  telemetry::Logger log;
  CredentialBook book;
};

}  // namespace

TEST_CASE("The newest credentials are used while the provider takes them") {
  Bench bench("key-of-today");
  CHECK(bench.send() == 200);
  CHECK(bench.server.requests().size() == 1);
  CHECK(bench.book.working("acc_1") == "newest");
  CHECK(bench.book.fallbacks() == 0);
}

TEST_CASE("A 401 for the newest credentials sends the request once more with the previous ones") {
  Bench bench("key-of-before");
  CHECK(bench.send() == 200);
  CHECK(bench.server.requests().size() == 2);
  CHECK(bench.book.working("acc_1") == "previous");
  CHECK(bench.book.fallbacks() == 1);

  // The next call begins with what works, for a minute.
  CHECK(bench.send() == 200);
  CHECK(bench.server.requests().size() == 3);
  bench.bench.clock.advanceMs(61'000);
  CHECK(bench.send() == 200);
  CHECK(bench.server.requests().size() == 5);
}

TEST_CASE("Two sets that are both refused end in the provider's 401 after one try of each") {
  Bench bench("key-of-another");
  CHECK(bench.send() == 401);
  CHECK(bench.server.requests().size() == 2);
  CHECK(bench.book.working("acc_1").empty());
}

TEST_CASE("An answer shows neither set of credentials, whichever the request went out with") {
  for (const char* known : {"key-of-today", "key-of-before"}) {
    Bench bench(known);
    bench.body = R"({"yours":"key-of-today","theirs":"key-of-before"})";
    CHECK(bench.send() == 200);
    CHECK(bench.shown == R"({"yours":"****oday","theirs":"****fore"})");
  }
}

TEST_CASE("New credentials are tried at once: what was seen of those before is forgotten") {
  Bench bench("key-of-before");
  CHECK(bench.send() == 200);
  const auto generation = bench.book.generation();
  bench.book.changed("acc_1");
  CHECK(bench.book.generation() != generation);
  CHECK(bench.book.working("acc_1").empty());
  CHECK_FALSE(bench.account()->use->beginsWithPrevious(bench.bench.clock.unixMs()));
}

}  // namespace unigate::gateway
