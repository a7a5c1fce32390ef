// The adapter against PayPal's official material: example answers, recorded requests, error codes;
// and amounts of all currencies.
#include <set>

#include "amounts.hpp"
#include "errors.hpp"
#include "operations.hpp"
#include "support.hpp"

using namespace paypal_test;
using unigate::testing::sameJson;
namespace sdk = unigate::sdk;
namespace money = unigate::money;

namespace {

constexpr const char* kOrderId = "5O190127TN364715T";

struct Answer {
  std::uint32_t status;
  std::string body;
};

struct Golden {
  const char* recorded;   // name in wire/paypal.json
  const char* operation;  // ours for the same intent
  std::string input;
  std::vector<Answer> before;  // to the requests that ours sends first
  // Members of the body at the top, or names of the query, that only one of both sends.
  std::vector<std::string> onlyRecorded;
  std::vector<std::string> onlyOurs;
};

std::string order(const char* status, const char* intent, const std::string& payments = "") {
  return std::string(R"({"id":"5O190127TN364715T","status":")") + status + R"(","intent":")" +
         intent + R"(","purchase_units":[{"amount":{"currency_code":"USD","value":"10.99"})" +
         (payments.empty() ? "" : R"(,"payments":)" + payments) + "}]}";
}

std::string captured() {
  return order("COMPLETED", "CAPTURE",
               R"({"captures":[{"id":"2GG279541U471931P","status":"COMPLETED",)"
               R"("amount":{"currency_code":"USD","value":"10.99"}}]})");
}

std::string authorized() {
  return order("COMPLETED", "AUTHORIZE",
               R"({"authorizations":[{"id":"0VF52814937998046","status":"CREATED",)"
               R"("amount":{"currency_code":"USD","value":"10.99"}}]})");
}

// Each difference is explained in DIFFERENCES.md.
std::vector<Golden> goldens() {
  const std::string id = std::string(R"({"provider_id":")") + kOrderId + "\"}";
  const std::string subscription = R"("provider_id":"I-BW452GLLEP1G")";
  return {
      {"order.create.jpy",
       "payments.create",
       R"({"amount":1000,"currency":"JPY","capture_method":"manual","confirm":false,)"
       R"("reference":"","metadata":{},"operation_id":""})",
       {},
       {},
       {}},
      {"order.capture", "payments.confirm", id, {{200, order("APPROVED", "CAPTURE")}}, {}, {}},
      {"order.authorize", "payments.confirm", id, {{200, order("APPROVED", "AUTHORIZE")}}, {}, {}},
      {"authorization.void", "payments.cancel", id, {{200, authorized()}}, {}, {}},
      {"refund.create",
       "refunds.create",
       R"({"payment_provider_id":"5O190127TN364715T","amount":100,"currency":"USD",)"
       R"("reason":"Défectueux","metadata":{},"operation_id":""})",
       {{200, captured()}},
       {"invoice_id"},
       {}},
      {"refund.create.full",
       "refunds.create",
       R"({"payment_provider_id":"5O190127TN364715T","currency":"USD","metadata":{},)"
       R"("operation_id":""})",
       {{200, captured()}},
       {},
       {}},
      {"refund.get", "refunds.get", R"({"provider_id":"1JU08902781691411"})", {}, {}, {}},
      {"plan.create",
       "plans.create",
       R"({"product_provider_id":"PROD-1","name":"Basic","amount":1000,"currency":"USD",)"
       R"("interval":"month","metadata":{},"operation_id":""})",
       {},
       {"billing_cycles", "payment_preferences"},
       {"billing_cycles", "payment_preferences", "quantity_supported"}},
      {"plan.list", "plans.list", R"({"limit":2})", {}, {"product_id"}, {}},
      {"subscription.create",
       "subscriptions.create",
       R"({"plan_provider_id":"P-5ML4271244454362WXNWU5NQ","quantity":2,)"
       R"("return_url":"https://x.example/ok","cancel_url":"https://x.example/no",)"
       R"("operation_id":"u1"})",
       {},
       {},
       {}},
      {"subscription.get", "subscriptions.get", "{" + subscription + "}", {}, {}, {}},
      {"subscription.suspend",
       "subscriptions.pause",
       "{" + subscription + R"(,"reason":"Out of stock"})",
       {},
       {},
       {}},
      {"subscription.cancel",
       "subscriptions.cancel",
       "{" + subscription + R"(,"reason":"Not satisfied"})",
       {},
       {},
       {}},
      {"subscription.activate",
       "subscriptions.resume",
       "{" + subscription + R"(,"reason":"back"})",
       {},
       {},
       {}},
      {"instrument.create",
       "payment_methods.attach",
       R"({"customer_provider_id":"customer_4029352050","payment_method":"5C991763VB2781612"})",
       {},
       {},
       {"customer"}},
      {"instrument.list",
       "payment_methods.list",
       R"({"customer_provider_id":"customer_4029352050","limit":2})",
       {},
       {},
       {}},
      {"instrument.delete",
       "payment_methods.detach",
       R"({"provider_id":"8kk8451t"})",
       {{200, R"({"id":"8kk8451t","payment_source":{"card":{}}})"}},
       {},
       {}},
  };
}

// The request that ours sends once the ones before it were answered.
unigate::testing::SeenRequest requestFor(const Golden& golden) {
  Driver driver(plugin());
  SeenStep step = driver.begin(golden.operation, golden.input);
  for (const Answer& answer : golden.before) {
    INFO(step.error.message);
    REQUIRE(step.kind == UG_STEP_HTTP);
    step = driver.respond(answer.status, answer.body);
  }
  INFO(golden.operation << " " << step.error.message);
  REQUIRE(step.kind == UG_STEP_HTTP);
  return step.request;
}

json::View recordOf(json::View wire, std::string_view name) {
  for (const json::View record : wire["records"].items()) {
    if (record["op"].stringOr("") == name) return record["request"];
  }
  return {};
}

// The members of a JSON body without some; an empty body has none.
std::string without(std::string_view body, const std::vector<std::string>& names) {
  if (body.empty()) return "{}";
  const json::Document document = parsed(std::string(body));
  json::Writer out;
  out.beginObject();
  for (const json::Member& member : document.root().members()) {
    if (std::find(names.begin(), names.end(), member.name) == names.end()) {
      out.key(member.name).value(member.value);
    }
  }
  out.endObject();
  return out.take();
}

// An official example answer; empty where there is none.
std::string example(json::View contract, std::string_view path, std::string_view method,
                    std::string_view status) {
  const json::View content =
      contract["paths"][path][method]["responses"][status]["content"]["application/json"];
  for (const json::Member& one : content["examples"].members()) {
    if (one.value["value"].isObject()) return json::toText(one.value["value"]);
  }
  return {};
}

sdk::Call call() {
  sdk::Call made;
  made.nowUnixMs = 1'785'000'000'000;
  return made;
}

}  // namespace

TEST_CASE("Sends the same requests as PayPal's own SDK for the same intents") {
  json::Document wire;
  if (!readContract("wire/paypal.json", wire)) return;
  for (const Golden& golden : goldens()) {
    INFO(golden.recorded);
    const json::View recorded = recordOf(wire.root(), golden.recorded);
    REQUIRE(recorded.isObject());
    const auto ours = requestFor(golden);
    CHECK(ours.method == recorded["method"].stringOr(""));
    CHECK(ours.path == recorded["path"].stringOr(""));
    auto wantedQuery = unigate::testing::decodeForm(recorded["query"].stringOr(""));
    auto query = unigate::testing::decodeForm(ours.query);
    for (const std::string& name : golden.onlyRecorded) wantedQuery.erase(name);
    for (const std::string& name : golden.onlyOurs) query.erase(name);
    CHECK(query == wantedQuery);
    const std::string wantedBody = without(recorded["body"].stringOr(""), golden.onlyRecorded);
    const std::string body = without(ours.body, golden.onlyOurs);
    INFO(body << " is not " << wantedBody);
    CHECK(sameJson(parsed(body).root(), parsed(wantedBody).root()));
    CHECK(ours.auth == "oauth");
    CHECK_FALSE(ours.header("Authorization").has_value());
    const json::View headers = recorded["headers"];
    if (headers["paypal-request-id"].exists()) {
      CHECK(ours.header("PayPal-Request-Id").has_value());
    }
    if (ours.method == "POST" && golden.recorded != std::string("authorization.void")) {
      CHECK(ours.header("Content-Type") == headers["content-type"].stringOr(""));
    }
  }
}

TEST_CASE("Reads the official example answers into the unified model") {
  json::Document billing;
  json::Document vault;
  json::Document referrals;
  if (!readContract("paypal/billing_subscriptions_v1.pared.json", billing)) return;
  if (!readContract("paypal/vault_payment_tokens_v3.pared.json", vault)) return;
  if (!readContract("paypal/customer_partner_referrals_v2.pared.json", referrals)) return;

  const auto plan = paypal::planOf(
      parsed(example(billing.root(), "/v1/billing/plans", "post", "200")).root(), false);
  REQUIRE(plan);
  CHECK(plan->providerId == "P-5ML4271244454362WXNWU5NQ");
  CHECK(plan->amount == 1000);
  CHECK(plan->currency == "USD");
  CHECK(plan->interval == sdk::Interval::Month);
  CHECK(plan->active);

  for (const char* status : {"200", "201"}) {
    const auto subscription = paypal::subscriptionOf(
        parsed(example(billing.root(), "/v1/billing/subscriptions", "post", status)).root(), false);
    REQUIRE(subscription);
    CHECK(subscription->providerId == "I-BW452GLLEP1G");
    CHECK(subscription->status == sdk::SubscriptionStatus::Pending);
    CHECK(subscription->quantity == 20);
    CHECK(subscription->createdUnixS == 1544476849);
    REQUIRE(subscription->nextAction);
  }

  for (const char* status : {"200", "201"}) {
    const auto token = paypal::paymentMethodOf(
        parsed(example(vault.root(), "/v3/vault/payment-tokens", "post", status)).root(), false);
    REQUIRE(token);
    CHECK(token->last4 == "1111");
    CHECK(token->expYear == 2027);
    CHECK(token->expMonth == 2);
    const auto setup = paypal::setupIntentOf(
        parsed(example(vault.root(), "/v3/vault/setup-tokens", "post", status)).root(), false);
    REQUIRE(setup);
    CHECK(setup->status == sdk::SetupIntentStatus::RequiresConfirmation);
  }
  sdk::ListQuery of;
  of.customerProviderId = "customer_4029352050";
  const std::string list = example(vault.root(), "/v3/vault/payment-tokens", "get", "200");
  const auto page = paypal::parseMethodsList(sdk::HttpResponse(200, {}, list), of, call());
  REQUIRE(page);
  CHECK(page->data.size() >= 2);

  const std::string referral = example(
      referrals.root(), "/v2/customer/partner-referrals/{partner_referral_id}", "get", "200");
  const auto account =
      paypal::parseAccountGet(sdk::HttpResponse(200, {}, referral), {"ABC"}, call());
  REQUIRE(account);
  CHECK(account->email == "accountemail@example.com");
  CHECK(account->country == "US");
}

TEST_CASE("An example that is a request, as PayPal published one for orders, is no answer") {
  json::Document orders;
  if (!readContract("paypal/checkout_orders_v2.pared.json", orders)) return;
  const std::string text = example(orders.root(), "/v2/checkout/orders", "post", "201");
  REQUIRE_FALSE(text.empty());
  CHECK_FALSE(paypal::orderOf(parsed(text).root(), false));
}

namespace {

bool isCode(std::string_view text) {
  return text.size() > 4 && text[0] >= '0' && text[0] <= 'Z' &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

// All error names and issues of a specification.
void collect(json::View value, std::set<std::string>& codes) {
  for (const json::View word : value["issue"]["enum"].items()) {
    codes.insert(std::string(word.stringOr("")));
  }
  const json::View names = value["name"]["enum"];
  if (names.size() == 1 && isCode(names[std::size_t{0}].stringOr(""))) {
    codes.insert(std::string(names[std::size_t{0}].stringOr("")));
  }
  const bool isError = value["debug_id"].exists() || value["details"].exists();
  if (isError && isCode(value["name"].stringOr(""))) {
    codes.insert(std::string(value["name"].stringOr("")));
  }
  if (isCode(value["issue"].stringOr(""))) codes.insert(std::string(value["issue"].stringOr("")));
  for (const json::Member& member : value.members()) collect(member.value, codes);
  for (const json::View item : value.items()) collect(item, codes);
}

}  // namespace

TEST_CASE("Knows every error name and issue of PayPal's specifications") {
  std::set<std::string> codes;
  for (const char* file :
       {"billing_subscriptions_v1", "catalogs_products_v1", "checkout_orders_v2",
        "customer_disputes_v1", "customer_partner_referrals_v2", "invoicing_v2",
        "notifications_webhooks_v1", "payments_payment_v2", "payments_payouts_batch_v1",
        "reporting_transactions_v1", "vault_payment_tokens_v3"}) {
    json::Document document;
    if (!readContract(std::string("paypal/") + file + ".pared.json", document)) return;
    collect(document.root(), codes);
  }
  CHECK(codes.size() > 250);
  for (const std::string& code : codes) {
    INFO(code);
    const auto meaning = paypal::meaningOfCode(code);
    REQUIRE(meaning.has_value());
    CHECK(meaning->category != sdk::Category::Unspecified);
  }
}

TEST_CASE("The table of errors is sorted, and its rows are what the adapter says") {
  const auto rows = paypal::errorRows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].providerCode);
    if (i > 0) CHECK(rows[i - 1].providerCode < rows[i].providerCode);
    const auto meaning = paypal::meaningOfCode(rows[i].providerCode);
    REQUIRE(meaning);
    CHECK(meaning->category == rows[i].category);
    CHECK(meaning->outcome == rows[i].outcome);
  }
  CHECK_FALSE(paypal::meaningOfCode("A_CODE_OF_TOMORROW"));
  CHECK_FALSE(paypal::meaningOfCode(""));
}

