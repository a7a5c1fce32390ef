#include "gateway/features.hpp"

#include <catch2/catch.hpp>

namespace unigate::gateway {
namespace {

plugin_host::Manifest manifest() {
  plugin_host::Manifest made;
  made.id = "acme";
  made.envFeatures = {"payments", "refunds", "subscriptions", "webhooks"};
  made.passthrough.emplace();
  return made;
}

}  // namespace

TEST_CASE(
    "An operation belongs to the feature of its family, or to that which its family is a part of") {
  const auto acme = manifest();
  CHECK(featureOf(acme, "payments.create") == "payments");
  CHECK(featureOf(acme, "refunds.list") == "refunds");
  CHECK(featureOf(acme, "plans.create") == "subscriptions");
  CHECK(featureOf(acme, "products.get") == "subscriptions");
  CHECK(featureOf(acme, "webhook_endpoints.create") == "webhooks");
}

TEST_CASE("What a manifest lists no feature for can't be switched off") {
  const auto acme = manifest();
  CHECK(featureOf(acme, "balance.get").empty());
  CHECK(featureOf(acme, "setup_intents.create").empty());
  CHECK(featureOf(acme, "").empty());
}

TEST_CASE("Raw calls are a feature where the manifest has them") {
  auto acme = manifest();
  CHECK(featuresOf(acme) == std::vector<std::string>{"payments", "refunds", "subscriptions",
                                                     "webhooks", "passthrough"});
  acme.passthrough.reset();
  CHECK(featuresOf(acme).back() == "webhooks");
}

TEST_CASE("Only the features that are off are refused, with the way to switch them on") {
  Account account;
  account.provider = "acme";
  account.environment = "test";
  CHECK(checkPassthroughFeature(account));
  account.featuresOff = {"passthrough"};
  const auto refused = checkPassthroughFeature(account);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 403);
  CHECK(refused.error().code == "feature_disabled");
  CHECK(refused.error().detail.find("PUT /api/services/acme/features") != std::string::npos);
}

}  // namespace unigate::gateway
