#include <catch2/catch.hpp>

#include "gateway/gateway.hpp"

namespace unigate::gateway {
namespace {

TEST_CASE("Tells which operations are being driven") {
  LiveOperations live;
  live.add("txn_1");
  CHECK(live.has("txn_1"));
  live.remove("txn_1");
  CHECK_FALSE(live.has("txn_1"));
}

TEST_CASE("Each provider has a retry budget of its own") {
  RetryBudgets budgets;
  while (budgets.of("acme").takeRetry()) {
  }
  CHECK_FALSE(budgets.of("acme").takeRetry());
  CHECK(budgets.of("other").takeRetry());
}

}  // namespace
}  // namespace unigate::gateway