TEST_CASE("Amounts of every currency come back as they were, or are refused") {
  const std::int64_t amounts[] = {0,   1,    5,     10,        99,        100,
                                  999, 1000, 12300, 123456789, 999999999, INT64_MAX / 100 * 100};
  for (const money::Currency& currency : money::kCurrencies) {
    std::size_t taken = 0;
    for (const std::int64_t amount : amounts) {
      INFO(currency.code << " " << amount);
      const auto sent = paypal::toPaypal(amount, currency.code);
      if (!sent) {
        CHECK(sent.error().outcome == sdk::Outcome::NotExecuted);
        CHECK_FALSE(sent.error().field.empty());
        continue;
      }
      ++taken;
      CHECK(paypal::fromPaypal(*sent, currency.code) == amount);
    }
    CHECK((taken > 0 || currency.exponent > 3));
  }
  CHECK(*paypal::toPaypal(1099, "USD") == "10.99");
  CHECK(*paypal::toPaypal(1000, "JPY") == "1000");
  CHECK(*paypal::toPaypal(120000, "HUF") == "1200");
  CHECK(*paypal::toPaypal(5000, "TWD") == "50");
  CHECK(*paypal::toPaypal(5123, "KWD") == "5.123");
  CHECK_FALSE(paypal::toPaypal(120050, "HUF"));
  CHECK_FALSE(paypal::toPaypal(1, "CLF"));
  CHECK(paypal::fromPaypal("1200", "HUF") == 120000);
  CHECK(paypal::fromPaypal("1200.00", "HUF") == 120000);
  CHECK_FALSE(paypal::fromPaypal("10.999", "USD"));
  CHECK_FALSE(paypal::fromPaypal("1e3", "USD"));
  CHECK_FALSE(paypal::fromPaypal("99999999999999999999", "USD"));
}
