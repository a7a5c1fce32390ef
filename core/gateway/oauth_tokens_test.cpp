#include "gateway/oauth_tokens.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "base/text.hpp"
#include "gateway/provider_test_support.hpp"

namespace unigate::gateway {
namespace {

using net::test::answer;
using net::test::Connection;
using net::test::TestServer;
using testing::ProviderBench;

// A provider with a token endpoint and one API; counts what it is asked and forgets tokens on
// demand.
class Provider {
 public:
  Provider() : server([this](Connection& connection) { serve(connection); }) {}

  void revokeAll() {
    const std::lock_guard lock(mutex_);
    valid_.clear();
  }
  std::vector<std::string> requestsTo(const std::string& path) const {
    std::vector<std::string> found;
    for (const std::string& request : server.requests()) {
      if (request.find(" " + path) != std::string::npos) found.push_back(request);
    }
    return found;
  }
  std::size_t tokens() const { return requestsTo("/v1/oauth2/token").size(); }
  std::size_t calls() const { return requestsTo("/v1/payments").size(); }

  std::string tokenStatus = "200 OK";
  std::string tokenBody;  // in place of the usual one
  std::string lifeS = "100";
  std::atomic<bool> refusesAll{false};
  TestServer server;

 private:
  void serve(Connection& connection) {
    while (auto request = connection.readRequest()) {
      server.record(*request);
      const std::lock_guard lock(mutex_);
      connection.write(request->find("/oauth2/token") != std::string::npos ? token()
                                                                           : api(*request));
    }
  }
  std::string token() {
    if (tokenStatus != "200 OK" || !tokenBody.empty()) return answer(tokenBody, tokenStatus);
    const std::string token = "token-" + std::to_string(++made_);
    valid_.insert(token);
    return answer(R"({"access_token":")" + token + R"(","token_type":"Bearer","expires_in":)" +
                  lifeS + "}");
  }
  std::string api(const std::string& request) const {
    for (const std::string& token : valid_) {
      if (!refusesAll &&
          request.find("Authorization: Bearer " + token + "\r\n") != std::string::npos)
        return answer(R"({"paid":true})");
    }
    return answer(R"({"error":"invalid_token"})", "401 Unauthorized");
  }

