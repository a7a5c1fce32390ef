// The adapter against Razorpay's official material: recorded requests, published answers, errors.
#include <functional>
#include <limits>
#include <map>

#include "errors.hpp"
#include "operations.hpp"
#include "support.hpp"

using namespace razorpay_test;
using unigate::testing::decodeForm;
using unigate::testing::sameJson;
namespace sdk = unigate::sdk;

namespace {

constexpr const char* kOrder =
    R"({"id":"order_1","entity":"order","amount":1000,"amount_paid":0,"amount_due":1000,)"
    R"("currency":"INR","receipt":"o","status":"attempted","attempts":1,"notes":[],)"
    R"("created_at":1})";
constexpr const char* kAuthorised =
    R"({"entity":"collection","count":1,"items":[{"id":"pay_1","entity":"payment","amount":1000,)"
    R"("currency":"INR","status":"authorized","order_id":"order_1","amount_refunded":0}]})";
constexpr const char* kCaptured =
    R"({"entity":"collection","count":1,"items":[{"id":"pay_1","entity":"payment","amount":1000,)"
    R"("currency":"INR","status":"captured","order_id":"order_1","amount_refunded":0}]})";
constexpr const char* kTokens =
    R"({"entity":"collection","count":1,"items":[{"id":"token_1","entity":"token",)"
    R"("method":"card"}]})";
constexpr const char* kSubscription =
    R"({"id":"sub_1","entity":"subscription","status":"active","plan_id":"plan_1","quantity":1,)"
    R"("total_count":6,"paid_count":1,"created_at":1})";

struct Golden {
  const char* recorded;   // name in wire/razorpay.json
  const char* operation;  // ours for the same intent
  const char* input;
  std::vector<const char*> answers;  // to the requests before the one that is compared
  // Members that only one of both sends: the SDK's own choice, or our marks.
  std::vector<const char*> onlyRecorded;
  std::vector<const char*> onlyOurs;
  const char* settings = R"({"key_id":"rzp_test_1"})";
};

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> list = {
      {"order.create",
       "payments.create",
       R"({"amount":50000,"currency":"INR","reference":"receipt#1","metadata":{"key1":"value3"},
           "operation_id":"receipt#1"})",
       {},
       {"partial_payment"},
       {"notes.unigate_operation"}},
      {"order.get", "payments.get", R"({"provider_id":"order_1"})", {}, {}, {}},
      {"order.payments", "payments.get", R"({"provider_id":"order_1"})", {kOrder}, {}, {}},
      {"order.list",
       "payments.list",
       R"({"limit":10,"starting_after":"5","created_gte":1472083200,"created_lt":1500000001})",
       {},
       {"authorized"},
       {"expand[0]"}},
      {"payment.capture",
       "payments.capture",
       R"({"provider_id":"order_1","currency":"INR"})",
       {kOrder, kAuthorised},
       {},
       {}},
      {"refund.create",
       "refunds.create",
       R"({"payment_provider_id":"pay_1","amount":100,"currency":"INR","metadata":{"a":"b"},
           "operation_id":"Receipt No. 31"})",
       {},
       {"speed"},
       {"notes.unigate_operation", "notes.unigate_payment"}},
      {"refund.create.full",
       "refunds.create",
       R"({"payment_provider_id":"order_1","currency":"INR","metadata":{},"operation_id":"o"})",
       {kCaptured},
       {},
       {"receipt", "notes"}},
      {"refund.list_for_payment",
       "refunds.list",
       R"({"payment_provider_id":"pay_1","limit":3})",
       {},
       {},
       {}},
      {"customer.update",
       "customers.update",
       R"({"provider_id":"cust_1","name":"G K"})",
       {},
       {},
       {}},
      {"instrument.list",
       "payment_methods.list",
       R"({"customer_provider_id":"cust_1"})",
       {},
       {},
       {}},
      {"instrument.delete",
       "payment_methods.detach",
       R"({"customer_provider_id":"cust_1","provider_id":"token_1"})",
       {kTokens},
       {},
       {}},
      {"plan.get", "plans.get", R"({"provider_id":"plan_1"})", {}, {}, {}},
      {"subscription.get", "subscriptions.get", R"({"provider_id":"sub_1"})", {}, {}, {}},
      {"subscription.update",
       "subscriptions.update",
       R"({"provider_id":"sub_1","plan_provider_id":"plan_2","quantity":1,"total_count":6})",
       {kSubscription},
       {"customer_notify"},
       {}},
      {"subscription.cancel", "subscriptions.cancel", R"({"provider_id":"sub_1"})", {}, {}, {}},
      {"subscription.cancel_at_cycle_end",
       "subscriptions.cancel",
       R"({"provider_id":"sub_1","at_period_end":true})",
       {},
       {},
       {}},
      {"subscription.pause", "subscriptions.pause", R"({"provider_id":"sub_1"})", {}, {}, {}},
      {"subscription.resume", "subscriptions.resume", R"({"provider_id":"sub_1"})", {}, {}, {}},
      {"paymentlink.create",
       "payment_links.create",
       R"({"amount":500,"currency":"INR","accept_partial":true,"description":"For XYZ",
           "customer_name":"G","customer_email":"g@example.com","customer_phone":"+919999999999",
           "notify_sms":true,"notify_email":true,"operation_id":"ref1","expires_unix_s":1691097057,
           "return_url":"https://x.example/cb/","metadata":{}})",
       {},
       {"first_min_partial_amount", "reminder_enable"},
       {"notes"}},
      {"paymentlink.get", "payment_links.get", R"({"provider_id":"plink_1"})", {}, {}, {}},
      {"paymentlink.cancel", "payment_links.cancel", R"({"provider_id":"plink_1"})", {}, {}, {}},
      {"paymentlink.list", "payment_links.list", R"({"limit":2})", {}, {"skip"}, {}},
      {"transfer.get", "payouts.get", R"({"provider_id":"trf_1"})", {}, {}, {}},
      {"dispute.list", "disputes.list", R"({"limit":2})", {}, {"skip"}, {}},
      {"dispute.contest",
       "disputes.submit_evidence",
       R"({"provider_id":"disp_1","amount":5000,"submit":false,"evidence":{
           "summary":"goods delivered","documents":[{"type":"shipping_proof",
           "provider_id":"doc_1"}]}})",
       {},
       {},
       {}},
      {"account.create",
       "accounts.create",
       R"({"email":"g@example.org","phone":"9000090000","operation_id":"124124",
           "business_name":"Acme Corp","business_type":"partnership","contact_name":"G K"})",
       {},
       {"profile"},
       {"notes"}},
      {"webhook_endpoint.create",
       "webhook_endpoints.create",
       R"({"url":"https://gw.example.com/webhooks/razorpay",
           "events":["payment.authorized","payment.failed"],"operation_id":"o"})",
       {},
       {"alert_email", "secret"},
       {"secret"},
       R"({"key_id":"rzp_test_1","account_id":"acc_1"})"},
      {"webhook_endpoint.create.merchant",
       "webhook_endpoints.create",
       R"({"url":"https://gw.example.com/webhooks/razorpay","events":["payment.authorized"],
           "operation_id":"o"})",
       {},
       {"secret"},
       {"secret"}},
  };
  return list;
}

