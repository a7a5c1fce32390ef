#include <catch2/catch.hpp>

#include "gateway/documents.hpp"
#include "gateway/kinds.hpp"

namespace unigate::gateway {
namespace {

json::Document parsed(std::string_view text) {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(text, error));
  return document;
}

DocumentContext contextFor(const json::Document& client, const store::ResourceRecord* before) {
  DocumentContext context;
  context.tenant = {"org_1", "test"};
  context.resourceId = "sub_1";
  context.transactionId = "txn_1";
  context.provider = "acme";
  context.accountId = "acc_1";
  context.nowMs = 1'790'000'000'000;
  context.client = client.root();
  context.before = before;
  context.ourId = [](std::string_view kind, std::string_view id) {
    return kind == "plan" && id == "P-2" ? std::string("plan_2") : std::string();
  };
  return context;
}

constexpr std::string_view kActive =
    R"({"provider_id":"S-1","status":"active","plan_provider_id":"P-1","quantity":2,)"
    R"("current_period_end_unix_s":1792000000,"cancel_at_period_end":false,"next_action":null,)"
    R"("metadata":{"provider":"said"},"livemode":false,"created_unix_s":1780000000})";

store::ResourceRecord active() {
  const auto client = parsed(R"({"plan_id":"plan_1","description":"Gold","metadata":{"a":"b"}})");
  return makeResource("subscription", parsed(kActive).root(), contextFor(client, nullptr));
}

TEST_CASE(
    "A document by its kind's table: times, references, what the client and the provider say") {
  const store::ResourceRecord row = active();
  const auto document = parsed(row.document);
  CHECK(document["object"].stringOr("") == "subscription");
  CHECK(document["transaction_id"].stringOr("") == "txn_1");
  CHECK(document["status"].stringOr("") == "active");
  CHECK(document["plan_id"].stringOr("") == "plan_1");
  CHECK(document["plan_provider_id"].stringOr("") == "P-1");
  CHECK(document["quantity"].int64Or(0) == 2);
  CHECK(document["current_period_end_at"].stringOr("") == "2026-10-14T17:46:40.000Z");
  CHECK(document["trial_end_at"].isNull());
  CHECK(document["description"].stringOr("") == "Gold");
  CHECK(document["metadata"]["a"].stringOr("") == "b");
  CHECK_FALSE(document["metadata"]["provider"].exists());
  CHECK(row.parentId == "plan_1");
}

TEST_CASE(
    "An answer that leaves something out does not unsay it, and next_action is of the moment") {
  store::ResourceRecord row = active();
  row.version = 1;
  const auto none = parsed("{}");
  const auto waiting = parsed(
      R"({"provider_id":"S-1","status":"pending","next_action":{"type":"redirect","url":"https://a"},)"
      R"("cancel_at_period_end":false,"metadata":{}})");
  row = makeResource("subscription", waiting.root(), contextFor(none, &row));
  auto document = parsed(row.document);
  CHECK(document["quantity"].int64Or(0) == 2);
  CHECK(document["description"].stringOr("") == "Gold");
  CHECK(document["next_action"]["type"].stringOr("") == "redirect");

  row = makeResource("subscription", parsed(kActive).root(), contextFor(none, &row));
  CHECK(parsed(row.document)["next_action"].isNull());
}

TEST_CASE("A reference follows the provider when it names another thing than before") {
  store::ResourceRecord row = active();
  const auto none = parsed("{}");
  const auto other =
      parsed(R"({"provider_id":"S-1","status":"active","plan_provider_id":"P-2","metadata":{}})");
  const auto known =
      parsed(makeResource("subscription", other.root(), contextFor(none, &row)).document);
  CHECK(known["plan_id"].stringOr("") == "plan_2");
  const auto third =
      parsed(R"({"provider_id":"S-1","status":"active","plan_provider_id":"P-3","metadata":{}})");
  const auto foreign =
      parsed(makeResource("subscription", third.root(), contextFor(none, &row)).document);
  CHECK(foreign["plan_id"].isNull());
  CHECK(foreign["plan_provider_id"].stringOr("") == "P-3");
}

TEST_CASE("An unknown outcome shows as processing and keeps what was asked for") {
  const auto client =
      parsed(R"({"destination":{"type":"vpa","vpa":"a@b"},"reference":"r-1","metadata":{}})");
  DocumentContext context = contextFor(client, nullptr);
  context.resourceId = "po_1";
  const store::ResourceRecord row = makeProcessing("payout", 5000, "INR", context);
  const auto document = parsed(row.document);
  CHECK(row.status == "processing");
  CHECK(document["provider_id"].isNull());
  CHECK(document["amount"].int64Or(0) == 5000);
  CHECK(document["destination"]["vpa"].stringOr("") == "a@b");
  CHECK(row.reference == "r-1");
}

TEST_CASE("What the provider made before we heard of it is as old as the provider says") {
  const auto none = parsed("{}");
  DocumentContext context = contextFor(none, nullptr);
  context.transactionId.clear();
  const auto dispute = parsed(
      R"({"provider_id":"D-1","status":"needs_response","amount":900,"currency":"USD","reason":"x",)"
      R"("metadata":{"k":"v"},"created_unix_s":1780000000})");
  const store::ResourceRecord row = makeResource("dispute", dispute.root(), context);
  CHECK(row.createdAt == 1'780'000'000'000);
  CHECK_FALSE(parsed(row.document)["transaction_id"].exists());
  CHECK(parsed(row.document)["metadata"]["k"].stringOr("") == "v");
}

TEST_CASE("Kinds without a status of the provider's have one of ours") {
  const auto none = parsed("{}");
  const auto statusOf = [&](std::string_view kind, std::string_view output) {
    return makeResource(kind, parsed(output).root(), contextFor(none, nullptr)).status;
  };
  CHECK(statusOf("product", R"({"provider_id":"p","name":"n","active":true})") == "active");
  CHECK(statusOf("product", R"({"provider_id":"p","name":"n","active":false})") == "inactive");
  CHECK(statusOf("payment_method", R"({"provider_id":"p","type":"card"})") == "active");
  CHECK(statusOf("payment_method", R"({"provider_id":"p","type":"card","detached":true})") ==
        "detached");
}

TEST_CASE("Every kind has an id prefix and a collection of its own, and its ends are statuses") {
  std::vector<std::string_view> prefixes;
  for (const Kind& kind : allKinds()) {
    CAPTURE(kind.name);
    CHECK(kind.idPrefix.back() == '_');
    CHECK(std::find(prefixes.begin(), prefixes.end(), kind.idPrefix) == prefixes.end());
    prefixes.push_back(kind.idPrefix);
    for (const std::string_view end : kind.ends) {
      const bool listed =
          std::find(kind.statuses.begin(), kind.statuses.end(), end) != kind.statuses.end();
      CHECK((listed || end == "deleted"));
      CHECK(isEnd(kind.name, end));
      CHECK(movesBack(kind.name, end, "processing"));
    }
  }
}

}  // namespace
}  // namespace unigate::gateway
