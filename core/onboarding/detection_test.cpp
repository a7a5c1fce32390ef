#include "onboarding/detection.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "onboarding/credential_check.hpp"
#include "onboarding/other_services.hpp"

namespace unigate::onboarding {
namespace {

using plugin_host::Credential;
using plugin_host::Manifest;

Credential credential(std::string name, bool secret, bool required, std::string pattern,
                      std::string test = {}, std::string live = {}) {
  Credential field;
  field.name = std::move(name);
  field.secret = secret;
  field.required = required;
  field.description = "key of the console";
  field.pattern = std::move(pattern);
  field.testMarker = std::move(test);
  field.liveMarker = std::move(live);
  return field;
}

// Keys that tell what they are.
Manifest acme() {
  Manifest manifest;
  manifest.id = "acme";
  manifest.displayName = "Acme Pay";
  manifest.credentials = {
      credential("secret_key", true, true, "^ak_(test|live)_[a-z0-9]{8,}$", "_test_", "_live_"),
      credential("public_key", false, false, "^ap_(test|live)_[a-z0-9]{8,}$", "_test_", "_live_"),
      credential("webhook_secret", true, false, "^hook_.{8,}$")};
  manifest.envRules = {{"ACME_SECRET_KEY", "", "secret_key"},
                       {"", "^ACME_(API|PRIVATE)_KEY$", "secret_key"},
                       {"", "^ACME_(TEST|LIVE)_KEY$", "secret_key"},
                       {"", "^(NEXT_PUBLIC_|VITE_)?ACME_PUBLIC_KEY$", "public_key"},
                       {"ACME_WEBHOOK_SECRET", "", "webhook_secret"}};
  manifest.envFeatures = {"payments", "refunds"};
  return manifest;
}

// Keys that could be anything.
Manifest plainText() {
  Manifest manifest;
  manifest.id = "plain";
  manifest.credentials = {credential("client_id", false, true, "^[A-Za-z0-9]{8,}$"),
                          credential("client_secret", true, true, "^[A-Za-z0-9]{8,}$")};
  manifest.envRules = {{"PLAIN_CLIENT_ID", "", "client_id"},
                       {"", "^PLAIN_(SANDBOX_|LIVE_)?CLIENT_ID$", "client_id"},
                       {"", "^PLAIN_(SANDBOX_|LIVE_)?(CLIENT_)?SECRET$", "client_secret"}};
  manifest.envFeatures = {"messages"};
  return manifest;
}

Detection detected(const std::string& text) {
  const auto file = EnvFile::parse(text);
  REQUIRE(file);
  return detect(*file, {acme(), plainText()});
}

const ServiceFinding& only(const Detection& found) {
  REQUIRE(found.services.size() == 1);
  return found.services.front();
}

const FieldFinding& field(const ServiceFinding& service, const std::string& name) {
  const auto at = std::find_if(service.fields.begin(), service.fields.end(),
                               [&](const FieldFinding& each) { return each.credential == name; });
  REQUIRE(at != service.fields.end());
  return *at;
}

TEST_CASE("Finds a service by the names that its manifest lists") {
  const Detection found =
      detected("ACME_SECRET_KEY=ak_test_abcdefgh1\nVITE_ACME_PUBLIC_KEY=ap_test_abcdefgh2");
  const ServiceFinding& service = only(found);
  CHECK(service.provider == "acme");
  CHECK(service.displayName == "Acme Pay");
  CHECK(service.confidence == "high");
  CHECK(service.environment == "test");
  CHECK(service.features == std::vector<std::string>{"payments", "refunds"});
  CHECK(service.complete("test"));
  CHECK_FALSE(service.complete("live"));
  CHECK(service.warnings.empty());
  REQUIRE(field(service, "secret_key").chosen("test") != nullptr);
  CHECK(field(service, "secret_key").chosen("test")->variable == "ACME_SECRET_KEY");
  CHECK(field(service, "webhook_secret").wouldFill ==
        std::vector<std::string>{"ACME_WEBHOOK_SECRET"});
}

TEST_CASE("Finds keys under names with prefixes and by their form, with less confidence") {
  const Detection prefixed = detected("SHOP_ACME_SECRET_KEY=ak_live_abcdefgh1");
  CHECK(only(prefixed).confidence == "medium");
  CHECK(only(prefixed).environment == "live");

  const Detection formed = detected("PAYMENT_TOKEN=ak_test_abcdefgh1");
  CHECK(only(formed).confidence == "medium");
  CHECK(field(only(formed), "secret_key").chosen("test")->by == Candidate::By::form);

  // A form that tells nothing is no evidence.
  CHECK(detected("SESSION_KEY=abcdefghijkl").services.empty());
  CHECK(detected("SESSION_KEY=abcdefghijkl").unknown == std::vector<std::string>{"SESSION_KEY"});
}

TEST_CASE("Puts a key where its form says when its name promises another") {
  const Detection found =
      detected("ACME_API_KEY=ap_test_abcdefgh1\nACME_SECRET_KEY=ak_test_abcdefgh1");
  CHECK(field(only(found), "public_key").chosen("test")->variable == "ACME_API_KEY");
  CHECK(field(only(found), "secret_key").chosen("test")->variable == "ACME_SECRET_KEY");
}

TEST_CASE("Flags keys of both environments and keeps them apart") {
  const Detection found =
      detected("ACME_TEST_KEY=ak_test_abcdefgh1\nACME_LIVE_KEY=ak_live_abcdefgh1");
  const ServiceFinding& service = only(found);
  CHECK(service.environment == "mixed");
  REQUIRE(service.warnings.size() == 1);
  CHECK(service.warnings.front().find("ACME_TEST_KEY for test, ACME_LIVE_KEY for live") !=
        std::string::npos);
  CHECK(field(service, "secret_key").chosen("test")->variable == "ACME_TEST_KEY");
  CHECK(field(service, "secret_key").chosen("live")->variable == "ACME_LIVE_KEY");
}

TEST_CASE("Takes the environment from the name of a variable where keys don't tell") {
  const Detection found = detected(
      "PLAIN_SANDBOX_CLIENT_ID=abcdefgh1\nPLAIN_SANDBOX_SECRET=abcdefgh2\n"
      "PLAIN_LIVE_CLIENT_ID=abcdefgh3\nPLAIN_LIVE_SECRET=abcdefgh4");
  const ServiceFinding& service = only(found);
  CHECK(service.environment == "mixed");
  CHECK(field(service, "client_id").chosen("test")->variable == "PLAIN_SANDBOX_CLIENT_ID");
  CHECK(field(service, "client_secret").chosen("live")->variable == "PLAIN_LIVE_SECRET");

  CHECK(only(detected("PLAIN_CLIENT_ID=abcdefgh1\nPLAIN_SECRET=abcdefgh2")).environment ==
        "unknown");
}

TEST_CASE("Chooses between two candidates by the order of the rules and says so") {
  const Detection found =
      detected("ACME_API_KEY=ak_test_abcdefgh1\nACME_SECRET_KEY=ak_test_abcdefgh2");
  const ServiceFinding& service = only(found);
  CHECK(field(service, "secret_key").chosen("test")->variable == "ACME_SECRET_KEY");
  REQUIRE(service.warnings.size() == 1);
  CHECK(
      service.warnings.front() ==
      "secret_key could come from several variables: ACME_SECRET_KEY is taken, not ACME_API_KEY.");

  // A value that can't be used gives way.
  const Detection unfit = detected("ACME_API_KEY=ak_test_abcdefgh1\nACME_SECRET_KEY=changeme");
  CHECK(field(only(unfit), "secret_key").chosen("test")->variable == "ACME_API_KEY");
}

TEST_CASE("Names what is missing and what can't be used, and never a value") {
  const Detection partly = detected("PLAIN_CLIENT_ID=abcdefgh1");
  CHECK(only(partly).confidence == "medium");
  CHECK_FALSE(only(partly).complete("test"));
  CHECK(field(only(partly), "client_secret").candidates.empty());
  CHECK(field(only(partly), "client_secret").wouldFill ==
        std::vector<std::string>{"PLAIN_CLIENT_SECRET"});

  const Detection unfit = detected("ACME_SECRET_KEY=your-key-here-please");
  CHECK(only(unfit).confidence == "low");
  const Candidate& candidate = field(only(unfit), "secret_key").candidates.front();
  CHECK(candidate.fault.find("secret_key does not look like") == 0);
  CHECK(candidate.fault.find("your-key") == std::string::npos);
  CHECK(field(only(detected("ACME_SECRET_KEY=${OTHER}")), "secret_key").candidates.front().fault ==
        "secret_key refers to another variable; give the value itself");
}

TEST_CASE("Names services without a plugin, and the rest by the name alone") {
  const Detection found =
      detected("AWS_ACCESS_KEY_ID=AKIA0\nAWS_SECRET_ACCESS_KEY=x\nPORT=80\nPORT=81");
  REQUIRE(found.others.size() == 1);
  CHECK(found.others.front().id == "aws");
  CHECK(found.others.front().variables ==
        std::vector<std::string>{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"});
  CHECK(found.unknown == std::vector<std::string>{"PORT"});
  CHECK(found.repeated == std::vector<std::string>{"PORT"});
  CHECK(found.services.empty());
}

TEST_CASE("The list of other services is sound") {
  const auto& services = otherServices();
  REQUIRE(services.size() > 50);
  for (const KnownService& each : services) {
    INFO(each.id);
    CHECK_FALSE(each.name.empty());
    CHECK(each.variables.size() + each.prefixes.size() > 0);
    CHECK(std::count_if(services.begin(), services.end(),
                        [&](const KnownService& other) { return other.id == each.id; }) == 1);
  }
  CHECK(findOtherService("SENDGRID_API_KEY")->id == "sendgrid");
  CHECK(findOtherService("GOOGLE_MAPS_API_KEY")->id == "google_maps");
  CHECK(findOtherService("ANYTHING") == nullptr);
}

TEST_CASE("Shows the last four characters of long values and nothing of short ones") {
  CHECK(masked("ak_test_abcdefgh1") == "****fgh1");
  CHECK(masked("short") == "****");
  CHECK(masked("").empty());
}

TEST_CASE("Knows which forms tell a provider") {
  CHECK(hasTellingForm(credential("a", true, true, "^AC[0-9a-f]{32}$")));
  CHECK(hasTellingForm(credential("a", true, true, "^(x|y)_(test|live)$", "_test", "_live")));
  CHECK_FALSE(hasTellingForm(credential("a", true, true, "^[A-Za-z0-9]{8,}$")));
  CHECK_FALSE(hasTellingForm(credential("a", true, true, "")));
  CHECK_FALSE(hasTellingForm(credential("a", true, true, "^ab?c$")));
}

}  // namespace
}  // namespace unigate::onboarding
