// Answers that are broken, mutilated or made up: never a success, never a claim that nothing
// happened.
#include "support.hpp"

using namespace paypal_test;
using unigate::testing::transcriptsIn;
using unigate::testing::yamlFileToJson;

namespace {

constexpr const char* kInput =
    R"({"amount":1099,"currency":"EUR","capture_method":"automatic","confirm":false,)"
    R"("reference":"r","metadata":{},"operation_id":"o"})";

constexpr const char* kOrder =
    R"({"id":"5O190127TN364715T","intent":"CAPTURE","status":"COMPLETED","purchase_units":)"
    R"([{"amount":{"currency_code":"EUR","value":"10.99"},"payments":{"captures":[)"
    R"({"id":"2GG","status":"COMPLETED","amount":{"currency_code":"EUR","value":"10.99"}}]}}]})";

SeenStep answered(std::uint32_t status, const std::string& body, const BeginOptions& options = {}) {
  Driver driver(plugin());
  REQUIRE(driver.begin("payments.create", kInput, options).kind == UG_STEP_HTTP);
  return driver.respond(status, body);
}

std::string changed(std::string_view from, std::string_view to) {
  std::string text = kOrder;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// The body of an answer as the transcript gives it: a map is sent as JSON.
std::string bodyOf(json::View body) {
  return body.isString() ? std::string(body.stringOr("")) : json::toText(body);
}

// The transcripts of first attempts that end with a result and send something.
std::vector<json::Document> successes() {
  std::vector<json::Document> found;
  for (const std::string& path : transcriptsIn(sourcePath("plugins/paypal/transcripts"))) {
    json::Document transcript = parsed(yamlFileToJson(path));
    if (transcript["result"].exists() && !transcript["recovering"].exists() &&
        transcript["exchange"].size() > 0) {
      found.push_back(std::move(transcript));
    }
  }
  return found;
}

// Plays all answers but the last, which is `last` instead.
SeenStep endedBy(Driver& driver, json::View transcript, std::uint32_t status,
                 const std::string& last) {
  BeginOptions options;
  options.idempotencyKey = transcript["idempotency_key"].stringOr("");
  SeenStep step = driver.begin(transcript["operation"].stringOr(""),
                               json::toText(transcript["input"]), options);
  const auto exchange = transcript["exchange"].items();
  for (std::size_t i = 0; i + 1 < exchange.size(); ++i) {
    REQUIRE(step.kind == UG_STEP_HTTP);
    step = driver.respond(static_cast<std::uint32_t>(exchange[i]["response"]["status"].int64Or(0)),
                          bodyOf(exchange[i]["response"]["body"]));
  }
  REQUIRE(step.kind == UG_STEP_HTTP);
  return driver.respond(status, last);
}

}  // namespace

TEST_CASE("An answer cut off at any byte leaves the outcome unknown") {
  REQUIRE(answered(201, kOrder).kind == UG_STEP_DONE);
  const std::string whole = kOrder;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const SeenStep step = answered(201, whole.substr(0, length));
    INFO(length);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    CHECK(step.error.category == UG_CATEGORY_BAD_RESPONSE);
  }
}

