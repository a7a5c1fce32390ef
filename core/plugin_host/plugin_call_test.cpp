#include "plugin_host/plugin_call.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "plugin_host/plugin_registry.hpp"
#include "plugin_host/test_plugins.hpp"

namespace unigate::plugin_host {
namespace {

using Catch::Matchers::Contains;
using testing::PluginDirectory;

// One loaded acme with an instance and a clock of its own.
class Bench {
 public:
  explicit Bench(StepLimits limits = {}) {
    directory_.addAcme();
    PluginRegistry::Settings settings;
    settings.directories = {directory_.path().string()};
    settings.allowDrafts = true;
    settings.clock = &clock;
    settings.limits = limits;
    settings.log = [this](std::string_view id, std::uint32_t, std::string_view line) {
      lines.push_back(std::string(id) + ": " + std::string(line));
    };
    registry = std::make_unique<PluginRegistry>(settings);
    registry->load();
    plugin = registry->use("acme").value();
    instance = plugin->createInstance(Mode::test, R"({"account_id":"a1"})").value();
    liveCalls = static_cast<const int*>(plugin->extension("draft.acme.live_calls"));
  }

  PluginCall::Begun begin(const std::string& what) const {
    const std::string input = R"({"amount":1050,"do":")" + what + "\"}";
    BeginArgs args;
    args.operation = "payments.create";
    args.inputJson = input;
    args.idempotencyKey = "op_0123456789";
    args.nowUnixMs = 1'790'000'000'000;
    args.deadlineUnixMs = 1'790'000'030'000;
    return PluginCall::begin(instance, args);
  }
  Step answer(const std::string& what, HttpEvent event) const {
    auto begun = begin(what);
    REQUIRE(begun.call != nullptr);
    return begun.call->resume(event);
  }
  static HttpEvent response(std::uint32_t status, std::string body) {
    return {HttpEvent::Kind::response,
            status,
            {{"Content-Type", "application/json"}},
            std::move(body),
            1'790'000'000'100};
  }
  static HttpEvent paid() { return response(200, R"({"paid":true})"); }

  base::ManualClock clock;
  std::vector<std::string> lines;
  std::unique_ptr<PluginRegistry> registry;
  std::shared_ptr<Plugin> plugin;
  std::shared_ptr<Instance> instance;
  const int* liveCalls = nullptr;

 private:
  PluginDirectory directory_;
};

std::string faultOf(const Step& step) {
  const auto* fault = std::get_if<FaultStep>(&step);
  return fault != nullptr ? fault->reason : "no fault";
}

}  // namespace

TEST_CASE("Hands out a request as the host's own copy and the result after the answer") {
  const Bench bench;
  auto begun = bench.begin("pay");
  const auto* http = std::get_if<HttpStep>(&begun.step);
  REQUIRE(http != nullptr);
  CHECK(http->method == "POST");
  CHECK(http->endpoint == "api");
  CHECK(http->path == "/v1/payments");
  CHECK(http->query == "expand=1");
  CHECK(http->headers == HeaderList{{"Content-Type", "application/json"}});
  CHECK(http->body == R"({"amount":1050,"do":"pay"})");
  CHECK(http->auth == "key");
  CHECK(http->timeoutMs == 20000);
  CHECK(http->mayRetry);
  CHECK(http->redact == std::vector<std::string>{"/card/number"});
  CHECK(http->traceLabel == "payments.create");
  const Step step = begun.call->resume(Bench::paid());
  const auto* done = std::get_if<DoneStep>(&step);
  REQUIRE(done != nullptr);
  CHECK(done->resultJson == R"({"id":"ch_1","amount":1050})");
  CHECK(done->providerRequestId == "req_1");
  CHECK(*bench.liveCalls == 0);
}

TEST_CASE("A step outlives the call that gave it") {
  const Bench bench;
  auto begun = bench.begin("pay");
  begun.call.reset();
  CHECK(std::get<HttpStep>(begun.step).path == "/v1/payments");
}

TEST_CASE("Destroying a call at a suspension ends it in the plugin") {
  const Bench bench;
  auto begun = bench.begin("pay");
  CHECK(*bench.liveCalls == 1);
  begun.call.reset();
  CHECK(*bench.liveCalls == 0);
}

TEST_CASE("Carries the provider's refusal word for word") {
  const Bench bench;
  const Step step = bench.answer("pay", Bench::response(402, "{}"));
  const auto* fail = std::get_if<FailStep>(&step);
  REQUIRE(fail != nullptr);
  CHECK(fail->error.category == "card_declined");
  CHECK(fail->error.outcome == Outcome::declined);
  CHECK(fail->error.httpStatus == 402);
  CHECK(fail->error.providerCode == "card_no");
  CHECK(fail->error.declineCode == "do_not_honor");
  CHECK(fail->error.providerMessage == "the bank says no");
  CHECK(fail->error.field == "amount");
}

