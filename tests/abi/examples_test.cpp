// The SDK's examples as the gateway runs them: the same promises for the plugin in C and for those
// in C++.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unigate/json.hpp>
#include <variant>
#include <vector>

#include "plugin_host/plugin_call.hpp"
#include "plugin_host/plugin_registry.hpp"

namespace unigate::plugin_host {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNowUnixMs = 1'800'000'000'000;
constexpr const char* kInput =
    R"({"amount":1050,"currency":"EUR","capture_method":"automatic","confirm":true,)"
    R"("customer_email":"ada@example.org","reference":"order \"7\" \u20ac","metadata":{},)"
    R"("operation_id":"op_1"})";

// The examples, loaded out of a directory with the rights that the gateway asks for.
class Examples {
 public:
  explicit Examples(const fs::path& source = UNIGATE_EXAMPLES) {
    std::string name = (fs::temp_directory_path() / "unigate_examples_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    for (const auto& entry : fs::directory_iterator(source)) {
      if (!entry.is_regular_file()) continue;
      const fs::path to = path_ / entry.path().filename();
      fs::copy_file(entry.path(), to);
      fs::permissions(to, fs::perms(0644));
    }
    PluginRegistry::Settings settings;
    settings.directories = {path_.string()};
    registry_ = std::make_unique<PluginRegistry>(settings);
    registry_->load();
  }
  ~Examples() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Examples(const Examples&) = delete;
  Examples& operator=(const Examples&) = delete;

  PluginRegistry& registry() { return *registry_; }
  std::shared_ptr<Instance> instance(const std::string& id, Mode mode = Mode::test) {
    auto plugin = registry_->use(id);
    REQUIRE(plugin.has_value());
    auto made = (*plugin)->createInstance(mode, "{}");
    REQUIRE(made.has_value());
    return *made;
  }

 private:
  fs::path path_;
  std::unique_ptr<PluginRegistry> registry_;
};

HttpEvent answer(std::uint32_t status, std::string body) {
  HttpEvent event;
  event.status = status;
  event.body = std::move(body);
  event.nowUnixMs = kNowUnixMs;
  return event;
}

HttpEvent lost(HttpEvent::Kind kind) {
  HttpEvent event;
  event.kind = kind;
  event.nowUnixMs = kNowUnixMs;
  return event;
}

BeginArgs argumentsFor(std::string_view operation, std::string_view input) {
  BeginArgs arguments;
  arguments.operation = operation;
  arguments.inputJson = input;
  arguments.idempotencyKey = "key-0123456789";
  arguments.nowUnixMs = kNowUnixMs;
  return arguments;
}

// Runs payments.create up to the charge request, which is the second one of several_requests.
struct Charge {
  std::unique_ptr<PluginCall> call;
  HttpStep request;
};

Charge chargeOf(Examples& examples, const std::string& id, Recovering recovering = Recovering::no) {
  BeginArgs arguments = argumentsFor("payments.create", kInput);
  arguments.recovering = recovering;
  auto [call, step] = PluginCall::begin(examples.instance(id), arguments);
  REQUIRE(call != nullptr);
  if (id == "several_requests") {
    const auto& request = std::get<HttpStep>(step);
    CHECK(request.path == "/v1/customers");
    CHECK(request.headers.at(1) ==
          std::pair<std::string, std::string>("Idempotency-Key", "key-0123456789-customer"));
    CHECK(request.redact == std::vector<std::string>{"/email", "/name"});
    step = call->resume(answer(201, R"({"id":"cus_1"})"));
  }
  REQUIRE(std::holds_alternative<HttpStep>(step));
  return {std::move(call), std::get<HttpStep>(step)};
}

// What a charge ends with when the provider answers `event`.
Step chargeWith(Examples& examples, const std::string& id, const HttpEvent& event,
                Recovering recovering = Recovering::no) {
  return chargeOf(examples, id, recovering).call->resume(event);
}

const std::vector<std::string> kIds = {"example", "one_request", "several_requests"};

}  // namespace

TEST_CASE("The registry loads every example") {
  Examples examples;
  for (const PluginEntry& entry : examples.registry().entries()) {
    INFO(entry.path << ": " << entry.reason);
    CHECK(entry.state == PluginState::loaded);
  }
  CHECK(examples.registry().entries().size() == kIds.size());
}

