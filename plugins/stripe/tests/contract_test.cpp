// The adapter against Stripe's official material: fixtures, recorded requests, error codes.
#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"
#include "payment_intent.hpp"
#include "support.hpp"

using namespace stripe_test;
using unigate::testing::decodeForm;
namespace sdk = unigate::sdk;

namespace {

// The request that the adapter makes for an input.
unigate::testing::SeenRequest requestFor(std::string_view operation, const std::string& input) {
  Driver driver(plugin());
  const SeenStep step = driver.begin(operation, input);
  INFO(operation << " " << step.error.message);
  REQUIRE(step.kind == UG_STEP_HTTP);
  return step.request;
}

struct Golden {
  const char* recorded;   // name in wire/stripe.json
  const char* operation;  // ours for the same intent
  const char* input;
  // Names that only one of both sends: the SDK's own choice, or our marks.
  std::vector<std::string> onlyRecorded;
  std::vector<std::string> onlyOurs;
};

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> list = {
      {"payment.create.manual",
       "payments.create",
       R"({"amount":2000,"currency":"JPY","capture_method":"manual","payment_method":"pm_card_visa",
           "confirm":true,"reference":"r","metadata":{},"operation_id":"o"})",
       {"off_session", "expand[0]", "expand[1]"},
       {"metadata[unigate_operation]", "metadata[unigate_reference]",
        "automatic_payment_methods[enabled]", "automatic_payment_methods[allow_redirects]"}},
      {"payment.get",
       "payments.get",
       R"({"provider_id":"pi_1Pgafy"})",
       {"expand[0]"},  // another depth
       {"expand[0]"}},
      {"payment.confirm",
       "payments.confirm",
       R"({"provider_id":"pi_1Pgafy","payment_method":"pm_card_visa",
           "return_url":"https://x.example/ret?a=1&b=2"})",
       {},
       {}},
      {"payment.capture.all",
       "payments.capture",
       R"({"provider_id":"pi_1Pgafy","currency":"EUR"})",
       {},
       {}},
      {"payment.cancel",
       "payments.cancel",
       R"({"provider_id":"pi_1Pgafy","reason":"requested_by_customer"})",
       {},
       {}},
      {"payment.list",
       "payments.list",
       R"({"limit":3,"customer_provider_id":"cus_9s6XKzkNRiz8i3","created_gte":1700000000,
           "created_lt":1800000000,"starting_after":"pi_0"})",
       {},
       {"expand[0]"}},
      {"refund.create",
       "refunds.create",
       R"({"payment_provider_id":"pi_1Pgafy","amount":100,"currency":"EUR",
           "reason":"requested_by_customer","metadata":{"k":"v"},"operation_id":"o"})",
       {},
       {"metadata[unigate_operation]"}},
      {"refund.list", "refunds.list", R"({"payment_provider_id":"pi_1Pgafy","limit":100})", {}, {}},
      {"customer.create",
       "customers.create",
       R"({"name":"Zoë","email":"zoe+test@example.com","phone":"+14155550100",
           "metadata":{"1":"one","2":"two"}})",
       {"address[line1]", "address[city]", "address[country]", "preferred_locales[0]",
        "preferred_locales[1]", "tax_id_data[0][type]", "tax_id_data[0][value]",
        "tax_id_data[1][type]", "tax_id_data[1][value]"},
       {}},
      {"customer.delete", "customers.delete", R"({"provider_id":"cus_1"})", {}, {}},
  };
  return list;
}

json::View recordOf(json::View wire, std::string_view name) {
  for (const json::View record : wire["records"].items()) {
    if (record["op"].stringOr("") == name) return record["request"];
  }
  return {};
}

}  // namespace

TEST_CASE("Sends the same decoded requests as Stripe's own SDK for the same intents") {
  json::Document wire;
  if (!readContract("wire/stripe.json", wire)) return;
  for (const Golden& golden : goldens()) {
    INFO(golden.recorded);
    const json::View recorded = recordOf(wire.root(), golden.recorded);
    REQUIRE(recorded.isObject());
    const auto ours = requestFor(golden.operation, golden.input);
    CHECK(ours.method == recorded["method"].stringOr(""));
    CHECK(ours.path == recorded["path"].stringOr(""));
    auto wantedBody = decodeForm(recorded["body"].stringOr(""));
    auto wantedQuery = decodeForm(recorded["query"].stringOr(""));
    auto body = decodeForm(ours.body);
    auto query = decodeForm(ours.query);
    for (const std::string& name : golden.onlyRecorded) {
      CHECK(wantedBody.erase(name) + wantedQuery.erase(name) == 1);
    }
    for (const std::string& name : golden.onlyOurs)
      CHECK(body.erase(name) + query.erase(name) == 1);
    CHECK(body == wantedBody);
    CHECK(query == wantedQuery);
    CHECK(ours.header("Stripe-Version") == "2026-07-29.dahlia");
    if (ours.method == "POST") {
      CHECK(ours.header("Content-Type") == recorded["headers"]["content-type"].stringOr(""));
      CHECK(ours.header("Idempotency-Key").has_value());
    } else {
      CHECK_FALSE(ours.header("Idempotency-Key").has_value());
    }
    CHECK(ours.auth == "api_key");
    CHECK_FALSE(ours.header("Authorization").has_value());
  }
}