TEST_CASE("Tells the plugin whether a lost request was sent") {
  const Bench bench;
  HttpEvent event;
  event.kind = HttpEvent::Kind::notSent;
  const Step notSent = bench.answer("pay", event);
  CHECK(std::get<FailStep>(notSent).error.outcome == Outcome::notExecuted);
  event.kind = HttpEvent::Kind::noAnswer;
  const Step noAnswer = bench.answer("pay", event);
  CHECK(std::get<FailStep>(noAnswer).error.outcome == Outcome::unknown);
}

TEST_CASE("Names each broken promise of a first step") {
  const Bench bench;
  const auto broken = [&](const std::string& what) {
    const auto begun = bench.begin(what);
    CHECK(begun.call == nullptr);
    return faultOf(begun.step);
  };
  CHECK(broken("begin_fails") == "begin returned -3");
  CHECK_THAT(broken("no_step"), Contains("UG_OK without a step"));
  CHECK_THAT(broken("sleep"), Contains("step kind 4 is not in the host's mask"));
  CHECK_THAT(broken("http_null"), Contains("step.http is null"));
  CHECK_THAT(broken("bad_endpoint"),
             Contains("http.endpoint \"elsewhere\" is not in the manifest"));
  CHECK_THAT(broken("bad_auth"), Contains("http.auth \"root\" is not in the manifest"));
  CHECK_THAT(broken("path_without_slash"), Contains("does not start with '/'"));
  CHECK_THAT(broken("path_with_space"), Contains("must be percent-encoded"));
  CHECK_THAT(broken("path_with_dots"), Contains("dot segment"));
  CHECK_THAT(broken("path_null"), Contains("http.path is null with length 5"));
  CHECK_THAT(broken("query_with_hash"), Contains("http.query"));
  CHECK_THAT(broken("header_with_crlf"), Contains("CR, LF or other control character"));
  CHECK_THAT(broken("header_with_nul"), Contains("control character"));
  CHECK_THAT(broken("header_of_host"), Contains("header host belongs to the host"));
  CHECK_THAT(broken("authorization"), Contains("header authorization belongs to the host"));
  CHECK(*bench.liveCalls == 0);
}

TEST_CASE("Names each broken promise of a request's parts") {
  const Bench bench;
  const auto broken = [&](const std::string& what) { return faultOf(bench.begin(what).step); };
  CHECK_THAT(broken("header_name"), Contains("header's name"));
  CHECK_THAT(broken("headers_null"), Contains("http.headers is null"));
  CHECK_THAT(broken("headers_many"), Contains("http.headers_count is 1000000"));
  CHECK_THAT(broken("body_null"), Contains("http.body is null"));
  CHECK_THAT(broken("body_huge"), Contains("http.body has 1099511627776 bytes"));
  CHECK_THAT(broken("method"), Contains("http.method 77 is unknown"));
  CHECK_THAT(broken("struct_size"), Contains("ug_http_request.struct_size is 0"));
  CHECK_THAT(broken("label_control"), Contains("http.trace_label has control characters"));
  CHECK(*bench.liveCalls == 0);
}

TEST_CASE("Names each broken promise of a last step and counts the requests before") {
  const Bench bench;
  const auto broken = [&](const std::string& what) {
    const Step step = bench.answer(what, Bench::paid());
    REQUIRE(std::holds_alternative<FaultStep>(step));
    CHECK(std::get<FaultStep>(step).requestsBefore == 1);
    return faultOf(step);
  };
  CHECK(broken("resume_fails") == "resume returned -3");
  CHECK_THAT(broken("result_no_json"), Contains("no strict JSON"));
  CHECK_THAT(broken("result_twice"), Contains("duplicate key"));
  CHECK_THAT(broken("result_schema"), Contains("output schema") && Contains("amount"));
  CHECK_THAT(broken("result_utf8"), Contains("no strict JSON"));
  CHECK_THAT(broken("result_null"), Contains("step.result_json is null"));
  CHECK_THAT(broken("result_huge"), Contains("step.result_json has"));
  CHECK(*bench.liveCalls == 0);
}

TEST_CASE("Reads an error with the care that its source needs") {
  const Bench bench;
  const auto declined = [&](const std::string& what) {
    return bench.answer(what, Bench::response(402, "{}"));
  };
  CHECK_THAT(faultOf(declined("error_null")), Contains("step.error is null"));
  CHECK_THAT(faultOf(declined("error_utf8")), Contains("error.provider_code is not UTF-8"));
  CHECK_THAT(faultOf(declined("error_status")), Contains("error.http_status is 4711"));
  CHECK(std::get<FailStep>(declined("error_new_category")).error.category == "provider_error");
  CHECK(std::get<FailStep>(declined("error_long")).error.providerCode.size() == 256);
}