TEST_CASE("A plugin built with any released header works in today's host") {
  std::size_t fossils = 0;
  for (const auto& release : fs::directory_iterator(UNIGATE_FOSSILS)) {
    INFO(release.path());
    ++fossils;
    Examples fossil(release.path());
    const Step step =
        chargeWith(fossil, "example",
                   answer(201, R"({"id":"ch_1","status":"paid","amount":1050,"currency":"EUR"})"));
    CHECK(std::holds_alternative<DoneStep>(step));
    const Step refused = chargeWith(
        fossil, "example",
        answer(201, R"({"id":"ch_1","status":"refused","amount":1050,"currency":"EUR"})"));
    CHECK(std::get<FailStep>(refused).error.outcome == Outcome::declined);
  }
  CHECK(fossils >= 1);
}

TEST_CASE("A charge is sent with the key, the scheme and the reference that the gateway gave") {
  Examples examples;
  for (const std::string& id : kIds) {
    INFO(id);
    const HttpStep request = chargeOf(examples, id).request;
    CHECK(request.method == "POST");
    CHECK(request.endpoint == "api");
    CHECK(request.path == "/v1/charges");
    CHECK(request.auth == "api_key");
    CHECK_FALSE(request.mayRetry);
    CHECK(request.headers.at(1) ==
          std::pair<std::string, std::string>("Idempotency-Key", "key-0123456789"));
    json::Document body;
    json::ReadError error;
    REQUIRE(body.parse(request.body, error));
    CHECK(body["amount"].int64() == 1050);
    CHECK(body["currency"].string() == "EUR");
    CHECK(body["reference"].string() == "order \"7\" \u20ac");
  }
}

TEST_CASE("A paid charge is done, an unknown status is processing") {
  Examples examples;
  for (const std::string& id : kIds) {
    INFO(id);
    for (const auto& [word, status, captured] :
         {std::tuple{"paid", "succeeded", 1050}, std::tuple{"pending", "processing", 0},
          std::tuple{"resting", "processing", 0}}) {
      const Step step =
          chargeWith(examples, id,
                     answer(201, R"({"id":"ch_1","status":")" + std::string(word) +
                                     R"(","amount":1050,"currency":"EUR","created":1800000000,)"
                                     R"("more":[{"id":"no"}]})"));
      REQUIRE(std::holds_alternative<DoneStep>(step));
      json::Document result;
      json::ReadError error;
      REQUIRE(result.parse(std::get<DoneStep>(step).resultJson, error));
      CHECK(result["provider_id"].string() == "ch_1");
      CHECK(result["status"].string() == status);
      CHECK(result["amount_captured"].int64() == captured);
      CHECK(result["livemode"].boolean() == false);
      CHECK(result["created_unix_s"].int64() == kNowUnixMs / 1000);
    }
  }
}

TEST_CASE("A refused charge is declined and comes with its resource") {
  Examples examples;
  for (const std::string& id : kIds) {
    INFO(id);
    const Step step = chargeWith(
        examples, id,
        answer(200, R"({"id":"ch_1","status":"refused","amount":1050,"currency":"EUR"})"));
    REQUIRE(std::holds_alternative<FailStep>(step));
    const ErrorInfo& error = std::get<FailStep>(step).error;
    CHECK(error.category == "card_declined");
    CHECK(error.outcome == Outcome::declined);
    CHECK(error.providerCode == "refused");
    json::Document resource;
    json::ReadError problem;
    REQUIRE(resource.parse(error.resourceJson, problem));
    CHECK(resource["status"].string() == "failed");
  }
}