TEST_CASE("Reads the official fixtures into the unified model") {
  json::Document fixtures;
  if (!readContract("stripe/fixtures3_2026-07-29.pared.json", fixtures)) return;
  const json::View resources = fixtures["resources"];
  const auto payment = stripe::paymentOf(resources["payment_intent"]);
  REQUIRE(payment);
  CHECK(payment->providerId == "pi_1PgafyB7WZ01zgkWSjxsAJo3");
  CHECK(payment->status == sdk::PaymentStatus::Failed);
  CHECK(payment->amount == 1099);
  CHECK(payment->currency == "USD");
  const auto refund = stripe::refundOf(resources["refund"]);
  REQUIRE(refund);
  CHECK(refund->status == sdk::RefundStatus::Succeeded);
  CHECK(refund->amount == 100);
  CHECK_FALSE(refund->paymentProviderId.has_value());
  const auto customer = stripe::customerOf(resources["customer"]);
  REQUIRE(customer);
  CHECK(customer->providerId == "cus_QXg1o8vcGmoR32");
  CHECK_FALSE(customer->deleted);
  const auto deleted = stripe::customerOf(resources["deleted_customer"]);
  REQUIRE(deleted);
  CHECK(deleted->deleted);
  const std::string balanceText = json::toText(resources["balance"]);
  const auto balance = stripe::parseBalanceGet(sdk::HttpResponse(200, {}, balanceText));
  REQUIRE(balance);
  REQUIRE(balance->available.size() == 1);
  CHECK(balance->available[0].currency == "USD");
}

TEST_CASE("Knows every error code of the pinned version") {
  json::Document codes;
  if (!readContract("stripe/error_codes_2026-07-29.dahlia.json", codes)) return;
  CHECK(codes["codes"].size() == 195);
  for (const json::View code : codes["codes"].items()) {
    INFO(code.stringOr(""));
    const auto meaning = stripe::meaningOfCode(code.stringOr(""));
    REQUIRE(meaning.has_value());
    CHECK(meaning->category != sdk::Category::Unspecified);
  }
}

TEST_CASE("A code that is not in the table is a provider error, by its type") {
  CHECK_FALSE(stripe::meaningOfCode("a_code_of_tomorrow").has_value());
  const auto errorFor = [](const std::string& body) {
    return stripe::errorOf(sdk::HttpResponse(402, {}, body));
  };
  CHECK(errorFor(R"({"error":{"type":"invalid_request_error","code":"new","message":"m"}})")
            .category == sdk::Category::ProviderError);
  CHECK(errorFor(R"({"error":{"type":"card_error","code":"new","message":"m"}})").category ==
        sdk::Category::CardDeclined);
  CHECK(errorFor(R"({"error":{"type":"card_error","code":"card_declined",)"
                 R"("decline_code":"of_tomorrow","message":"m"}})")
            .category == sdk::Category::CardDeclined);
}

TEST_CASE("Converts amounts exactly both ways and refuses what Stripe cannot hold") {
  struct Case {
    const char* currency;
    std::int64_t minor;
    std::int64_t stripe;
  };
  for (const Case& one :
       {Case{"EUR", 1099, 1099}, Case{"JPY", 2000, 2000}, Case{"ISK", 5, 500}, Case{"UGX", 5, 500},
        Case{"KWD", 5120, 5120}, Case{"MGA", 500, 5}, Case{"HUF", 1050, 1050}}) {
    INFO(one.currency);
    const auto sent = stripe::toStripe(one.minor, one.currency);
    REQUIRE(sent);
    CHECK(*sent == one.stripe);
    CHECK(stripe::fromStripe(one.stripe, one.currency) == one.minor);
  }
  for (const char* currency : {"BHD", "JOD", "KWD", "OMR", "TND"}) {
    const auto refused = stripe::toStripe(1001, currency);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == "amount");
    CHECK(refused.error().outcome == sdk::Outcome::NotExecuted);
  }
  CHECK_FALSE(stripe::toStripe(150, "MGA"));
  CHECK_FALSE(stripe::toStripe(100, "CLF"));
  CHECK_FALSE(stripe::toStripe(100, "IQD"));
  CHECK_FALSE(stripe::toStripe(INT64_MAX, "ISK"));
  CHECK_FALSE(stripe::fromStripe(150, "ISK").has_value());
  CHECK_FALSE(stripe::fromStripe(INT64_MAX, "MGA").has_value());
}