  std::mutex mutex_;
  std::set<std::string> valid_;
  int made_ = 0;
};

bool done(const CallResult& result) {
  return result.outcome.verdict == engine::Verdict::done;
}

}  // namespace

TEST_CASE("Fetches a token with the account's credentials and keeps it") {
  Provider provider;
  ProviderBench bench(provider.server);
  CHECK(done(bench.call().front()));
  CHECK(done(bench.call().front()));
  REQUIRE(provider.tokens() == 1);
  const std::string fetch = provider.requestsTo("/v1/oauth2/token").front();
  CHECK(fetch.find("POST /v1/oauth2/token HTTP/1.1\r\n") == 0);
  CHECK(fetch.find("Authorization: Basic " + base::toBase64("client-1:sk_test") + "\r\n") !=
        std::string::npos);
  CHECK(fetch.find("Content-Type: application/x-www-form-urlencoded\r\n") != std::string::npos);
  CHECK(fetch.substr(fetch.find("\r\n\r\n") + 4) == "grant_type=client_credentials");
  CHECK(provider.requestsTo("/v1/payments").back().find("Authorization: Bearer token-1\r\n") !=
        std::string::npos);
}

TEST_CASE("Calls that start together wait for one fetch") {
  Provider provider;
  ProviderBench bench(provider.server);
  for (const CallResult& result : bench.call(20)) CHECK(done(result));
  CHECK(provider.tokens() == 1);
  CHECK(provider.calls() == 20);
}

TEST_CASE("A token is renewed before it expires") {
  Provider provider;
  ProviderBench bench(provider.server);
  bench.call();
  bench.clock.advanceMs(89'000);
  bench.call();
  CHECK(provider.tokens() == 1);
  bench.clock.advanceMs(2'000);
  CHECK(done(bench.call().front()));
  CHECK(provider.tokens() == 2);
}

TEST_CASE("A token without a life of its own is kept for minutes, one of text is read") {
  Provider provider;
  provider.lifeS = "\"100\"";
  ProviderBench bench(provider.server);
  bench.call();
  bench.clock.advanceMs(91'000);
  bench.call();
  CHECK(provider.tokens() == 2);
}

TEST_CASE("A kept token that was revoked is replaced and the same request sent once more") {
  Provider provider;
  ProviderBench bench(provider.server);
  bench.call();
  provider.revokeAll();
  const CallResult result = bench.call().front();
  CHECK(done(result));
  CHECK(result.requests == 2);
  CHECK(provider.tokens() == 2);
  const auto sent = provider.requestsTo("/v1/payments");
  REQUIRE(sent.size() == 3);
  CHECK(sent[1].find("token-1") != std::string::npos);
  CHECK(sent[2].find("token-2") != std::string::npos);
  CHECK(sent[1].substr(sent[1].find("\r\n\r\n")) == sent[2].substr(sent[2].find("\r\n\r\n")));
}

TEST_CASE("Many calls with a revoked token fetch one new one") {
  Provider provider;
  ProviderBench bench(provider.server);
  bench.call();
  provider.revokeAll();
  for (const CallResult& result : bench.call(10)) CHECK(done(result));
  CHECK(provider.tokens() == 2);
}

TEST_CASE("A provider that refuses the new token too is believed") {
  Provider provider;
  ProviderBench bench(provider.server);
  bench.call();
  provider.refusesAll = true;
  CHECK(bench.call().front().error.httpStatus == 401);
  CHECK(provider.calls() == 3);
}

TEST_CASE("A token that was just fetched is not fetched again for a 401") {
  Provider provider;
  provider.refusesAll = true;
  ProviderBench bench(provider.server);
  CHECK(bench.call().front().error.httpStatus == 401);
  CHECK(provider.tokens() == 1);
  CHECK(provider.calls() == 1);
}

TEST_CASE("Trouble at the token endpoint leaves the operation undone") {
  Provider provider;
  const auto [status, body] =
      GENERATE(table<std::string, std::string>({{"503 Service Unavailable", "busy"},
                                                {"500 Internal Server Error", ""},
                                                {"302 Found", ""},
                                                {"200 OK", "no json"},
                                                {"200 OK", R"({"access_token":""})"},
                                                {"200 OK", R"({"access_token":"two\r\nlines"})"},
                                                {"200 OK", R"({"access_token":7})"}}));
  provider.tokenStatus = status;
  provider.tokenBody = body;
  INFO(status << " " << body);
  ProviderBench bench(provider.server);
  const CallResult result = bench.call().front();
  CHECK(result.outcome.verdict == engine::Verdict::notExecuted);
  CHECK(result.error.category == "provider_unavailable");
  CHECK(result.error.retry == plugin_host::RetryAdvice::sameKey);
  CHECK(result.requests == 0);
  CHECK(provider.calls() == 0);
}

TEST_CASE("A refused client is told by the names of its credentials") {
  Provider provider;
  provider.tokenStatus = GENERATE("401 Unauthorized", "400 Bad Request");
  provider.tokenBody = R"({"error":"invalid_client"})";
  ProviderBench bench(provider.server);
  const CallResult result = bench.call().front();
  CHECK(result.outcome.verdict == engine::Verdict::notExecuted);
  CHECK(result.error.category == "unauthorized");
  CHECK(result.error.providerMessage.find("account_id and secret_key") != std::string::npos);
  CHECK(result.error.providerMessage.find("invalid_client") != std::string::npos);
  CHECK(result.error.providerMessage.find("sk_test") == std::string::npos);
  CHECK(provider.calls() == 0);
}

TEST_CASE("A throttled token endpoint says when to come again") {
  Provider provider;
  provider.tokenStatus = "429 Too Many Requests\r\nRetry-After: 7";
  ProviderBench bench(provider.server);
  const CallResult result = bench.call().front();
  CHECK(result.error.category == "rate_limited");
  CHECK(result.error.retryAfterMs == 7000);
  CHECK(result.outcome.verdict == engine::Verdict::notExecuted);
}

TEST_CASE("Failure is not kept: the next call asks again") {
  Provider provider;
  provider.tokenStatus = "503 Service Unavailable";
  ProviderBench bench(provider.server);
  bench.call(3);
  CHECK(provider.tokens() == 1);
  provider.tokenStatus = "200 OK";
  CHECK(done(bench.call().front()));
  CHECK(provider.tokens() == 2);
}

TEST_CASE("Other credentials of an account get another token") {
  Provider provider;
  ProviderBench bench(provider.server);
  bench.call();
  CHECK(done(bench.call(1, "sk_other").front()));
  CHECK(provider.tokens() == 2);
  CHECK(provider.requestsTo("/v1/payments").back().find("token-2") != std::string::npos);
}

TEST_CASE("A missing client secret is named and nothing is sent") {
  Provider provider;
  ProviderBench bench(provider.server);
  const CallResult result = bench.call(1, "").front();
  CHECK(result.error.category == "unauthorized");
  CHECK(result.error.providerMessage == "credential \"secret_key\" is not stored");
  CHECK(provider.server.requests().empty());
}

}  // namespace unigate::gateway