TEST_CASE("Each status of the provider is read for what it says about the money") {
  Examples examples;
  struct Row {
    std::uint32_t status;
    const char* category;
    Outcome outcome;
  };
  const std::vector<Row> rows = {
      {400, "invalid_request", Outcome::declined},
      {401, "unauthorized", Outcome::declined},
      {403, "unauthorized", Outcome::declined},
      {404, "not_found", Outcome::declined},
      {409, "idempotency_conflict", Outcome::unknown},
      {422, "invalid_request", Outcome::declined},
      {429, "rate_limited", Outcome::notExecuted},
      {500, "provider_unavailable", Outcome::unknown},
      {503, "provider_unavailable", Outcome::unknown},
      {302, "bad_response", Outcome::unknown},
      {418, "bad_response", Outcome::unknown},
  };
  for (const std::string& id : kIds) {
    for (const Row& row : rows) {
      INFO(id << " " << row.status);
      const Step step = chargeWith(examples, id, answer(row.status, "{}"));
      REQUIRE(std::holds_alternative<FailStep>(step));
      CHECK(std::get<FailStep>(step).error.category == row.category);
      CHECK(std::get<FailStep>(step).error.outcome == row.outcome);
      CHECK(std::get<FailStep>(step).error.httpStatus == row.status);
    }
  }
}

TEST_CASE("An answer that can't be trusted leaves the outcome unknown") {
  Examples examples;
  const std::vector<std::string> bodies = {
      "",
      "null",
      "[]",
      "<html>",
      "{\"id\":\"ch_1\"",
      R"({"id":"ch_1","status":"paid","amount":1050,"currency":"EUR"} x)",
      R"({"id":"ch_1","status":"paid","amount":1050,"currency":"EUR","id":"ch_2"})",
      R"({"id":"../x","status":"paid","amount":1050,"currency":"EUR"})",
      R"({"id":"","status":"paid","amount":1050,"currency":"EUR"})",
      R"({"id":"ch_1","status":1,"amount":1050,"currency":"EUR"})",
      R"({"id":"ch_1","status":"paid","amount":1050.0,"currency":"EUR"})",
      R"({"id":"ch_1","status":"paid","amount":-1050,"currency":"EUR"})",
      R"({"id":"ch_1","status":"paid","amount":99999999999999999999,"currency":"EUR"})",
      R"({"id":"ch_1","status":"paid","amount":1051,"currency":"EUR"})",
      R"({"id":"ch_1","status":"paid","amount":1050,"currency":"USD"})",
      R"({"id":"ch_1","status":"paid","amount":1050,"currency":"euro"})",
      R"({"data":{"id":"ch_1","status":"paid","amount":1050,"currency":"EUR"}})",
      std::string(100, '[') + std::string(100, ']')};
  for (const std::string& id : kIds) {
    for (const std::string& body : bodies) {
      INFO(id << " " << body);
      const Step step = chargeWith(examples, id, answer(200, body));
      REQUIRE(std::holds_alternative<FailStep>(step));
      CHECK(std::get<FailStep>(step).error.outcome == Outcome::unknown);
    }
  }
}

TEST_CASE("A lost answer is unknown, a request that never left is not executed") {
  Examples examples;
  for (const std::string& id : kIds) {
    INFO(id);
    const Step gone = chargeWith(examples, id, lost(HttpEvent::Kind::noAnswer));
    CHECK(std::get<FailStep>(gone).error.outcome == Outcome::unknown);
    CHECK(std::get<FailStep>(gone).error.category == "unknown_outcome");
    const Step unsent = chargeWith(examples, id, lost(HttpEvent::Kind::notSent));
    CHECK(std::get<FailStep>(unsent).error.category == "provider_unavailable");
    // Of several requests an earlier one may have changed something.
    const Outcome expected = id == "several_requests" ? Outcome::unknown : Outcome::notExecuted;
    CHECK(std::get<FailStep>(unsent).error.outcome == expected);
  }
}

TEST_CASE("While recovering, a resend that was not executed proves nothing of the first attempt") {
  Examples examples;
  for (const std::string& id : kIds) {
    INFO(id);
    const Step step = chargeWith(examples, id, answer(429, "{}"), Recovering::resend);
    CHECK(std::get<FailStep>(step).error.outcome == Outcome::unknown);
    BeginArgs arguments = argumentsFor("payments.create", kInput);
    arguments.recovering = Recovering::query;
    auto [call, first] = PluginCall::begin(examples.instance(id), arguments);
    if (id == "several_requests") {
      // It can ask, and asking moves nothing.
      REQUIRE(std::holds_alternative<HttpStep>(first));
      CHECK(std::get<HttpStep>(first).method == "GET");
      continue;
    }
    REQUIRE(std::holds_alternative<FailStep>(first));
    CHECK(std::get<FailStep>(first).error.outcome == Outcome::unknown);
  }
}