json::View recordOf(json::View wire, std::string_view name) {
  for (const json::View record : wire["records"].items()) {
    if (record["op"].stringOr("") == name) return record["request"];
  }
  return {};
}

// The text of a JSON object without some of its members: "a" or "a.b".
std::string without(const std::string& text, const std::vector<const char*>& names,
                    std::size_t& removed) {
  if (text.empty()) return "{}";
  rapidjson::Document document;
  document.Parse(text);
  REQUIRE(document.IsObject());
  for (const std::string name : names) {
    const std::size_t dot = name.find('.');
    rapidjson::Value* object = &document;
    if (dot != std::string::npos && object->HasMember(name.substr(0, dot))) {
      object = &(*object)[name.substr(0, dot)];
    }
    const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
    if (object->IsObject() && object->RemoveMember(last)) ++removed;
  }
  return json::toText(json::View(&document));
}

// The request that follows the answers.
unigate::testing::SeenRequest requestFor(const Golden& golden) {
  Driver driver(plugin(), golden.settings);
  SeenStep step = driver.begin(golden.operation, golden.input);
  for (const char* answer : golden.answers) {
    REQUIRE(step.kind == UG_STEP_HTTP);
    step = driver.respond(200, answer);
  }
  INFO(golden.operation << " " << step.error.message);
  REQUIRE(step.kind == UG_STEP_HTTP);
  return step.request;
}

}  // namespace

