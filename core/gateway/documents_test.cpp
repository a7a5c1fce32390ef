#include "gateway/documents.hpp"

#include <catch2/catch.hpp>

namespace unigate::gateway {
namespace {

json::Document parsed(std::string_view text) {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(text, error));
  return document;
}

constexpr std::string_view kPaid =
    R"({"provider_id":"p1","status":"succeeded","amount":1050,"currency":"USD","amount_captured":1050,)"
    R"("amount_refunded":0,"capture_method":"automatic","metadata":{},"livemode":false})";

// A context for a new resource; `client` must outlive it.
DocumentContext contextFor(const json::Document& client) {
  DocumentContext context;
  context.tenant = {"org_1", "test"};
  context.resourceId = "pay_1";
  context.transactionId = "txn_1";
  context.provider = "acme";
  context.accountId = "acc_1";
  context.nowMs = 1'790'000'000'000;
  context.client = client.root();
  return context;
}

store::ResourceRecord paid() {
  const auto client = parsed(R"({"customer":"cus_1","reference":"order-1","metadata":{"a":"b"}})");
  store::ResourceRecord row = makeResource("payment", parsed(kPaid).root(), contextFor(client));
  row.version = 1;
  return row;
}

store::ResourceRecord refundOf(std::int64_t amount, std::string_view status) {
  store::ResourceRecord refund;
  refund.kind = "refund";
  refund.amount = amount;
  refund.status = status;
  return refund;
}

TEST_CASE("A payment's document shows what the client said and what the provider made of it") {
  const store::ResourceRecord row = paid();
  const auto document = parsed(row.document);
  CHECK(document["object"].stringOr("") == "payment");
  CHECK(document["id"].stringOr("") == "pay_1");
  CHECK(document["provider_id"].stringOr("") == "p1");
  CHECK(document["amount"].int64Or(0) == 1050);
  CHECK(document["customer"].stringOr("") == "cus_1");
  CHECK(document["reference"].stringOr("") == "order-1");
  CHECK(document["metadata"]["a"].stringOr("") == "b");
  CHECK(document["failure"].isNull());
  CHECK(row.status == "succeeded");
  CHECK(row.metadata == R"({"a":"b"})");
}

TEST_CASE("A card number that a provider tells is not kept") {
  const auto client = parsed("{}");
  const auto output = parsed(
      R"({"provider_id":"p1","status":"failed","amount":1050,"currency":"USD",)"
      R"("description":"card 4242 4242 4242 4242","metadata":{"n":"4242424242424242"},)"
      R"("failure":{"category":"card_declined","provider_message":"4242-4242-4242-4242 was declined"}})");
  const store::ResourceRecord row = makeResource("payment", output.root(), contextFor(client));
  const auto document = parsed(row.document);
  CHECK(document["description"].stringOr("") == "card **** **** **** 4242");
  CHECK(document["failure"]["message"].stringOr("") == "****-****-****-4242 was declined");
  CHECK(row.document.find("4242424242424242") == std::string::npos);
  CHECK(row.metadata.find("4242424242424242") == std::string::npos);
  CHECK(document["amount"].int64Or(0) == 1050);
}

TEST_CASE("A later answer of the provider keeps what only the client knew") {
  const store::ResourceRecord before = paid();
  const auto nothing = parsed("{}");
  DocumentContext context = contextFor(nothing);
  context.transactionId = "txn_2";
  context.before = &before;
  const auto document = parsed(makeResource("payment", parsed(kPaid).root(), context).document);
  CHECK(document["customer"].stringOr("") == "cus_1");
  CHECK(document["metadata"]["a"].stringOr("") == "b");
  CHECK(document["transaction_id"].stringOr("") == "txn_2");
}

TEST_CASE("Refunds add up on their payment until it is refunded in full") {
  const store::ResourceRecord first = withRefund(paid(), nullptr, refundOf(300, "succeeded"), 1);
  CHECK(parsed(first.document)["amount_refunded"].int64Or(0) == 300);
  CHECK(parsed(first.document)["refund_status"].stringOr("") == "partial");
  const store::ResourceRecord second = withRefund(first, nullptr, refundOf(750, "pending"), 2);
  CHECK(parsed(second.document)["refund_status"].stringOr("") == "full");
}

TEST_CASE("A refund that fails gives its share back; one in doubt does not count yet") {
  const store::ResourceRecord pending = refundOf(300, "pending");
  const store::ResourceRecord with = withRefund(paid(), nullptr, pending, 1);
  const store::ResourceRecord without = withRefund(with, &pending, refundOf(300, "failed"), 2);
  CHECK(parsed(without.document)["amount_refunded"].int64Or(-1) == 0);
  CHECK(parsed(without.document)["refund_status"].stringOr("") == "none");
  const store::ResourceRecord doubtful =
      withRefund(paid(), nullptr, refundOf(300, "processing"), 1);
  CHECK(parsed(doubtful.document)["amount_refunded"].int64Or(-1) == 0);
}

TEST_CASE("An older answer of the provider never takes a known refund back") {
  const store::ResourceRecord before = withRefund(paid(), nullptr, refundOf(300, "succeeded"), 1);
  const auto nothing = parsed("{}");
  DocumentContext context = contextFor(nothing);
  context.before = &before;
  const auto after = parsed(makeResource("payment", parsed(kPaid).root(), context).document);
  CHECK(after["amount_refunded"].int64Or(0) == 300);
}

TEST_CASE("An unknown outcome shows as processing with the amount asked for, never as success") {
  const auto client = parsed(R"({"metadata":{}})");
  const store::ResourceRecord row = makeProcessing("payment", 777, "EUR", contextFor(client));
  const auto document = parsed(row.document);
  CHECK(row.status == "processing");
  CHECK(document["status"].stringOr("") == "processing");
  CHECK(document["amount"].int64Or(0) == 777);
  CHECK(document["amount_captured"].int64Or(-1) == 0);
  CHECK(document["provider_id"].isNull());
}

TEST_CASE("An answer without a status is processing") {
  const auto client = parsed("{}");
  CHECK(makeResource("payment", parsed(R"({"provider_id":"p1"})").root(), contextFor(client))
            .status == "processing");
}

TEST_CASE("A refund of all that is left has no amount before the provider answers") {
  const auto client = parsed(R"({"payment":"pay_1"})");
  const auto document = parsed(makeProcessing("refund", 0, "USD", contextFor(client)).document);
  CHECK(document["amount"].isNull());
  CHECK(document["payment"].stringOr("") == "pay_1");
}

TEST_CASE("Setting a customer's field to null unsets it, whatever the provider echoes") {
  const auto client = parsed(R"({"email":null,"name":"Ada"})");
  const auto output = parsed(R"({"provider_id":"c1","email":"old@example.com","name":"x"})");
  const auto document =
      parsed(makeResource("customer", output.root(), contextFor(client)).document);
  CHECK(document["email"].isNull());
  CHECK(document["name"].stringOr("") == "Ada");
}

TEST_CASE("A change of metadata keeps other keys, and empty text removes one") {
  const auto first = parsed(R"({"metadata":{"tier":"gold","shop":"1"}})");
  const auto output = parsed(R"({"provider_id":"c1"})");
  const store::ResourceRecord before = makeResource("customer", output.root(), contextFor(first));
  const auto change = parsed(R"({"metadata":{"tier":"","new":"2"}})");
  DocumentContext context = contextFor(change);
  context.before = &before;
  const auto after = makeResource("customer", output.root(), context);
  CHECK(after.metadata == R"({"shop":"1","new":"2"})");
}

TEST_CASE("raw stands beside the document's own members") {
  const auto document = parsed(withRaw(R"({"id":"pay_1"})", R"({"x":1})"));
  CHECK(document["id"].stringOr("") == "pay_1");
  CHECK(document["raw"]["x"].int64Or(0) == 1);
}

TEST_CASE("Knows which answers are older than what is known") {
  CHECK(movesBack("payment", "succeeded", "requires_capture"));
  CHECK(movesBack("payment", "requires_capture", "requires_payment_method"));
  CHECK(movesBack("refund", "failed", "succeeded"));
  CHECK(movesBack("customer", "deleted", "active"));
  CHECK_FALSE(movesBack("payment", "processing", "requires_capture"));
  CHECK_FALSE(movesBack("payment", "requires_action", "requires_payment_method"));
  CHECK_FALSE(movesBack("payment", "requires_capture", "canceled"));
  CHECK_FALSE(movesBack("refund", "succeeded", "failed"));
  CHECK(isEnd("payment", "canceled"));
  CHECK_FALSE(isEnd("payment", "requires_capture"));
}

}  // namespace
}  // namespace unigate::gateway