TEST_CASE("A manual capture is refused before anything is sent") {
  Examples examples;
  std::string input = kInput;
  input.replace(input.find("automatic"), 9, "manual");
  for (const std::string& id : kIds) {
    INFO(id);
    auto [call, step] =
        PluginCall::begin(examples.instance(id), argumentsFor("payments.create", input));
    REQUIRE(std::holds_alternative<FailStep>(step));
    CHECK(std::get<FailStep>(step).error.field == "capture_method");
    CHECK(std::get<FailStep>(step).error.outcome == Outcome::notExecuted);
  }
}

TEST_CASE("Amounts beyond 2^53 stay exact") {
  Examples examples;
  const std::string input =
      R"({"amount":"9223372036854775807","currency":"EUR","capture_method":"automatic",)"
      R"("confirm":true,"reference":"r","metadata":{},"operation_id":"op_1"})";
  for (const std::string id : {"example", "one_request"}) {
    INFO(id);
    auto [call, step] =
        PluginCall::begin(examples.instance(id), argumentsFor("payments.create", input));
    REQUIRE(call != nullptr);
    CHECK_THAT(std::get<HttpStep>(step).body,
               Catch::Matchers::Contains("\"amount\":9223372036854775807,"));
    step = call->resume(answer(
        200, R"({"id":"ch_1","status":"paid","amount":9223372036854775807,"currency":"EUR"})"));
    REQUIRE(std::holds_alternative<DoneStep>(step));
    CHECK_THAT(std::get<DoneStep>(step).resultJson,
               Catch::Matchers::Contains("\"amount\":\"9223372036854775807\""));
  }
}

TEST_CASE("A charge is fetched by its id, and an id that would leave the path is refused") {
  Examples examples;
  for (const std::string id : {"example", "one_request"}) {
    INFO(id);
    auto [call, step] =
        PluginCall::begin(examples.instance(id, Mode::live),
                          argumentsFor("payments.get", R"({"provider_id":"ch_1"})"));
    REQUIRE(call != nullptr);
    CHECK(std::get<HttpStep>(step).method == "GET");
    CHECK(std::get<HttpStep>(step).path == "/v1/charges/ch_1");
    step = call->resume(
        answer(200, R"({"id":"ch_1","status":"refused","amount":1050,"currency":"EUR"})"));
    REQUIRE(std::holds_alternative<DoneStep>(step));
    CHECK_THAT(std::get<DoneStep>(step).resultJson,
               Catch::Matchers::Contains("\"status\":\"failed\"") &&
                   Catch::Matchers::Contains("\"livemode\":true"));
    for (const char* bad : {"..", "ch_1/../../admin", "ch_1?x=1", "ch 1", "ch_\\u0000"}) {
      auto [none, refusal] = PluginCall::begin(
          examples.instance(id),
          argumentsFor("payments.get", R"({"provider_id":")" + std::string(bad) + "\"}"));
      REQUIRE(std::holds_alternative<FailStep>(refusal));
      CHECK(std::get<FailStep>(refusal).error.field == "provider_id");
    }
  }
}

TEST_CASE("Without a customer no charge is asked for") {
  Examples examples;
  const auto endWith = [&](const HttpEvent& event) {
    auto [call, step] = PluginCall::begin(examples.instance("several_requests"),
                                          argumentsFor("payments.create", kInput));
    REQUIRE(call != nullptr);
    step = call->resume(event);
    REQUIRE(std::holds_alternative<FailStep>(step));
    return std::get<FailStep>(step).error.outcome;
  };
  CHECK(endWith(answer(422, "{}")) == Outcome::declined);
  CHECK(endWith(answer(429, "{}")) == Outcome::notExecuted);
  CHECK(endWith(answer(503, "{}")) == Outcome::unknown);
  CHECK(endWith(answer(201, "{}")) == Outcome::unknown);
  CHECK(endWith(lost(HttpEvent::Kind::notSent)) == Outcome::notExecuted);
  CHECK(endWith(lost(HttpEvent::Kind::noAnswer)) == Outcome::unknown);
}

}  // namespace unigate::plugin_host
