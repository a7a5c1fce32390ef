#include "gateway/passthrough.hpp"

#include <catch2/catch.hpp>

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
                  "passthrough:\n  auth: key\n  headers: { Acme-Version: \"7\" }\n"
                  "  forward: [Acme-Key]\n  routes: [{ prefix: /v1, endpoint: api }]\nwebhooks:\n");
}

// One exchange after the other; the script answers.
class RawBench {
 public:
  explicit RawBench(const std::string& answerText, const std::string& manifestText = manifest())
      : server([this, answerText](Connection& connection) {
          while (auto request = connection.readRequest()) {
            server.record(*request);
            if (answerText.empty()) return;  // closes without a word
            connection.write(answerText);
          }
        }),
        bench(server, manifestText) {}

  base::Result<RawAnswer> send(RawRequest request, const std::string& secret = "sk_test") {
    std::optional<base::Result<RawAnswer>> answer;
    passThrough(bench.services(), bench.account(secret), std::move(request), {},
                [&](base::Result<RawAnswer> result) { answer = std::move(result); });
    bench.fixture.runUntil([&] { return answer.has_value(); });
    return std::move(*answer);
  }

  TestServer server;
  ProviderBench bench;
};

RawRequest get(const std::string& path) {
  return {"GET", path, "", {}, "", ""};
}

}  // namespace

TEST_CASE("A raw call goes out with our credentials and brings the answer as it came") {
  RawBench raw(
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nRequest-Id: r1\r\nSet-Cookie: a=b\r\n"
      "Date: x\r\nContent-Length: 4\r\n\r\nnone");
  const auto answered = raw.send({"POST",
                                  "/v1/things%2F1",
                                  "a=1&b=%20",
                                  {{"content-type", "text/csv"},
                                   {"Acme-Key", "k1"},
                                   {"acme-version", "1"},
                                   {"Authorization", "Bearer mine"},
                                   {"Cookie", "c=d"},
                                   {"X-Other", "x"}},
                                  "1,2",
                                  "00-trace"});
  REQUIRE(answered.has_value());
  CHECK(answered->status == 404);
  CHECK(answered->body == "none");
  REQUIRE(answered->headers.size() == 2);
  CHECK(answered->headers[1].second == "r1");
  const std::string sent = raw.server.requests().front();
  CHECK(sent.find("POST /v1/things%2F1?a=1&b=%20 HTTP/1.1\r\n") == 0);
  CHECK(sent.find("Authorization: Bearer sk_test\r\n") != std::string::npos);
  CHECK(sent.find("Acme-Version: 7\r\n") != std::string::npos);
  CHECK(sent.find("Acme-Key: k1\r\n") != std::string::npos);
  CHECK(sent.find("content-type: text/csv\r\n") != std::string::npos);
  CHECK(sent.find("traceparent: 00-trace\r\n") != std::string::npos);
  for (const char* unwanted : {"mine", "Cookie", "X-Other", "acme-version"})
    CHECK(sent.find(unwanted) == std::string::npos);
  CHECK(sent.substr(sent.find("\r\n\r\n") + 4) == "1,2");
}

TEST_CASE("A redirect is handed back, never followed") {
  RawBench raw(
      "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n");
  const auto answered = raw.send(get("/v1/things"));
  REQUIRE(answered.has_value());
  CHECK(answered->status == 302);
  CHECK(raw.server.requests().size() == 1);
}

TEST_CASE("Paths that lead elsewhere are refused before anything is sent") {
  RawBench raw(answer("ok"));
  const auto codeOf = [&](RawRequest request) {
    const auto answered = raw.send(std::move(request));
    return answered ? std::string("sent") : answered.error().code;
  };
  CHECK(codeOf(get("/v2/things")) == "unknown_path");
  CHECK(codeOf(get("/v10")) == "unknown_path");
  CHECK(codeOf(get("/v1/../v2")) == "invalid_request");
  CHECK(codeOf(get("/v1/%2e%2E/v2")) == "invalid_request");
  CHECK(codeOf(get("v1/things")) == "invalid_request");
  CHECK(codeOf(get("/v1/a b")) == "invalid_request");
  CHECK(codeOf(get("/v1/a?b")) == "invalid_request");
  CHECK(codeOf(get("/v1/%zz")) == "invalid_request");
  CHECK(codeOf({"GET", "/v1/a", "b#c", {}, "", ""}) == "invalid_request");
  CHECK(codeOf({"TRACE", "/v1/a", "", {}, "", ""}) == "method_not_allowed");
  CHECK(codeOf({"POST", "/v1/a", "", {}, std::string(2'000'000, 'x'), ""}) == "body_too_large");
  CHECK(codeOf({"GET", "/v1/a", "", {{"Acme-Key", "a\r\nX: b"}}, "", ""}) ==
        "provider_unavailable");
  CHECK(raw.server.requests().empty());
}

TEST_CASE("A plugin without pass-through has none") {
  RawBench raw(answer("ok"), acmeManifest());
  CHECK(raw.send(get("/v1/things")).error().status == 501);
}

TEST_CASE("A raw call without credentials names the one that is missing") {
  RawBench raw(answer("ok"));
  const auto answered = raw.send(get("/v1/things"), "");
  REQUIRE_FALSE(answered.has_value());
  CHECK(answered.error().code == "provider_credentials_refused");
  CHECK(raw.server.requests().empty());
}

TEST_CASE("Silence after a raw call is unknown where it may have changed something") {
  RawBench raw("");
  const auto outcomeOf = [](const base::Problem& problem) {
    for (const auto& [name, value] : problem.members) {
      if (name == "outcome") return value;
    }
    return std::string();
  };
  const auto post = raw.send({"POST", "/v1/things", "", {}, "{}", ""});
  REQUIRE_FALSE(post.has_value());
  CHECK(post.error().status == 504);
  CHECK(outcomeOf(post.error()) == "\"unknown\"");
  CHECK_FALSE(post.error().retryable);
  const auto read = raw.send(get("/v1/things"));
  CHECK(read.error().status == 504);
  CHECK(outcomeOf(read.error()) == "\"not_executed\"");
}

}  // namespace unigate::gateway