TEST_CASE("Sends the same decoded requests as Razorpay's own SDK for the same intents") {
  json::Document wire;
  if (!readContract("wire/razorpay.json", wire)) return;
  for (const Golden& golden : goldens()) {
    INFO(golden.recorded);
    const json::View recorded = recordOf(wire.root(), golden.recorded);
    REQUIRE(recorded.isObject());
    const auto ours = requestFor(golden);
    CHECK(ours.method == recorded["method"].stringOr(""));
    CHECK(ours.path == recorded["path"].stringOr(""));
    CHECK(ours.auth == "api_key");
    CHECK_FALSE(ours.header("Authorization").has_value());
    auto wantedQuery = decodeForm(recorded["query"].stringOr(""));
    auto query = decodeForm(ours.query);
    std::size_t removedTheirs = 0;
    std::size_t removedOurs = 0;
    for (const char* name : golden.onlyRecorded) removedTheirs += wantedQuery.erase(name);
    for (const char* name : golden.onlyOurs) removedOurs += query.erase(name);
    CHECK(query == wantedQuery);
    const std::string theirs =
        without(std::string(recorded["body"].stringOr("")), golden.onlyRecorded, removedTheirs);
    const std::string body = without(ours.body, golden.onlyOurs, removedOurs);
    INFO(body << " and " << theirs);
    CHECK(sameJson(parsed(body).root(), parsed(theirs).root()));
    CHECK(removedTheirs == golden.onlyRecorded.size());
    CHECK(removedOurs == golden.onlyOurs.size());
    if (!ours.body.empty()) CHECK(ours.header("Content-Type") == "application/json");
  }
}

namespace {

using Reader = std::function<std::optional<sdk::Error>(json::View)>;

template <typename T>
Reader reader(sdk::Result<T> (*read)(json::View, const razorpay::Context&)) {
  return [read](json::View object) -> std::optional<sdk::Error> {
    const auto result = read(object, {});
    if (!result) return result.error();
    // What was read must fit into JSON again.
    json::Document document;
    json::ReadError error;
    CHECK(document.parse(sdk::toJson(*result), error));
    CHECK(document["provider_id"].stringOr("") != "");
    if (object["amount"].int64() && document["amount"].exists()) {
      CHECK(document["amount"].int64() == object["amount"].int64());
    }
    return std::nullopt;
  };
}

const std::map<std::string_view, Reader>& readers() {
  using namespace razorpay;
  static const std::map<std::string_view, Reader> table = {
      {"order", reader(paymentOfListed)},
      {"payment", reader(paymentOfPayment)},
      {"refund", reader(refundOf)},
      {"customer", reader(customerOf)},
      {"token", reader(tokenOf)},
      {"plan", reader(planOf)},
      {"subscription", reader(subscriptionOf)},
      {"invoice", reader(invoiceOf)},
      {"payout", reader(payoutOf)},
      {"transfer", reader(payoutOf)},
      {"dispute", reader(disputeOf)},
      {"webhook", reader(endpointOf)},
      {"payment_link", reader(linkOf)},
      {"account", reader(accountOf)},
  };
  return table;
}

// The kind of an object; payment links and accounts have no `entity`.
std::string_view kindOf(json::View object) {
  const std::string_view id = object["id"].stringOr("");
  if (id.starts_with("plink_") && object["short_url"].exists()) return "payment_link";
  if (id.starts_with("acc_") && object["status"].isString() && object["email"].exists()) {
    return "account";
  }
  // With an entity it is an account of the older API (/v1/beta/accounts).
  const std::string_view entity = object["entity"].stringOr("");
  return entity == "account" ? std::string_view() : entity;
}

struct Tally {
  std::size_t read = 0;
  std::vector<std::string> refused;
};

// Reads every object of a kind that we know, at any depth.
void readAll(json::View value, Tally& tally) {
  if (value.isArray()) {
    for (const json::View item : value.items()) readAll(item, tally);
  }
  if (!value.isObject()) return;
  const auto found = readers().find(kindOf(value));
  if (found != readers().end()) {
    if (auto problem = found->second(value)) {
      tally.refused.push_back(problem->message + ": " + json::toText(value).substr(0, 160));
    } else {
      ++tally.read;
    }
  }
  for (const json::Member& member : value.members()) readAll(member.value, tally);
}

// Slips of the pages: a payout with its amount outside of it.
bool isSloppy(const std::string& refused) {
  return refused.find("payout has no usable amount") != std::string::npos;
}

}  // namespace

TEST_CASE("Reads every published answer of Razorpay's into the unified model") {
  for (const char* name : {"docs_operations.json", "sdk_docs_examples.json", "python_mocks.json",
                           "webhook_payloads.json"}) {
    json::Document document;
    if (!readContract(std::string("razorpay/") + name, document)) return;
    Tally tally;
    readAll(document.root(), tally);
    INFO(name << ": " << tally.read << " read, " << tally.refused.size() << " refused");
    CHECK(tally.read > 50);
    CHECK(tally.refused.size() * 20 < tally.read);
    for (const std::string& refused : tally.refused) {
      INFO(refused);
      CHECK(isSloppy(refused));
    }
  }
}

