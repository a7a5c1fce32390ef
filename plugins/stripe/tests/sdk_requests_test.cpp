// The adapter's requests against those that Stripe's own SDK sends for the same intents. What only
// one of both sends is named here, and the reason is in DIFFERENCES.md.
#include "support.hpp"

using namespace stripe_test;
using unigate::testing::decodeForm;

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
      {"payment.search",
       "search.query",
       R"({"kind":"payment","status":"succeeded","metadata":{"order_id":"6735"},"limit":10})",
       {},
       {}},
      {"customer.search", "search.query", R"({"kind":"customer","email":"a@b.c"})", {}, {}},
      {"instrument.list",
       "payment_methods.list",
       R"({"customer_provider_id":"cus_1","limit":5})",
       {"type"},  // all kinds are listed
       {}},
      {"setup.create",
       "setup_intents.create",
       R"({"customer_provider_id":"cus_1","usage":"off_session","operation_id":"o"})",
       {},
       {"metadata[unigate_operation]"}},
      {"product.create",
       "products.create",
       R"({"name":"Gold Plan","image_url":"https://x.example/1.png","operation_id":"o"})",
       {"marketing_features[0][name]"},
       {"metadata[unigate_operation]"}},
      {"subscription.create",
       "subscriptions.create",
       R"({"customer_provider_id":"cus_1","plan_provider_id":"price_1","quantity":2,
           "trial_days":7,"operation_id":"o"})",
       {"items[1][price_data][currency]", "items[1][price_data][product]",
        "items[1][price_data][unit_amount]", "items[1][price_data][recurring][interval]"},
       {"metadata[unigate_operation]", "expand[1]"}},
      {"subscription.cancel",
       "subscriptions.cancel",
       R"({"provider_id":"sub_1"})",
       {"invoice_now", "prorate"},
       {}},
      {"paymentlink.create",
       "payment_links.create",
       R"({"amount":500,"currency":"USD","return_url":"https://x.example/ok","operation_id":"o"})",
       {"line_items[0][price]"},  // ours comes with its price
       {"line_items[0][price_data][currency]", "line_items[0][price_data][unit_amount]",
        "line_items[0][price_data][product_data][name]", "expand[0]",
        "restrictions[completed_sessions][limit]", "metadata[unigate_operation]",
        "payment_intent_data[metadata][unigate_reference]"}},
      {"checkout.expire", "payment_links.cancel", R"({"provider_id":"cs_1"})", {}, {}},
      {"transfer.create",
       "payouts.create",
       R"({"amount":400,"currency":"USD","destination":{"type":"provider_account",
           "provider_id":"acct_1"},"operation_id":"o"})",
       {"transfer_group"},
       {"metadata[unigate_operation]"}},
      {"transfer.reverse",
       "payouts.cancel",
       R"({"provider_id":"tr_1"})",
       {"amount"},  // all of it
       {"expand[0]"}},
      {"account.create",
       "accounts.create",
       R"({"email":"j@example.com","country":"US","operation_id":"o"})",
       {},
       {"metadata[unigate_operation]"}},
      {"dispute.evidence",
       "disputes.submit_evidence",
       R"({"provider_id":"dp_1","submit":false,
           "evidence":{"customer_name":"Jane","summary":"line1\nline2"}})",
       {},
       {}},
      {"dispute.close", "disputes.accept", R"({"provider_id":"dp_1"})", {}, {}},
      {"webhook_endpoint.create",
       "webhook_endpoints.create",
       R"({"url":"https://gw.example.com/webhooks/stripe",
           "events":["payment_intent.succeeded","charge.refunded"],"operation_id":"o"})",
       {},
       {"metadata[unigate_operation]"}},
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
