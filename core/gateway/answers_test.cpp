#include <catch2/catch.hpp>

#include "gateway/endpoint_book.hpp"
#include "gateway/operation_run.hpp"
#include "gateway/redact.hpp"
#include "gateway/replies.hpp"

namespace unigate::gateway {
namespace {

plugin_host::Manifest acme() {
  plugin_host::Manifest manifest;
  manifest.id = "acme";
  manifest.endpoints = {{"api", "https://api.acme.example", "https://test.acme.example/v2"}};
  manifest.egressHosts = {"api.acme.example", "test.acme.example"};
  return manifest;
}

EndpointBook bookWith(const std::string& url, bool loopbackHttp) {
  return EndpointBook({{"acme", {{"test", {{"api", url}}}}}}, loopbackHttp);
}

TEST_CASE("Endpoints come from the manifest, by environment") {
  const EndpointBook book({}, false);
  CHECK(book.baseUrl(acme(), "live", "api").value() == "https://api.acme.example");
  CHECK(book.baseUrl(acme(), "test", "api").value() == "https://test.acme.example/v2");
  CHECK_FALSE(book.baseUrl(acme(), "test", "other").has_value());
}

TEST_CASE("An endpoint outside the egress list gets no credentials") {
  plugin_host::Manifest manifest = acme();
  manifest.egressHosts = {"elsewhere.example"};
  CHECK_FALSE(EndpointBook({}, false).baseUrl(manifest, "live", "api").has_value());
}

TEST_CASE("Plain http goes to loopback alone, and only where the operator allows it") {
  CHECK(bookWith("http://127.0.0.1:12111/", true).baseUrl(acme(), "test", "api").value() ==
        "http://127.0.0.1:12111");
  CHECK(bookWith("http://[::1]:1", true).baseUrl(acme(), "test", "api").has_value());
  CHECK_FALSE(bookWith("http://127.0.0.1:12111", false).baseUrl(acme(), "test", "api").has_value());
  for (const char* url : {"http://10.0.0.1", "http://127.0.0.1.evil.example",
                          "http://user@127.0.0.1", "ftp://x", "x"}) {
    INFO(url);
    CHECK_FALSE(bookWith(url, true).baseUrl(acme(), "test", "api").has_value());
  }
}

TEST_CASE("An override for an endpoint that the plugin has not is named") {
  const EndpointBook book({{"acme", {{"test", {{"apu", "https://x.example"}}}}}}, false);
  CHECK(book.findFault(acme()).find("providers.acme.endpoints.test.apu") == 0);
}

CallResult refused(std::string category, engine::Verdict verdict) {
  CallResult result;
  result.error.category = std::move(category);
  result.outcome.verdict = verdict;
  return result;
}

std::string memberOf(const base::Problem& problem, const std::string& name) {
  for (const auto& [key, text] : problem.members) {
    if (key == name) return text;
  }
  return {};
}

TEST_CASE("A decline is a 402 with the issuer's reason") {
  CallResult result = refused("card_declined", engine::Verdict::declined);
  result.error.declineCode = "lost_card";
  const base::Problem problem = problemFor(result, "acme", "txn_1", false);
  CHECK(problem.status == 402);
  CHECK_FALSE(problem.retryable);
  CHECK(memberOf(problem, "decline_code") == "\"lost_card\"");
  CHECK(memberOf(problem, "outcome") == "\"declined\"");
}

TEST_CASE("A provider that can't be reached is a retryable 503 that says nothing was executed") {
  CallResult result = refused("provider_unavailable", engine::Verdict::notExecuted);
  result.trouble = Trouble::notSent;
  result.outcome.retrySameKey = true;
  const base::Problem problem = problemFor(result, "acme", "txn_1", false);
  CHECK(problem.status == 503);
  CHECK(problem.retryable);
  CHECK(memberOf(problem, "outcome") == "\"not_executed\"");
}

TEST_CASE("A read without an answer is a 504, never a guess") {
  CallResult result = refused("unknown_outcome", engine::Verdict::unknown);
  result.trouble = Trouble::noAnswer;
  CHECK(problemFor(result, "acme", "", true).status == 504);
}

TEST_CASE("No category of the plugin interface is told as success, nor as our own fault") {
  for (const char* category : {"unspecified",
                               "card_declined",
                               "insufficient_funds",
                               "authentication_required",
                               "expired_card",
                               "incorrect_card_data",
                               "fraud_suspected",
                               "invalid_request",
                               "invalid_state",
                               "not_found",
                               "unauthorized",
                               "permission_denied",
                               "rate_limited",
                               "idempotency_conflict",
                               "provider_unavailable",
                               "unknown_outcome",
                               "not_supported",
                               "limit_exceeded",
                               "duplicate",
                               "bad_response",
                               "provider_error",
                               "from_the_future"}) {
    INFO(category);
    const int status =
        problemFor(refused(category, engine::Verdict::declined), "acme", "", false).status;
    CHECK(status >= 400);
    CHECK(status != 500);
  }
}

TEST_CASE("A card number in a provider's message is masked") {
  CallResult result = refused("invalid_request", engine::Verdict::declined);
  result.error.providerMessage = "bad card 4242424242424242";
  CHECK(memberOf(problemFor(result, "acme", "", false), "provider_message")
            .find("4242424242424242") == std::string::npos);
}

TEST_CASE("raw hides secrets and card numbers at every depth and keeps the rest") {
  const std::string raw = redactRaw(
      R"({"id":"p1","client_secret":"s3cr3t","a":[{"access_token":"t0k","n":"4242 4242 4242 4242","x":1}]})");
  CHECK(raw.find("s3cr3t") == std::string::npos);
  CHECK(raw.find("t0k") == std::string::npos);
  CHECK(raw.find("4242 4242 4242 4242") == std::string::npos);
  CHECK(raw.find("\"id\":\"p1\"") != std::string::npos);
  CHECK(raw.find("\"x\":1") != std::string::npos);
  CHECK(redactRaw("<html>") == "null");
}

store::OperationRecord stored(std::string fingerprint, std::int64_t status) {
  store::OperationRecord row;
  row.id = "txn_1";
  row.fingerprint = std::move(fingerprint);
  row.responseStatus = status;
  row.responseBody = "{\"a\":1}";
  return row;
}

TEST_CASE("A used key replays the stored bytes for the same request and refuses another") {
  const auto same = answerExisting(stored("f", 201), "f");
  REQUIRE(same.has_value());
  CHECK(same->replayed);
  CHECK(same->status == 201);
  CHECK(same->body == "{\"a\":1}");
  CHECK(answerExisting(stored("f", 201), "g").error().status == 422);
}

TEST_CASE("A key whose request is under way is a 409 that says when to ask again") {
  const auto busy = answerExisting(stored("f", 0), "f");
  REQUIRE_FALSE(busy.has_value());
  CHECK(busy.error().status == 409);
  CHECK(busy.error().retryAfterSeconds > 0);
}

}  // namespace
}  // namespace unigate::gateway