TEST_CASE("Every error that Razorpay documents has a row") {
  json::Document document;
  if (!readContract("razorpay/docs_operations.json", document)) return;
  std::size_t checked = 0;
  const auto known = [&](std::string_view code, std::string_view reason,
                         std::string_view description) {
    INFO(code << " | " << reason << " | " << description);
    if (!code.empty() && code != "NA") CHECK(razorpay::rowOfCode(code) != nullptr);
    if (!reason.empty() && reason != "NA" && reason != "null") {
      CHECK(razorpay::rowOfReason(reason) != nullptr);
    }
    if (!description.empty()) CHECK(razorpay::rowOfDescription(description) != nullptr);
    ++checked;
  };
  for (const json::View operation : document["operations"].items()) {
    for (const json::View error : operation["errors"].items()) {
      known({}, {}, error["description"].stringOr(""));
    }
    for (const json::View failure : operation["responses"]["failure"].items()) {
      const json::View error = failure["error"];
      known(error["code"].stringOr(""), error["reason"].stringOr(""),
            error["description"].stringOr(""));
    }
  }
  CHECK(checked > 100);
  for (const razorpay::ErrorRow& row : razorpay::errorRows()) {
    INFO(row.providerCode);
    CHECK(row.category != sdk::Category::Unspecified);
  }
}

TEST_CASE("Every refusal that Razorpay publishes says whose fault it is and that nothing moved") {
  json::Document document;
  if (!readContract("razorpay/docs_operations.json", document)) return;
  for (const json::View operation : document["operations"].items()) {
    for (const json::View failure : operation["responses"]["failure"].items()) {
      if (!failure["error"]["code"].isString()) continue;
      const std::string body = json::toText(failure);
      INFO(body);
      const sdk::Error error = razorpay::errorOf(sdk::HttpResponse(400, {}, body));
      CHECK(error.category != sdk::Category::Unspecified);
      const bool open = failure["error"]["code"].stringOr("") == "SERVER_ERROR" ||
                        error.category == sdk::Category::IdempotencyConflict;
      CHECK((error.outcome == sdk::Outcome::Unknown) == open);
      const sdk::Error unavailable = razorpay::errorOf(sdk::HttpResponse(503, {}, body));
      CHECK(unavailable.outcome == sdk::Outcome::Unknown);
    }
  }
}

TEST_CASE(
    "Every ISO 4217 currency goes to Razorpay and back without losing a unit, or is refused") {
  constexpr std::int64_t kAmounts[] = {1,   9,     10,     99,        100,
                                       295, 29590, 295991, 999999990, 9007199254740993};
  Driver driver(plugin(), R"({"key_id":"rzp_test_1"})");
  std::size_t sent = 0;
  for (const auto& currency : unigate::money::kCurrencies) {
    for (const std::int64_t amount : kAmounts) {
      const std::string code(currency.code);
      INFO(code << " " << amount);
      const SeenStep step = driver.begin(
          "payments.create", R"({"amount":")" + std::to_string(amount) + R"(","currency":")" +
                                 code + R"(","reference":"r","operation_id":"o"})");
      const bool representable =
          currency.exponent <= 2 || (currency.exponent == 3 && amount % 10 == 0);
      REQUIRE((step.kind == UG_STEP_HTTP) == representable);
      if (!representable) {
        CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
        CHECK((step.error.field == "amount" || step.error.field == "currency"));
        continue;
      }
      const json::Document body = parsed(step.request.body);
      CHECK(body["amount"].int64() == amount);
      CHECK(body["currency"].stringOr("") == code);
      const SeenStep end = driver.respond(
          200, R"({"id":"order_1","entity":"order","status":"created","attempts":0,"amount":)" +
                   std::to_string(amount) + R"(,"currency":")" + code + R"(","created_at":1})");
      REQUIRE(end.kind == UG_STEP_DONE);
      const json::Document result = parsed(end.resultJson);
      const std::string back = result["amount"].isString()
                                   ? std::string(*result["amount"].string())
                                   : std::to_string(result["amount"].int64Or(-1));
      CHECK(back == std::to_string(amount));
      ++sent;
    }
  }
  CHECK(sent > 1000);
}

TEST_CASE("Paise, whole yen and thousandths are sent as Razorpay's pages say") {
  CHECK(*razorpay::toRazorpay(5000, "INR") == 5000);
  CHECK(*razorpay::toRazorpay(295, "JPY") == 295);
  CHECK(*razorpay::toRazorpay(295990, "KWD") == 295990);
  CHECK_FALSE(razorpay::toRazorpay(295991, "KWD"));
  CHECK_FALSE(razorpay::toRazorpay(1, "UYW"));
  CHECK(*razorpay::toRazorpay(std::numeric_limits<std::int64_t>::max(), "INR") ==
        std::numeric_limits<std::int64_t>::max());
}
