// Answers that are broken, mutilated or made up: never a success, never a claim that nothing
// happened.
#include <set>

#include "support.hpp"

using namespace stripe_test;

namespace {

constexpr const char* kInput =
    R"({"amount":1099,"currency":"EUR","capture_method":"automatic","confirm":true,)"
    R"("payment_method":"pm_card_visa","reference":"r","metadata":{},"operation_id":"o"})";

constexpr const char* kPaid =
    R"({"id":"pi_1","object":"payment_intent","amount":1099,"amount_received":1099,)"
    R"("capture_method":"automatic","created":1785000000,"currency":"eur","livemode":false,)"
    R"("metadata":{},"status":"succeeded"})";

SeenStep answered(std::uint32_t status, const std::string& body, const BeginOptions& options = {}) {
  Driver driver(plugin());
  REQUIRE(driver.begin("payments.create", kInput, options).kind == UG_STEP_HTTP);
  return driver.respond(status, body);
}

std::string changed(std::string_view from, std::string_view to) {
  std::string text = kPaid;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("An answer cut off at any byte leaves the outcome unknown") {
  REQUIRE(answered(200, kPaid).kind == UG_STEP_DONE);
  const std::string whole = kPaid;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const SeenStep step = answered(200, whole.substr(0, length));
    INFO(length);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    CHECK(step.error.category == UG_CATEGORY_BAD_RESPONSE);
  }
}

TEST_CASE("An answer with a wrong value leaves the outcome unknown") {
  const std::pair<const char*, const char*> changes[] = {
      {"\"amount\":1099", "\"amount\":1098"},
      {"\"amount\":1099", "\"amount\":10.99"},
      {"\"amount\":1099", "\"amount\":1.099e3"},
      {"\"amount\":1099", "\"amount\":\"1099\""},
      {"\"amount\":1099", "\"amount\":-1099"},
      {"\"amount\":1099", "\"amount\":99999999999999999999"},
      {"\"amount\":1099", "\"amount\":1099,\"amount\":1"},
      {"\"amount_received\":1099", "\"amount_received\":null"},
      {"\"amount_received\":1099", "\"amount_received\":-5"},
      {"\"currency\":\"eur\"", "\"currency\":\"usd\""},
      {"\"currency\":\"eur\"", "\"currency\":\"euros\""},
      {"\"currency\":\"eur\"", "\"currency\":null"},
      {"\"id\":\"pi_1\"", "\"id\":\"\""},
      {"\"id\":\"pi_1\"", "\"id\":5"},
      {"\"object\":\"payment_intent\"", "\"object\":\"charge\""},
      {"\"status\":\"succeeded\"", "\"status\":true"},
      {"\"status\":\"succeeded\"", "\"state\":\"succeeded\""},
  };
  for (const auto& [from, to] : changes) {
    const SeenStep step = answered(200, changed(from, to));
    INFO(to);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A status word of tomorrow is processing") {
  for (const char* word : {"", "Succeeded", "succeeded ", "paid", "settling"}) {
    const SeenStep step = answered(200, changed("\"succeeded\"", "\"" + std::string(word) + "\""));
    REQUIRE(step.kind == UG_STEP_DONE);
    CHECK(parsed(step.resultJson)["status"].stringOr("") == "processing");
  }
}

TEST_CASE("No status code with a body that is not Stripe's makes a success or a decline") {
  const std::string bodies[] = {"",
                                "{}",
                                "[]",
                                "null",
                                "<html></html>",
                                "{\"error\":null}",
                                "{\"error\":\"no\"}",
                                "{\"error\":{}}",
                                "{\"error\":{\"type\":5}}",
                                std::string(3, '\0'),
                                std::string(5000, '[')};
  for (std::uint32_t status = 100; status < 600; ++status) {
    for (const std::string& body : bodies) {
      const SeenStep step = answered(status, body);
      INFO(status << " " << body.substr(0, 40));
      REQUIRE(step.kind == UG_STEP_FAIL);
      const bool neverReached = status == 401 || status == 429;
      CHECK(step.error.outcome == (neverReached ? UG_OUTCOME_NOT_EXECUTED : UG_OUTCOME_UNKNOWN));
    }
  }
}

TEST_CASE("A paid body under a status that is not 2xx is no success") {
  for (const std::uint32_t status : {100u, 199u, 300u, 302u, 400u, 402u, 409u, 500u, 503u}) {
    CHECK(answered(status, kPaid).kind == UG_STEP_FAIL);
  }
}

TEST_CASE("While recovering, only a finished query may say that nothing happened") {
  BeginOptions resend;
  resend.recovering = UG_RECOVERING_RESEND;
  resend.attempt = 2;
  for (std::uint32_t status = 100; status < 600; ++status) {
    const SeenStep step = answered(
        status, R"({"error":{"type":"invalid_request_error","code":"rate_limit"}})", resend);
    INFO(status);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome != UG_OUTCOME_NOT_EXECUTED);
  }
  BeginOptions query = resend;
  query.recovering = UG_RECOVERING_QUERY;
  Driver driver(plugin());
  for (std::uint32_t status = 100; status < 600; ++status) {
    SeenStep step = driver.begin("payments.create", kInput, query);
    REQUIRE(step.request.method == "GET");
    step = driver.respond(status,
                          R"({"error":{"type":"invalid_request_error","message":"m","code":"x"}})");
    INFO(status);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A query that runs out of steps does not claim that nothing happened") {
  BeginOptions query;
  query.recovering = UG_RECOVERING_QUERY;
  Driver driver(plugin());
  SeenStep step = driver.begin("payments.create", kInput, query);
  int pages = 0;
  while (step.kind == UG_STEP_HTTP) {
    ++pages;
    REQUIRE(pages < 100);
    step = driver.respond(200, R"({"object":"list","has_more":true,"data":[{"id":"pi_)" +
                                   std::to_string(pages) + R"(","metadata":{}}]})");
  }
  CHECK(pages == 15);
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
}

