#include <catch2/catch.hpp>

#include "gateway/gateway.hpp"

namespace unigate::gateway {
namespace {

TEST_CASE("Only one new operation at a time holds a payment") {
  LiveOperations live;
  CHECK(live.tryHold("pay_1"));
  CHECK_FALSE(live.tryHold("pay_1"));
  CHECK(live.tryHold("pay_2"));
  live.letGo("pay_1");
  CHECK(live.tryHold("pay_1"));
}

TEST_CASE("What is being resolved keeps new operations off its payment until the last one ends") {
  LiveOperations live;
  REQUIRE(live.tryHold("pay_1"));
  live.hold("pay_1");
  live.letGo("pay_1");
  CHECK_FALSE(live.tryHold("pay_1"));
  live.letGo("pay_1");
  live.letGo("pay_1");  // once too often does no harm
  CHECK(live.tryHold("pay_1"));
}

TEST_CASE("Tells which operations are being driven") {
  LiveOperations live;
  live.add("txn_1");
  CHECK(live.has("txn_1"));
  live.remove("txn_1");
  CHECK_FALSE(live.has("txn_1"));
}

}  // namespace
}  // namespace unigate::gateway
