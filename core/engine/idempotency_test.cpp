#include "engine/idempotency.hpp"

#include <catch2/catch.hpp>

namespace unigate::engine {
namespace {

std::string fingerprintOf(std::string_view body, std::string_view route = "/v1/payments/orders") {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(body, error));
  return fingerprint("POST", route, document.root());
}

TEST_CASE("Accepts a key bare or quoted and takes both for the same") {
  CHECK(parseIdempotencyKey("order-1").value() == "order-1");
  CHECK(parseIdempotencyKey("\"order-1\"").value() == "order-1");
  CHECK(parseIdempotencyKey(R"("a\"b\\c")").value() == R"(a"b\c)");
  CHECK(parseIdempotencyKey(std::string(255, 'k')).has_value());
}

TEST_CASE("Refuses keys that are empty, too long, unclosed or not visible ASCII") {
  for (const std::string& key :
       {std::string(), std::string("\"\""), std::string(256, 'k'), std::string("a b"),
        std::string("\"open"), std::string("\""), std::string("t\xc3\xa9"), std::string("\"a\\n\""),
        std::string("\"a\"b\"")}) {
    const auto result = parseIdempotencyKey(key);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().status == 400);
    CHECK(result.error().param == "Idempotency-Key");
  }
}

TEST_CASE("A fingerprint ignores member order and white space, at every depth") {
  CHECK(fingerprintOf(R"({"a":1,"b":{"x":[1,2],"y":null}})") ==
        fingerprintOf("{ \"b\": {\"y\":null, \"x\":[1, 2]}, \"a\": 1 }"));
}

TEST_CASE("A fingerprint tells values, types, order of lists and routes apart") {
  const std::string base = fingerprintOf(R"({"a":1})");
  CHECK(base != fingerprintOf(R"({"a":2})"));
  CHECK(base != fingerprintOf(R"({"a":"1"})"));
  CHECK(base != fingerprintOf(R"({"a":1,"b":null})"));
  CHECK(base != fingerprintOf(R"({"a":1})", "/v1/customers"));
  CHECK(fingerprintOf(R"({"a":[1,2]})") != fingerprintOf(R"({"a":[2,1]})"));
}

}  // namespace
}  // namespace unigate::engine
