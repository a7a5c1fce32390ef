// Answers that are broken, mutilated or made up: never a success, never a claim that nothing
// happened.
#include "support.hpp"

using namespace razorpay_test;

namespace {

constexpr const char* kInput =
    R"({"amount":50000,"currency":"INR","capture_method":"automatic","confirm":false,)"
    R"("reference":"r","metadata":{},"operation_id":"txn_1"})";
constexpr const char* kOrder =
    R"({"id":"order_1","entity":"order","amount":50000,"amount_paid":50000,"amount_due":0,)"
    R"("currency":"INR","receipt":"txn_1","status":"paid","attempts":1,)"
    R"("notes":{"unigate_operation":"txn_1"},"created_at":1785000000})";
constexpr const char* kGet = R"({"provider_id":"order_1"})";
constexpr const char* kPayment =
    R"({"id":"pay_1","entity":"payment","amount":50000,"currency":"INR","status":"captured",)"
    R"("order_id":"order_1","amount_refunded":0,"captured":true,"created_at":1785000000})";

std::string list(const std::string& item) {
  return R"({"entity":"collection","count":1,"items":[)" + item + "]}";
}

SeenStep created(std::uint32_t status, const std::string& body, const BeginOptions& options = {}) {
  Driver driver(plugin());
  REQUIRE(driver.begin("payments.create", kInput, options).kind == UG_STEP_HTTP);
  return driver.respond(status, body);
}

SeenStep got(const std::string& order, const std::string& payments) {
  Driver driver(plugin());
  REQUIRE(driver.begin("payments.get", kGet).kind == UG_STEP_HTTP);
  const SeenStep step = driver.respond(200, order);
  return step.kind == UG_STEP_HTTP ? driver.respond(200, payments) : step;
}

std::string changed(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("An answer cut off at any byte leaves the outcome unknown") {
  REQUIRE(created(200, kOrder).kind == UG_STEP_DONE);
  const std::string whole = kOrder;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const SeenStep step = created(200, whole.substr(0, length));
    INFO(length);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    CHECK(step.error.category == UG_CATEGORY_BAD_RESPONSE);
  }
}

TEST_CASE("A created order with a wrong value leaves the outcome unknown") {
  const std::pair<const char*, const char*> changes[] = {
      {"\"amount\":50000", "\"amount\":49999"},
      {"\"amount\":50000", "\"amount\":500.00"},
      {"\"amount\":50000", "\"amount\":5e4"},
      {"\"amount\":50000", "\"amount\":\"50000\""},
      {"\"amount\":50000", "\"amount\":-50000"},
      {"\"amount\":50000", "\"amount\":99999999999999999999"},
      {"\"amount\":50000", "\"amount\":50000,\"amount\":1"},
      {"\"amount_paid\":50000", "\"amount_paid\":null"},
      {"\"amount_paid\":50000", "\"amount_paid\":-5"},
      {"\"currency\":\"INR\"", "\"currency\":\"USD\""},
      {"\"currency\":\"INR\"", "\"currency\":\"rupees\""},
      {"\"currency\":\"INR\"", "\"currency\":null"},
      {"\"id\":\"order_1\"", "\"id\":\"\""},
      {"\"id\":\"order_1\"", "\"id\":5"},
      {"\"entity\":\"order\"", "\"entity\":\"payment\""},
      {"\"status\":\"paid\"", "\"status\":true"},
      {"\"status\":\"paid\"", "\"state\":\"paid\""},
  };
  for (const auto& [from, to] : changes) {
    const SeenStep step = created(200, changed(kOrder, from, to));
    INFO(to);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A payment with a wrong value is not understood") {
  REQUIRE(got(kOrder, list(kPayment)).kind == UG_STEP_DONE);
  const std::pair<const char*, const char*> changes[] = {
      {"\"amount\":50000", "\"amount\":\"50000\""},
      {"\"amount\":50000", "\"amount\":-1"},
      {"\"amount\":50000", "\"amount\":1.5"},
      {"\"amount_refunded\":0", "\"amount_refunded\":50001"},
      {"\"amount_refunded\":0", "\"amount_refunded\":-1"},
      {"\"amount_refunded\":0", "\"amount_refunded\":\"0\""},
      {"\"currency\":\"INR\"", "\"currency\":\"USD\""},
      {"\"order_id\":\"order_1\"", "\"order_id\":\"order_2\""},
      {"\"status\":\"captured\"", "\"status\":null"},
      {"\"entity\":\"payment\"", "\"entity\":\"refund\""},
      {"\"id\":\"pay_1\"", "\"id\":7"},
  };
  for (const auto& [from, to] : changes) {
    INFO(to);
    CHECK(got(kOrder, list(changed(kPayment, from, to))).kind == UG_STEP_FAIL);
  }
  const std::string huge = changed(kPayment, "\"amount\":50000", "\"amount\":9223372036854775807");
  CHECK(got(kOrder, list(huge + "," + huge)).kind == UG_STEP_FAIL);
}

TEST_CASE("A status word of tomorrow is processing") {
  for (const char* word : {"", "Captured", "captured ", "paid", "settling"}) {
    const std::string order = changed(kOrder, "\"paid\"", "\"attempted\"");
    const SeenStep step =
        got(order, list(changed(kPayment, "\"captured\"", "\"" + std::string(word) + "\"")));
    INFO(word);
    REQUIRE(step.kind == UG_STEP_DONE);
    CHECK(parsed(step.resultJson)["status"].stringOr("") == "processing");
    CHECK(parsed(step.resultJson)["amount_captured"].int64() == 0);
  }
}

TEST_CASE("No status code with a body that is not Razorpay's makes a success or a decline") {
  const std::string bodies[] = {"",
                                "{}",
                                "[]",
                                "null",
                                "<html></html>",
                                "{\"error\":null}",
                                "{\"error\":\"no\"}",
                                "{\"error\":{}}",
                                "{\"error\":{\"code\":5}}",
                                std::string(3, '\0'),
                                std::string(5000, '[')};
  for (std::uint32_t status = 100; status < 600; ++status) {
    for (const std::string& body : bodies) {
      const SeenStep step = created(status, body);
      INFO(status << " " << body.substr(0, 40));
      REQUIRE(step.kind == UG_STEP_FAIL);
      const bool neverReached = status == 401 || status == 429;
      CHECK(step.error.outcome == (neverReached ? UG_OUTCOME_NOT_EXECUTED : UG_OUTCOME_UNKNOWN));
    }
  }
}

TEST_CASE("A paid body under a status that is not 2xx is no success") {
  for (const std::uint32_t status : {100u, 199u, 300u, 302u, 400u, 402u, 409u, 500u, 503u}) {
    CHECK(created(status, kOrder).kind == UG_STEP_FAIL);
  }
}

TEST_CASE("Trouble at Razorpay leaves the outcome unknown under any status") {
  for (const std::uint32_t status : {200u, 400u, 409u, 500u, 502u, 504u}) {
    for (const char* code : {"GATEWAY_ERROR", "SERVER_ERROR", "SERVICE_UNAVAILABLE"}) {
      const SeenStep step = created(
          status, R"({"error":{"code":")" + std::string(code) + R"(","description":"later"}})");
      INFO(status << " " << code);
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
    }
  }
}

TEST_CASE("While recovering, only a finished query may say that nothing happened") {
  const std::string refusal =
      R"({"error":{"code":"BAD_REQUEST_ERROR","description":"Throttling Error"}})";
  BeginOptions resend;
  resend.recovering = UG_RECOVERING_RESEND;
  resend.attempt = 2;
  BeginOptions query = resend;
  query.recovering = UG_RECOVERING_QUERY;
  for (std::uint32_t status = 100; status < 600; ++status) {
    INFO(status);
    const SeenStep again = created(status, refusal, resend);
    REQUIRE(again.kind == UG_STEP_FAIL);
    CHECK(again.error.outcome != UG_OUTCOME_NOT_EXECUTED);
    const SeenStep asked = created(status, refusal, query);
    REQUIRE(asked.kind == UG_STEP_FAIL);
    CHECK(asked.error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("A query that runs out of steps does not claim that nothing happened") {
  BeginOptions query;
  query.recovering = UG_RECOVERING_QUERY;
  std::string items;
  for (int i = 0; i < 100; ++i) {
    items += (i == 0 ? "" : ",") + std::string(R"({"id":"plan_1","entity":"plan","notes":[]})");
  }
  Driver driver(plugin());
  SeenStep step = driver.begin(
      "plans.create",
      R"({"amount":1,"currency":"INR","interval":"day","name":"n","operation_id":"o"})", query);
  int pages = 0;
  while (step.kind == UG_STEP_HTTP) {
    ++pages;
    REQUIRE(pages < 100);
    REQUIRE(step.request.method == "GET");
    step = driver.respond(200, list(items));
  }
  CHECK(pages > 5);
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
}

TEST_CASE("A hostile id never leaves its place in the path") {
  Driver driver(plugin());
  const ug_descriptor* descriptor = plugin()->descriptor;
  for (std::uint32_t i = 0; i < descriptor->operations_count; ++i) {
    const std::string name(descriptor->operations[i].name.ptr, descriptor->operations[i].name.len);
    if (!name.ends_with(".get") || name == "balance.get") continue;
    for (const char* id : {"..", "../customers", "order_1/payments", "order_1?x=1", "order_1#",
                           "order 1", "%2e%2e", "order_1\\n", ".", ""}) {
      const SeenStep step = driver.begin(name, std::string(R"({"provider_id":")") + id + R"("})");
      INFO(name << " " << id);
      REQUIRE(step.kind == UG_STEP_FAIL);
      CHECK(step.error.field == "provider_id");
      CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
    }
  }
}