TEST_CASE("An answer with a wrong value leaves the outcome unknown") {
  const std::pair<const char*, const char*> changes[] = {
      {"\"10.99\"", "\"10.98\""},
      {"\"10.99\"", "10.99"},
      {"\"10.99\"", "\"1.099e1\""},
      {"\"10.99\"", "\"-10.99\""},
      {"\"10.99\"", "\"10.990001\""},
      {"\"10.99\"", "\"99999999999999999999\""},
      {"\"10.99\"", "null"},
      {"\"EUR\"", "\"USD\""},
      {"\"EUR\"", "\"euros\""},
      {"\"EUR\"", "5"},
      {"\"id\":\"5O190127TN364715T\"", "\"id\":\"\""},
      {"\"id\":\"5O190127TN364715T\"", "\"id\":5"},
      {"\"id\":\"2GG\"", "\"id\":null"},
      {"\"intent\":\"CAPTURE\"", "\"intent\":\"AUTHORIZE\""},
      {"\"status\":\"COMPLETED\"", "\"status\":true"},
      {"\"status\":\"COMPLETED\"", "\"state\":\"COMPLETED\""},
      {"\"purchase_units\"", "\"units\""},
  };
  for (const auto& [from, to] : changes) {
    const SeenStep step = answered(201, changed(from, to));
    INFO(to);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A status word of tomorrow is processing, of the order as of a capture") {
  for (const char* word : {"", "Completed", "COMPLETED ", "PAID", "SETTLING"}) {
    for (const char* place :
         {"\"status\":\"COMPLETED\",\"purchase", "\"status\":\"COMPLETED\",\"am"}) {
      std::string to = place;
      to.replace(to.find("COMPLETED"), 9, word);
      const SeenStep step = answered(201, changed(place, to));
      INFO(to);
      if (step.kind == UG_STEP_DONE) {
        CHECK(parsed(step.resultJson)["status"].stringOr("") == "processing");
      } else {
        CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
      }
    }
  }
}

TEST_CASE("No status code with a body that is not PayPal's makes a success or a decline") {
  const std::string bodies[] = {"",
                                "{}",
                                "[]",
                                "null",
                                "<html></html>",
                                R"({"name":null})",
                                R"({"name":5,"details":5})",
                                R"({"details":[{"issue":5}]})",
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
    CHECK(answered(status, kOrder).kind == UG_STEP_FAIL);
  }
}

TEST_CASE("While recovering, no refusal says that nothing happened") {
  BeginOptions resend;
  resend.recovering = UG_RECOVERING_RESEND;
  resend.attempt = 2;
  BeginOptions query = resend;
  query.recovering = UG_RECOVERING_QUERY;
  const std::string body = R"({"name":"RATE_LIMIT_REACHED","message":"m"})";
  std::string input = kInput;
  input.insert(1, R"("operation_created_unix_s":1784900000,)");
  Driver driver(plugin());
  for (std::uint32_t status = 100; status < 600; ++status) {
    INFO(status);
    const SeenStep step = answered(status, body, resend);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome != UG_OUTCOME_NOT_EXECUTED);
    const SeenStep asked = driver.begin("payments.create", input, query);
    REQUIRE(asked.request.method == "GET");
    CHECK(driver.respond(status, body).error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A query that runs out of steps does not claim that nothing happened") {
  BeginOptions query;
  query.recovering = UG_RECOVERING_QUERY;
  std::string input = kInput;
  input.insert(1, R"("operation_created_unix_s":1784900000,)");
  Driver driver(plugin());
  SeenStep step = driver.begin("payments.create", input, query);
  int pages = 0;
  while (step.kind == UG_STEP_HTTP) {
    REQUIRE(++pages < 100);
    step = driver.respond(200, R"({"transaction_details":[],"total_pages":1000})");
  }
  CHECK(pages > 2);
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
}

TEST_CASE("No operation takes a foreign, empty or broken last answer for a success") {
  const std::string bodies[] = {"",
                                "{}",
                                "[]",
                                "null",
                                "\"text\"",
                                "<html></html>",
                                R"({"id":""})",
                                R"({"id":[]})",
                                std::string(200'000, ' ')};
  Driver driver(plugin());
  for (const json::Document& transcript : successes()) {
    const auto exchange = transcript["exchange"].items();
    // An answer that is empty by design says nothing that could be broken.
    if (exchange.back()["response"]["status"].int64Or(0) == 204) continue;
    for (const std::string& body : bodies) {
      const SeenStep step = endedBy(driver, transcript.root(), 200, body);
      INFO(transcript["name"].stringOr("") << " " << body.substr(0, 30));
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    }
  }
}

TEST_CASE("Every operation bears its last answer cut off anywhere") {
  Driver driver(plugin());
  for (const json::Document& transcript : successes()) {
    const std::string whole = bodyOf(transcript["exchange"].items().back()["response"]["body"]);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 12);
    for (std::size_t length = 1; length < whole.size(); length += step) {
      const SeenStep seen = endedBy(driver, transcript.root(), 200, whole.substr(0, length));
      INFO(transcript["name"].stringOr("") << " " << length);
      REQUIRE(seen.kind == UG_STEP_FAIL);
      CHECK(seen.error.outcome == UG_OUTCOME_UNKNOWN);
    }
  }
}

TEST_CASE("A hostile id never leaves its place in the path") {
  Driver driver(plugin());
  for (const char* id :
       {"..", "../captures", "A/capture", "A?x=1", "A#", "A B", "%2e%2e", "A\\n", "."}) {
    const std::string given = std::string(R"("provider_id":")") + id + "\"";
    for (const char* operation :
         {"payments.get", "payments.confirm", "payments.cancel", "refunds.get", "products.get",
          "plans.get", "subscriptions.get", "subscriptions.cancel", "invoices.get", "payouts.get",
          "payouts.cancel", "disputes.get", "disputes.accept", "accounts.get", "setup_intents.get",
          "payment_links.get", "payment_methods.detach", "webhook_endpoints.delete"}) {
      const SeenStep step = driver.begin(operation, "{" + given + "}");
      INFO(operation << " " << id);
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.field == "provider_id");
      CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
    }
  }
}

TEST_CASE("An id within an answer that would leave its place is not followed") {
  Driver driver(plugin());
  std::string order = kOrder;
  order.replace(order.find("\"id\":\"2GG\""), 10, R"("id":"../x")");
  REQUIRE(driver
              .begin("refunds.create",
                     R"({"payment_provider_id":"5O190127TN364715T","currency":"EUR",)"
                     R"("metadata":{},"operation_id":"o"})")
              .kind == UG_STEP_HTTP);
  const SeenStep step = driver.respond(200, order);
  REQUIRE(step.kind == UG_STEP_FAIL);
}

TEST_CASE("A boundary never stands within the part that it bounds") {
  Driver driver(plugin());
  const SeenStep step = driver.begin(
      "disputes.accept",
      R"({"provider_id":"PP-1","reason":"--unigate-form-data-- unigate-form-data-x"})");
  REQUIRE(step.kind == UG_STEP_HTTP);
  const std::string type = step.request.header("Content-Type").value_or("");
  const std::string boundary = "\r\n--" + type.substr(type.find('=') + 1);
  // Once, at the end: the first one has nothing before it.
  CHECK(step.request.body.find(boundary) == step.request.body.rfind(boundary));
  CHECK(step.request.body.rfind("--" + type.substr(type.find('=') + 1) + "\r\n", 0) == 0);
}
