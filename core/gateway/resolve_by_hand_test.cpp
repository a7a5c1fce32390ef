#include "gateway/resolve_by_hand.hpp"

#include <catch2/catch.hpp>
#include <unigate/json.hpp>

#include "store/test_database.hpp"

namespace unigate::gateway {
namespace {

using As = HandDecision::As;
using store::must;
using store::OperationState;

struct Desk : store::TestDatabase {
  // An escalated operation on a resource that shows as processing. `provider`: the resource's id
  // there, where it is known.
  store::OperationRecord escalated(const std::string& name, const std::string& input,
                                   const std::string& provider,
                                   const std::string& kind = "payment") {
    resource = payment("processing");
    resource.kind = kind;
    resource.providerId = provider;
    resource.document = R"({"object":")" + kind + R"(","id":")" + resource.id +
                        R"(","status":"processing","failure":null,"updated_at":""})";
    auto record = intent("key-" + std::to_string(++keys));
    record.operation.operation = name;
    record.operation.resourceKind = kind;
    record.operation.resourceId = resource.id;
    record.operation.input = input;
    record.operation.fence = 1;
    record.resources = {resource};
    const auto id = record.operation.id;
    must(store->insertIntentNow(std::move(record)));
    store::TransitionRecord change;
    change.toState = OperationState::escalated;
    change.newFence = 2;
    change.attempt = 3;
    change.epoch = 4;
    must(store->transitionNow("org_1", id, OperationState::intent, 1, change));
    return operation(id);
  }

  base::Result<store::TransitionRecord> decide(const store::OperationRecord& row, As as,
                                               const std::string& providerId = {},
                                               const std::string& reason = "looked there") {
    const ByHand services{*reader, clock,
                          [](const base::Problem& problem) { return "problem " + problem.code; }};
    return makeDecision(services, row, {as, providerId, reason, "operator:ann"});
  }

  // Decided and written; the operation as it is then.
  store::OperationRecord decided(const store::OperationRecord& row, As as,
                                 const std::string& providerId = {}) {
    const auto outcome = must(store->transitionNow("org_1", row.id, row.state, row.fence,
                                                   must(decide(row, as, providerId))));
    CHECK(outcome == store::TransitionOutcome::applied);
    return operation(row.id);
  }

  std::string codeOf(const base::Result<store::TransitionRecord>& result) {
    return result ? "" : result.error().code + " " + result.error().param;
  }

  store::ResourceRecord now() {
    return *must(reader->resourceById("org_1", "test", resource.kind, resource.id));
  }

  store::ResourceRecord resource;
  int keys = 0;
};

const std::string kCreate = R"({"creates":true,"adapter":{},"client":{}})";
const std::string kCapture =
    R"({"creates":false,"adapter":{},"client":{},"status_before":"requires_capture"})";

TEST_CASE_METHOD(Desk, "A failed change leaves its resource as it was before") {
  const auto row = escalated("payments.capture", kCapture, "pi_1");
  const auto after = decided(row, As::failed);
  CHECK(after.state == OperationState::failed);
  CHECK(after.outcome == "not_executed");
  CHECK(after.fence == 3);
  CHECK(after.attempt == 3);
  CHECK(after.epoch == 4);
  CHECK(after.clientKey == "key-1");
  CHECK(now().status == "requires_capture");
  const auto trail = must(reader->transitions("org_1", "test", row.id));
  CHECK(trail.back().actor == "operator:ann");
  CHECK(trail.back().reason == "resolved by hand as failed: looked there");
}

TEST_CASE_METHOD(Desk, "A change that succeeded is read at the provider with the next look") {
  const auto after = decided(escalated("payments.capture", kCapture, "pi_1"), As::succeeded);
  CHECK(after.state == OperationState::succeeded);
  CHECK(after.outcome == "done");
  CHECK(now().status == "processing");
  CHECK(now().providerId == "pi_1");
}

TEST_CASE_METHOD(Desk, "A new resource gets the id that the provider calls it by") {
  const auto row = escalated("payments.create", kCreate, "");
  CHECK(codeOf(decide(row, As::succeeded)) == "provider_id_needed provider_id");
  decided(row, As::succeeded, "pi_7");
  CHECK(now().providerId == "pi_7");
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(now().document, error));
  CHECK(document["provider_id"].stringOr("") == "pi_7");
  CHECK(document["status"].stringOr("") == "processing");
}

TEST_CASE_METHOD(Desk, "A provider's id that is another resource's is refused") {
  auto other = payment();
  other.providerId = "pi_other";
  auto made = intent();
  made.resources = {other};
  must(store->insertIntentNow(std::move(made)));
  const auto row = escalated("payments.create", kCreate, "");
  CHECK(codeOf(decide(row, As::succeeded, "pi_other")) == "provider_id_taken provider_id");
  const auto known = escalated("payments.capture", kCapture, "pi_1");
  CHECK(codeOf(decide(known, As::succeeded, "pi_2")) == "provider_id_differs provider_id");
}

TEST_CASE_METHOD(Desk, "A client that was never answered gets the final answer under its key") {
  SECTION("failed") {
    const auto after = decided(escalated("payments.create", kCreate, ""), As::failed);
    CHECK(after.responseStatus == 422);
    CHECK(after.responseBody == "problem resolved_as_failed");
    CHECK(now().status == "failed");
  }
  SECTION("succeeded") {
    const auto after = decided(escalated("payments.create", kCreate, ""), As::succeeded, "pi_7");
    CHECK(after.responseStatus == 201);
    CHECK(after.responseBody == now().document);
  }
}

TEST_CASE_METHOD(Desk, "What a client was told before stays what a replay gives") {
  auto row = escalated("payments.create", kCreate, "");
  row.responseStatus = 202;
  row.responseBody = "processing";
  const auto record = must(decide(row, As::failed));
  CHECK(record.final->responseStatus == 202);
  CHECK(record.final->responseBody == "processing");
}

TEST_CASE_METHOD(Desk, "What does not move by itself is as it was asked for") {
  const auto row = escalated("plans.create", kCreate, "", "plan");
  decided(row, As::succeeded, "plan_x");
  CHECK(now().status == "active");
}

TEST_CASE_METHOD(Desk, "Asking again puts an operation back to the resolver, due at once") {
  const auto row = escalated("payments.capture", kCapture, "pi_1");
  const auto after = decided(row, As::askAgain);
  CHECK(after.state == OperationState::unknown);
  CHECK(after.nextResolveAt == clock.unixMs());
  CHECK(after.epoch == 4);
  auto passthrough = row;
  passthrough.recoveryMode = "none";
  CHECK(codeOf(decide(passthrough, As::askAgain)) == "cannot_ask id");
}

TEST_CASE_METHOD(Desk, "Only an escalated operation is decided, and with a reason") {
  const auto row = escalated("payments.capture", kCapture, "pi_1");
  CHECK(codeOf(decide(row, As::failed, "", "  ")) == "invalid_request reason");
  CHECK(codeOf(decide(row, As::failed, "", "a\nb")) == "invalid_request reason");
  CHECK(codeOf(decide(row, As::failed, "pi_1")) == "invalid_request provider_id");
  CHECK(codeOf(decide(row, As::succeeded, "pi 1")) == "invalid_request provider_id");
  for (const auto state : {OperationState::unknown, OperationState::sent, OperationState::failed,
                           OperationState::succeeded}) {
    auto other = row;
    other.state = state;
    CHECK(codeOf(decide(other, As::failed)) == "not_escalated id");
  }
}

}  // namespace
}  // namespace unigate::gateway
