// Answers that are broken, mutilated or made up: never a success, never a claim that nothing
// happened.
#include "support.hpp"
#include "twiml.hpp"

using namespace twilio_test;

namespace {

constexpr const char* kSettings =
    R"({"account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","from_number":"+14155550100",)"
    R"("verify_service_sid":"VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";

constexpr const char* kSend = R"({"to":"+14155552345","body":"Hello","operation_id":"o"})";

constexpr const char* kSent =
    R"({"sid":"SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":"queued","to":"+14155552345",)"
    R"("from":"+14155550100","body":"Hello","direction":"outbound-api","num_segments":"1",)"
    R"("num_media":"0","price":null,"price_unit":"USD","error_code":null,)"
    R"("date_created":"Thu, 30 Jul 2015 20:12:31 +0000"})";

SeenStep answered(std::uint32_t status, const std::string& body, const BeginOptions& options = {}) {
  Driver driver(plugin(), kSettings);
  REQUIRE(driver.begin("messages.create", kSend, options).kind == UG_STEP_HTTP);
  return driver.respond(status, body);
}

std::string changed(std::string_view from, std::string_view to) {
  std::string text = kSent;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("An answer cut off at any byte leaves the outcome unknown") {
  REQUIRE(answered(201, kSent).kind == UG_STEP_DONE);
  const std::string whole = kSent;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const SeenStep step = answered(201, whole.substr(0, length));
    INFO(length);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    CHECK(step.error.category == UG_CATEGORY_BAD_RESPONSE);
  }
}

TEST_CASE("An answer without the id of a message leaves the outcome unknown") {
  for (const char* sid : {"null", "\"\"", "5", "\"SM\"", "\"CAaaaa\"", "\"SM/../x\"", "[]"}) {
    const SeenStep step = answered(201, changed("\"SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", sid));
    INFO(sid);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A status word of tomorrow is processing") {
  for (const char* word : {"", "Delivered", "delivered ", "teleported"}) {
    const SeenStep step = answered(201, changed("\"queued\"", "\"" + std::string(word) + "\""));
    REQUIRE(step.kind == UG_STEP_DONE);
    CHECK(parsed(step.resultJson)["status"].stringOr("") == "processing");
  }
  for (const char* value : {"null", "true", "7", "{}"}) {
    const SeenStep step = answered(201, changed("\"queued\"", value));
    REQUIRE(step.kind == UG_STEP_DONE);
    CHECK(parsed(step.resultJson)["status"].stringOr("") == "processing");
  }
}

TEST_CASE("Nothing is invented for a member of the wrong type") {
  const auto resultOf = [](std::string_view from, std::string_view to) {
    const SeenStep step = answered(201, changed(from, to));
    INFO(to);
    REQUIRE(step.kind == UG_STEP_DONE);
    return step.resultJson;
  };
  for (const char* count :
       {"1", "null", "\"-1\"", "\"1.5\"", "\"x\"", "\"99999999999999999999\""}) {
    const std::string made =
        resultOf("\"num_segments\":\"1\"", std::string("\"num_segments\":") + count);
    CHECK_FALSE(parsed(made)["segments"].exists());
  }
  for (const char* price :
       {"\"\"", "\"-\"", "\"abc\"", "-0.0075", "\"1e3\"", "\"--1\"", "\"-1.\""}) {
    const std::string made = resultOf("\"price\":null", std::string("\"price\":") + price);
    CHECK_FALSE(parsed(made)["cost"].exists());
  }
  CHECK(
      parsed(resultOf("Thu, 30 Jul 2015 20:12:31 +0000", "yesterday"))["created_unix_s"].int64() ==
      0);
  CHECK_FALSE(parsed(resultOf("\"outbound-api\"", "\"sideways\""))["direction"].exists());
}

TEST_CASE("No status code with a body that is not Twilio's makes a success or a decline") {
  const std::string bodies[] = {"",
                                "{}",
                                "[]",
                                "null",
                                "<html></html>",
                                "{\"code\":null}",
                                "{\"code\":\"21211\"}",
                                "{\"code\":-1}",
                                "{\"code\":21211.5}",
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

TEST_CASE("A good body under a status that is not 2xx is no success") {
  for (const std::uint32_t status : {100u, 199u, 300u, 302u, 400u, 404u, 409u, 500u, 503u}) {
    CHECK(answered(status, kSent).kind == UG_STEP_FAIL);
  }
}

TEST_CASE("A refusal with a code under a status of 5xx still leaves the outcome unknown") {
  const SeenStep step = answered(500, R"({"code":21211,"message":"m","status":500})");
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  CHECK(step.error.providerCode == "21211");
}

TEST_CASE("Ids that would reach another resource are refused before anything is sent") {
  const std::pair<const char*, const char*> reads[] = {
      {"messages.get", "SM"}, {"messages.cancel", "MM"},   {"calls.get", "CA"},
      {"calls.hangup", "CA"}, {"verifications.get", "VE"}, {"webhook_endpoints.delete", "PN"}};
  for (const auto& [operation, prefix] : reads) {
    for (const char* tail : {"", "/..", "?x", "%2e%2e", " a", ".json", "\u00e9"}) {
      Driver driver(plugin(), kSettings);
      const SeenStep step = driver.begin(operation, "{\"provider_id\":\"" + std::string(prefix) +
                                                        tail + "\",\"operation_id\":\"o\"}");
      INFO(operation << " " << tail);
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
      CHECK(step.error.field == "provider_id");
    }
  }
}

TEST_CASE("Cursors that are no query of a page are refused before anything is sent") {
  for (const char* cursor :
       {"x", "a=1#b", "a=1?b", "a=%zz", "a=%2", "a=b c", "a=\\u0001", "a=<b>"}) {
    Driver driver(plugin(), kSettings);
    const SeenStep step = driver.begin(
        "messages.list", "{\"limit\":10,\"starting_after\":\"" + std::string(cursor) + "\"}");
    INFO(cursor);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.field == "starting_after");
  }
}

TEST_CASE("Bad settings of the account are named and reach no path") {
  for (const char* sid : {"", "AC", "AC/../x", "SMaaaa", "AC a"}) {
    Driver driver(plugin(), "{\"account_sid\":\"" + std::string(sid) + "\"}");
    const SeenStep step = driver.begin("balance.get", "{}");
    INFO(sid);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.field == "account_sid");
  }
}

TEST_CASE("While recovering nothing is sent, whatever Twilio answers") {
  BeginOptions query;
  query.recovering = UG_RECOVERING_QUERY;
  query.attempt = 2;
  for (const auto& [operation, input] :
       {std::pair{"messages.create",
                  R"({"to":"+1","body":"b","operation_id":"o","operation_created_unix_s":1})"},
        {"calls.create",
         R"({"to":"+1","say":"b","operation_id":"o","operation_created_unix_s":1})"},
        {"messages.cancel", R"({"provider_id":"SM1","operation_id":"o"})"},
        {"calls.hangup", R"({"provider_id":"CA1","operation_id":"o"})"},
        {"verifications.check", R"({"provider_id":"VE1","code":"1"})"},
        {"webhook_endpoints.delete", R"({"provider_id":"PN1","operation_id":"o"})"}}) {
    for (const std::uint32_t status : {200u, 400u, 404u, 429u, 500u}) {
      Driver driver(plugin(), kSettings);
      SeenStep step = driver.begin(operation, input, query);
      INFO(operation << " " << status);
      REQUIRE(step.kind == UG_STEP_HTTP);
      CHECK(step.request.method == "GET");
      step = driver.respond(status, R"({"code":20001,"message":"m","status":1})");
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    }
  }
}

TEST_CASE("Without the time of the operation nothing is looked for, and nothing is claimed") {
  BeginOptions query;
  query.recovering = UG_RECOVERING_QUERY;
  Driver driver(plugin(), kSettings);
  const SeenStep step = driver.begin("messages.create", kSend, query);
  REQUIRE(step.kind == UG_STEP_FAIL);
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
}

TEST_CASE("What is said on the telephone can't break out of its document") {
  CHECK(twilio::sayDocument("</Say><Dial>+1</Dial>&amp;", {}, {}) ==
        "<Response><Say>&lt;/Say&gt;&lt;Dial&gt;+1&lt;/Dial&gt;&amp;amp;</Say></Response>");
  CHECK(twilio::sayDocument("a", "x\" y=\"z", "en\n<") ==
        "<Response><Say voice=\"x&quot; y=&quot;z\" language=\"en\n&lt;\">a</Say></Response>");
  CHECK(twilio::sayDocument(std::string("a\0b\x01\x1F\tc", 7), {}, {}) ==
        "<Response><Say>ab\tc</Say></Response>");
}
