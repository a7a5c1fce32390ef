#include "webhooks/proof.hpp"

#include <catch2/catch.hpp>

#include "gateway/provider_test_support.hpp"
#include "webhooks/verify.hpp"

namespace unigate::webhooks {

TEST_CASE("A proof in the input must be the provider's own") {
  net::test::TestServer server([](net::test::Connection&) {});
  gateway::testing::ProviderBench bench(server);
  const auto account = bench.account();
  plugin_host::Operation operation;
  operation.name = "payments.confirm";
  operation.proof = "checkout";
  const auto check = [&](const std::string& input) {
    json::Document document;
    json::ReadError error;
    REQUIRE(document.parse(input, error));
    return checkProof(operation, *account, document.root(), 1);
  };
  const std::string good = encodedHmac(Digest::sha256, Encoding::hex, "sk_test", "proof");
  CHECK(check(R"({"checkout":{"order":"o_1","signature":")" + good + R"("}})").has_value());
  CHECK(check(R"({"provider_id":"o_1"})").has_value());
  CHECK(check(R"({"checkout":null})").has_value());
  for (const char* bad : {R"({"checkout":{}})", R"({"checkout":{"signature":"00"}})",
                          R"({"checkout":"text"})", R"({"checkout":[]})"}) {
    INFO(bad);
    const auto status = check(bad);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().status == 422);
    CHECK(status.error().code == "invalid_signature");
    CHECK(status.error().param == "checkout");
    CHECK(status.error().detail.find("sk_test") == std::string::npos);
  }
  operation.proof.clear();
  CHECK(check(R"({"checkout":{}})").has_value());
}

}  // namespace unigate::webhooks