TEST_CASE("A hostile id never leaves its place in the path") {
  Driver driver(plugin());
  for (const char* id : {"..", "../customers", "pi_1/capture", "pi_1?x=1", "pi_1#", "pi 1",
                         "%2e%2e", "pi_1\\n", "."}) {
    const SeenStep step =
        driver.begin("payments.get", std::string(R"({"provider_id":")") + id + R"("})");
    INFO(id);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.field == "provider_id");
    CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
  }
}

// Each operation of several requests, cut off after every one of them: the attempt that follows
// sends the same bytes under the same keys, so that Stripe does each part once.
TEST_CASE("An operation that died between its requests repeats them byte for byte") {
  std::size_t several = 0;
  for (const std::string& path :
       unigate::testing::transcriptsIn(sourcePath("plugins/stripe/transcripts"))) {
    const json::Document transcript = parsed(unigate::testing::yamlFileToJson(path));
    const auto exchange = transcript["exchange"].items();
    if (exchange.size() < 2 || transcript["recovering"].exists()) continue;
    INFO(path);
    BeginOptions options;
    options.idempotencyKey = std::string(transcript["idempotency_key"].stringOr(""));
    const std::string operation(transcript["operation"].stringOr(""));
    const std::string input = json::toText(transcript["input"]);
    std::vector<std::string> sent;
    for (const std::uint32_t recovering : {UG_RECOVERING_NO, UG_RECOVERING_RESEND}) {
      options.recovering = recovering;
      options.attempt = recovering == UG_RECOVERING_NO ? 1 : 2;
      options.nowUnixMs += 3'600'000;  // an attempt after an hour
      Driver driver(plugin());
      SeenStep step = driver.begin(operation, input, options);
      for (std::size_t i = 0; i < exchange.size() && step.kind == UG_STEP_HTTP; ++i) {
        const auto& request = step.request;
        const std::string text = request.method + " " + request.path + "?" + request.query + " " +
                                 request.header("Idempotency-Key").value_or("") + " " +
                                 request.body;
        if (recovering == UG_RECOVERING_NO) {
          sent.push_back(text);
        } else {
          CHECK(sent.at(i) == text);
        }
        if (exchange[i]["failed"].exists()) break;
        const json::View body = exchange[i]["response"]["body"];
        step =
            driver.respond(static_cast<std::uint32_t>(exchange[i]["response"]["status"].int64Or(0)),
                           json::toText(body));
      }
    }
    ++several;
  }
  CHECK(several > 20);
}

TEST_CASE("No two writes of one operation share a key") {
  std::size_t pairs = 0;
  for (const std::string& path :
       unigate::testing::transcriptsIn(sourcePath("plugins/stripe/transcripts"))) {
    const json::Document transcript = parsed(unigate::testing::yamlFileToJson(path));
    std::set<std::string> keys;
    std::size_t writes = 0;
    for (const json::View exchange : transcript["exchange"].items()) {
      if (exchange["request"]["method"].stringOr("") != "POST") continue;
      ++writes;
      const std::string key(exchange["request"]["headers"]["Idempotency-Key"].stringOr(""));
      CHECK(key.size() <= 36);
      keys.insert(key);
    }
    INFO(path);
    CHECK(keys.size() == writes);
    pairs += writes > 1 ? 1 : 0;
  }
  CHECK(pairs > 5);
}
