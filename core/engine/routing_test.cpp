#include "engine/routing.hpp"

#include <catch2/catch.hpp>

namespace unigate::engine {
namespace {

RouteCandidate provider(std::string id, bool configured, std::string only = "payments.create") {
  return {std::move(id), true, configured,
          [only](std::string_view operation) { return operation == only; }};
}

using Defaults = std::map<std::string, std::string>;

const RouteRequest kCreate{"payments.create", "", "test"};

TEST_CASE("Takes the provider that the request names") {
  const Router router(Defaults{{"payments", "acme"}});
  CHECK(
      router
          .pick({"payments.create", "zen", "test"}, {provider("acme", true), provider("zen", true)})
          .value() == "zen");
}

TEST_CASE("Takes the default of the operation, then of its family") {
  const std::vector<RouteCandidate> two{provider("acme", true), provider("zen", true)};
  CHECK(Router(Defaults{{"payments.create", "zen"}, {"payments", "acme"}}).pick(kCreate, two).value() ==
        "zen");
  CHECK(Router(Defaults{{"payments", "acme"}}).pick(kCreate, two).value() == "acme");
}

TEST_CASE("Takes the only one that is configured and can") {
  CHECK(Router(Defaults{})
            .pick(kCreate, {provider("acme", true), provider("zen", false),
                            provider("sms", true, "messages.create")})
            .value() == "acme");
}

TEST_CASE("Never guesses between two: a 400 lists who could") {
  const auto result = Router(Defaults{}).pick(kCreate, {provider("zen", true), provider("acme", true)});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().status == 400);
  CHECK(result.error().members.at(0).second == R"(["acme","zen"])");
}

TEST_CASE("Says who can when the named provider can't") {
  const auto result =
      Router(Defaults{}).pick({"payments.create", "sms", "test"},
                      {provider("acme", true), provider("sms", true, "messages.create")});
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().status == 501);
  CHECK(result.error().members.at(0).second == R"(["acme"])");
}

TEST_CASE("Tells unknown, unconfigured and quarantined providers apart") {
  CHECK(Router(Defaults{})
            .pick({"payments.create", "nobody", "test"}, {provider("acme", true)})
            .error()
            .status == 400);
  CHECK(Router(Defaults{})
            .pick({"payments.create", "acme", "test"}, {provider("acme", false)})
            .error()
            .status == 422);
  RouteCandidate sick = provider("acme", true);
  sick.usable = false;
  CHECK(Router(Defaults{}).pick({"payments.create", "acme", "test"}, {sick}).error().status == 503);
}

}  // namespace
}  // namespace unigate::engine