TEST_CASE("Ends a plugin that never comes to an end") {
  StepLimits limits;
  limits.stepsMax = 5;
  const Bench bench(limits);
  auto begun = bench.begin("forever");
  Step step = std::move(begun.step);
  int requests = 0;
  while (std::holds_alternative<HttpStep>(step)) {
    ++requests;
    step = begun.call->resume(Bench::paid());
  }
  CHECK(faultOf(step) == "more than 5 steps in one call");
  CHECK(requests == 4);
  CHECK(*bench.liveCalls == 0);
  CHECK_THAT(faultOf(begun.call->resume(Bench::paid())), Contains("without a pending HTTP step"));
  CHECK(bench.plugin->faults() == 1);
}

TEST_CASE("Caps the timeout that a plugin asks for") {
  const Bench bench;
  CHECK(std::get<HttpStep>(bench.begin("slow").step).timeoutMs == 60000);
}

TEST_CASE("Reads what an older minor's request lacks as zero") {
  const Bench bench;
  const auto begun = bench.begin("old_minor");
  REQUIRE(std::holds_alternative<HttpStep>(begun.step));
  const auto& http = std::get<HttpStep>(begun.step);
  CHECK(http.path == "/v1/payments");
  CHECK(http.redact.empty());
  CHECK(http.traceLabel.empty());
}

TEST_CASE("Refuses a bad input by the field's name without entering the plugin") {
  const Bench bench;
  BeginArgs args;
  args.operation = "payments.create";
  args.inputJson = R"({"amount":10.5})";
  const auto fail = [&] {
    return std::get<FailStep>(PluginCall::begin(bench.instance, args).step).error;
  };
  CHECK(fail().category == "invalid_request");
  CHECK(fail().field == "amount");
  CHECK(fail().outcome == Outcome::notExecuted);
  args.inputJson = R"({"amount":1,"amount":2})";
  CHECK_THAT(fail().providerMessage, Contains("duplicate key"));
  args.operation = "payments.teleport";
  CHECK(fail().category == "not_supported");
  CHECK(bench.plugin->faults() == 0);
  CHECK(bench.plugin->checkInput("payments.create", R"({"do":"x"})").error().param == "amount");
  CHECK(bench.plugin->checkInput("nothing.here", "{}").error().code == "unknown_operation");
}

TEST_CASE("No secret field enters an instance") {
  const Bench bench;
  const auto refused = bench.plugin->createInstance(Mode::live, R"({"secret_key":"sk_x"})");
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().detail, Contains("a secret never enters a plugin"));
  CHECK(refused.error().detail.find("sk_x") == std::string::npos);
  CHECK_FALSE(bench.plugin->createInstance(Mode::live, R"({"colour":"red"})").has_value());
  CHECK_FALSE(bench.plugin->createInstance(Mode::live, R"({"account_id":5})").has_value());
}

TEST_CASE("Quarantines a plugin after too many broken contracts and leaves open calls alone") {
  Bench bench;
  auto open = bench.begin("pay");
  const std::uint32_t limit = base::limits::kPluginFaultsBeforeQuarantine;
  for (std::uint32_t i = 1; i < limit; ++i) bench.begin("no_step");
  CHECK(bench.registry->find("acme") != nullptr);
  bench.begin("no_step");
  CHECK(bench.registry->find("acme") == nullptr);
  const auto used = bench.registry->use("acme");
  REQUIRE_FALSE(used.has_value());
  CHECK(used.error().code == "provider_quarantined");
  const PluginEntry entry = bench.registry->entries().at(0);
  CHECK(entry.state == PluginState::quarantined);
  CHECK_THAT(entry.reason, Contains("20 broken contracts in 60 s") && Contains("without a step"));
  const auto begun = bench.begin("pay");
  CHECK(std::get<FailStep>(begun.step).error.category == "provider_unavailable");
  CHECK(std::get<FailStep>(begun.step).error.outcome == Outcome::notExecuted);
  CHECK(std::holds_alternative<DoneStep>(open.call->resume(Bench::paid())));
}

TEST_CASE("Broken contracts that lie far apart do not quarantine a plugin") {
  Bench bench;
  for (std::uint32_t i = 0; i < 3 * base::limits::kPluginFaultsBeforeQuarantine; ++i) {
    bench.begin("no_step");
    bench.clock.advanceMs(3'200);
  }
  CHECK(bench.registry->find("acme") != nullptr);
  CHECK(bench.plugin->faults() == 3 * base::limits::kPluginFaultsBeforeQuarantine);
}

TEST_CASE("Log lines of a plugin carry its name, one line, no card number") {
  Bench bench;
  bench.begin("log_card");
  REQUIRE(bench.lines.size() == 1);
  CHECK_THAT(bench.lines[0], Contains("acme: card ") && Contains("4242"));
  CHECK(bench.lines[0].find("4242424242424242") == std::string::npos);
  CHECK(bench.lines[0].find('\n') == std::string::npos);
}

TEST_CASE("Calls of one instance run on several threads at once") {
  const Bench bench;
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        auto begun = bench.begin("pay");
        const Step step = begun.call->resume(Bench::paid());
        if (std::holds_alternative<DoneStep>(step)) ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done == 800);
  CHECK(*bench.liveCalls == 0);
}

}  // namespace unigate::plugin_host
