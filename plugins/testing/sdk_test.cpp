// The C++ SDK: what it promises to the host, shown with a small adapter of its own.
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unigate/sdk.hpp>
#include <vector>

#include "testing/decode.hpp"
#include "testing/driver.hpp"

using namespace unigate;
using testing::BeginOptions;
using testing::Driver;
using testing::SeenStep;

namespace {

// ---- the adapter ----

sdk::HttpRequest buildGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  if (in.providerId == "throw") throw std::runtime_error("a fault of the author");
  if (in.providerId == "exhaust") throw std::bad_alloc();
  sdk::HttpRequest request;
  request.path = "/p/" + sdk::percentEncode(in.providerId);
  request.headers = {{"X-Account", std::string(call.setting("account"))}};
  request.timeoutMs = 10'000'000;
  if (in.providerId == "huge") request.body.assign(2u << 20, 'x');
  return request;
}

sdk::Result<sdk::Customer> parseGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in) {
  if (response.status() == 599) throw 42;
  if (!response.is2xx()) return sdk::Error::declined(sdk::Category::NotFound, "gone");
  sdk::Customer customer;
  customer.providerId = in.providerId;
  customer.name = std::string(response.body());
  return customer;
}

struct Trail {
  std::string text;
  int left = 0;
};

sdk::HttpRequest write(const Trail& trail) {
  sdk::HttpRequest request;
  request.method = sdk::Method::Post;
  request.path = "/w";
  request.body = trail.text;
  return request;
}

sdk::Step first(Trail& trail, const sdk::ProviderRef& in) {
  trail.text = in.providerId;
  trail.left = in.providerId == "endless" ? 1000 : 2;
  return write(trail);
}

sdk::Step next(Trail& trail, const sdk::HttpResponse& response, const sdk::Call& call) {
  trail.text += std::string(response.body());
  if (response.status() == 429) {
    return sdk::Error::notExecuted(sdk::Category::RateLimited, "later");
  }
  if (--trail.left > 0) return write(trail);
  sdk::Customer customer;
  customer.providerId = trail.text;
  customer.createdUnixS = call.nowUnixMs / 1000;
  return sdk::done(customer);
}

sdk::Result<sdk::HttpRequest> buildCreate(const sdk::PaymentCreate& in) {
  sdk::HttpRequest request;
  request.path = "/" + std::to_string(in.amount) + in.currency;
  return request;
}

sdk::Result<sdk::Payment> parseCreate(const sdk::HttpResponse&) {
  return sdk::Payment{};
}

sdk::Recipe recipe(const sdk::Webhook& webhook) {
  if (webhook.body == "throw") throw std::runtime_error("fault");
  return sdk::Recipe::reject("no");
}
std::vector<sdk::WebhookEvent> translate(const sdk::Webhook&) {
  return {{}, {}};
}

constexpr sdk::WebhookHandler kWebhook = {.recipe = recipe, .translate = translate};

constexpr sdk::Operation kOperations[] = {
    {.name = "customers.get",
     .flags = UG_OPERATION_READ_ONLY,
     .execute = sdk::oneRequest<buildGet, parseGet>},
    {.name = "customers.create",
     .recovery = UG_RECOVERY_NATIVE,
     .windowS = 60,
     .flags = UG_OPERATION_MOVES_MONEY,
     .execute = sdk::severalRequests<first, next>},
    {.name = "payments.create", .execute = sdk::oneRequest<buildCreate, parseCreate>},
};

}  // namespace

UNIGATE_PLUGIN(
    {.id = "acme", .version = "1.2.3", .requestIdHeader = "X-Request", .webhook = &kWebhook},
    kOperations);

namespace {

const ug_plugin* plugin() {
  static const ug_plugin* loaded = unigate_plugin_v1(testing::testHost());
  return loaded;
}

ug_begin beginFor(std::string_view operation, std::string_view input) {
  ug_begin begin{};
  begin.struct_size = sizeof begin;
  begin.operation = sdk::abi::str(operation);
  begin.input_json = sdk::abi::str(input);
  begin.attempt = 1;
  return begin;
}

ug_step sizedStep() {
  ug_step step{};
  step.struct_size = sizeof step;
  return step;
}

constexpr const char* kRef = R"({"provider_id":"c 1"})";

}  // namespace

TEST_CASE("The descriptor is made of the table") {
  const ug_descriptor* descriptor = plugin()->descriptor;
  CHECK(sdk::abi::view(descriptor->id) == "acme");
  CHECK(sdk::abi::view(descriptor->version) == "1.2.3");
  REQUIRE(descriptor->operations_count == 3);
  CHECK(descriptor->operations_stride == sizeof(ug_operation));
  CHECK(sdk::abi::view(descriptor->operations[1].name) == "customers.create");
  CHECK(descriptor->operations[1].recovery == UG_RECOVERY_NATIVE);
  CHECK(descriptor->operations[1].recovery_window_s == 60);
  CHECK(descriptor->operations[1].flags == UG_OPERATION_MOVES_MONEY);
}

TEST_CASE("Runs an operation of one request from build and parse alone") {
  Driver driver(plugin(), R"({"account":"AC1"})");
  SeenStep step = driver.begin("customers.get", kRef);
  REQUIRE(step.kind == UG_STEP_HTTP);
  CHECK(step.request.path == "/p/c%201");
  CHECK(step.request.header("x-account") == "AC1");
  step = driver.respond(200, "Ada", {{"x-request", "r-7"}});
  REQUIRE(step.kind == UG_STEP_DONE);
  CHECK(step.requestId == "r-7");
  CHECK(step.resultJson ==
        R"({"provider_id":"c 1","email":null,"name":"Ada","phone":null,"description":null,)"
        R"("metadata":{},"created_unix_s":0})");
}

TEST_CASE("A refusal carries status and request id of the answer") {
  Driver driver(plugin());
  driver.begin("customers.get", kRef);
  const SeenStep step = driver.respond(404, "", {{"X-Request", "r-8"}});
  REQUIRE(step.kind == UG_STEP_FAIL);
  CHECK(step.error.httpStatus == 404);
  CHECK(step.error.requestId == "r-8");
  CHECK(step.error.outcome == UG_OUTCOME_DECLINED);
}

TEST_CASE("Runs an operation of several requests over the author's state") {
  Driver driver(plugin());
  SeenStep step = driver.begin("customers.create", R"({"provider_id":"a"})");
  CHECK(step.request.body == "a");
  step = driver.respond(200, "b");
  CHECK(step.request.body == "ab");
  step = driver.respond(200, "c");
  REQUIRE(step.kind == UG_STEP_DONE);
  CHECK(step.resultJson.find(R"("provider_id":"abc")") != std::string::npos);
}

TEST_CASE("What an author throws becomes a result code") {
  Driver driver(plugin());
  CHECK(driver.begin("customers.get", R"({"provider_id":"throw"})").result == UG_CONTRACT_INTERNAL);
  CHECK(driver.begin("customers.get", R"({"provider_id":"exhaust"})").result ==
        UG_CONTRACT_NO_MEMORY);
  driver.begin("customers.get", kRef);
  CHECK(driver.respond(599, "").result == UG_CONTRACT_INTERNAL);
  CHECK(driver.respond(200, "").result == UG_CONTRACT_BAD_CALL);
}

TEST_CASE("A call out of order or without its pointers is refused") {
  Driver driver(plugin());
  driver.begin("customers.get", kRef);
  driver.respond(200, "Ada");
  CHECK(driver.respond(200, "Ada").result == UG_CONTRACT_BAD_CALL);

  ug_begin begin = beginFor("customers.get", kRef);
  ug_call* call = nullptr;
  ug_step step = sizedStep();
  CHECK(plugin()->begin(nullptr, &begin, &call, &step) == UG_CONTRACT_BAD_CALL);
  CHECK(plugin()->begin(driver.instance(), nullptr, &call, &step) == UG_CONTRACT_BAD_CALL);
  CHECK(plugin()->begin(driver.instance(), &begin, nullptr, &step) == UG_CONTRACT_BAD_CALL);
  CHECK(plugin()->begin(driver.instance(), &begin, &call, nullptr) == UG_CONTRACT_BAD_CALL);
  CHECK(plugin()->resume(nullptr, nullptr, &step) == UG_CONTRACT_BAD_CALL);
  begin.recovering = 9;
  CHECK(plugin()->begin(driver.instance(), &begin, &call, &step) == UG_CONTRACT_UNSUPPORTED);
  CHECK(call == nullptr);
  plugin()->end(nullptr);
}

TEST_CASE("An event that can't be read is refused and the call stays open") {
  Driver driver(plugin());
  ug_begin begin = beginFor("customers.get", kRef);
  ug_call* call = nullptr;
  ug_step step = sizedStep();
  REQUIRE(plugin()->begin(driver.instance(), &begin, &call, &step) == UG_OK);
  ug_event event{};
  event.struct_size = sizeof event;
  event.kind = 77;
  CHECK(plugin()->resume(call, &event, &step) == UG_CONTRACT_BAD_CALL);
  event.kind = UG_EVENT_HTTP_RESPONSE;
  event.headers_count = 3;
  CHECK(plugin()->resume(call, &event, &step) == UG_CONTRACT_BAD_CALL);
  event.headers_count = 0;
  event.body.len = 8;
  CHECK(plugin()->resume(call, &event, &step) == UG_CONTRACT_BAD_CALL);
  event.body.len = 0;
  event.status = 200;
  CHECK(plugin()->resume(call, &event, &step) == UG_OK);
  plugin()->end(call);
}

TEST_CASE("Reads no further than the host's struct and takes the rest as zero") {
  Driver driver(plugin());
  ug_begin begin = beginFor("customers.get", kRef);
  std::memset(begin.random, 0xAB, sizeof begin.random);
  begin.recovering = 99;  // beyond the size that is said: not read
  begin.struct_size = offsetof(ug_begin, recovering);
  ug_call* call = nullptr;
  ug_step step = sizedStep();
  REQUIRE(plugin()->begin(driver.instance(), &begin, &call, &step) == UG_OK);
  plugin()->end(call);
  for (std::uint32_t size = 0; size < offsetof(ug_begin, input_json); ++size) {
    begin.struct_size = size;
    call = nullptr;
    const std::int32_t result = plugin()->begin(driver.instance(), &begin, &call, &step);
    if (result == UG_OK) {
      CHECK(step.kind == UG_STEP_FAIL);
      plugin()->end(call);
    }
  }
}

TEST_CASE("Writes no further than the host's struct") {
  Driver driver(plugin());
  struct {
    ug_step step;
    unsigned char beyond[64];
  } poisoned;
  std::memset(&poisoned, 0xCD, sizeof poisoned);
  poisoned.step.struct_size = sizeof poisoned;  // a newer host with a longer struct
  ug_begin begin = beginFor("customers.get", kRef);
  ug_call* call = nullptr;
  REQUIRE(plugin()->begin(driver.instance(), &begin, &call, &poisoned.step) == UG_OK);
  CHECK(poisoned.step.struct_size == sizeof poisoned);
  CHECK(poisoned.step.error == nullptr);
  CHECK(poisoned.step.result_json.len == 0);
  for (const unsigned char byte : poisoned.beyond) CHECK(byte == 0xCD);
  plugin()->end(call);

  std::memset(&poisoned, 0xCD, sizeof poisoned);
  poisoned.step.struct_size = 8;  // too short for any step of version 1.0
  call = nullptr;
  CHECK(plugin()->begin(driver.instance(), &begin, &call, &poisoned.step) == UG_CONTRACT_BAD_CALL);
  CHECK(call == nullptr);
  CHECK(poisoned.step.kind == 0xCDCDCDCD);
}

TEST_CASE("Refuses a host that lacks a kind of step, and says so in its log") {
  static std::string logged;
  ug_host host = *testing::testHost();
  host.log = [](const ug_host*, std::uint32_t, ug_str text) { logged = sdk::abi::view(text); };
  host.step_kinds = 1u << UG_STEP_DONE;
  CHECK(unigate_plugin_v1(&host) == nullptr);
  CHECK_FALSE(logged.empty());
  CHECK(unigate_plugin_v1(nullptr) == nullptr);
  host.struct_size = 4;
  CHECK(unigate_plugin_v1(&host) == nullptr);
  CHECK(unigate_plugin_v1(testing::testHost()) == plugin());
}

TEST_CASE("Keeps the host's limits") {
  Driver driver(plugin());
  const SeenStep large = driver.begin("customers.get", R"({"provider_id":"huge"})");
  REQUIRE(large.kind == UG_STEP_FAIL);
  CHECK(large.error.category == UG_CATEGORY_LIMIT_EXCEEDED);
  CHECK(large.error.outcome == UG_OUTCOME_NOT_EXECUTED);

  SeenStep step = driver.begin("customers.create", R"({"provider_id":"endless"})");
  std::uint32_t steps = 1;
  while (step.kind == UG_STEP_HTTP) {
    step = driver.respond(200, "");
    ++steps;
  }
  CHECK(steps == testing::testHost()->limits->steps_max);
  CHECK(step.error.category == UG_CATEGORY_LIMIT_EXCEEDED);
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);

  driver.begin("customers.get", kRef);
  step = driver.respond(200, std::string((1u << 20) + 1, 'x'));
  CHECK(step.error.category == UG_CATEGORY_LIMIT_EXCEEDED);
}

TEST_CASE("A request that was not sent is proof only if nothing was written before") {
  Driver driver(plugin());
  driver.begin("customers.create", R"({"provider_id":"a"})");
  CHECK(driver.fail(UG_HTTP_FAILED_NOT_SENT).error.outcome == UG_OUTCOME_NOT_EXECUTED);
  driver.begin("customers.create", R"({"provider_id":"a"})");
  driver.respond(200, "");
  CHECK(driver.fail(UG_HTTP_FAILED_NOT_SENT).error.outcome == UG_OUTCOME_UNKNOWN);
  for (const std::uint32_t failure : {UG_HTTP_FAILED_NO_ANSWER, 0u, 7u}) {
    driver.begin("customers.create", R"({"provider_id":"a"})");
    CHECK(driver.fail(failure).error.outcome == UG_OUTCOME_UNKNOWN);
  }
}

TEST_CASE("An attempt while recovering proves nothing of the earlier ones") {
  Driver driver(plugin());
  BeginOptions options;
  driver.begin("customers.create", R"({"provider_id":"a"})", options);
  CHECK(driver.respond(429, "").error.outcome == UG_OUTCOME_NOT_EXECUTED);
  options.recovering = UG_RECOVERING_RESEND;
  driver.begin("customers.create", R"({"provider_id":"a"})", options);
  CHECK(driver.respond(429, "").error.outcome == UG_OUTCOME_UNKNOWN);
  options.recovering = UG_RECOVERING_QUERY;
  const SeenStep step = driver.begin("customers.create", R"({"provider_id":"a"})", options);
  CHECK(step.kind == UG_STEP_FAIL);  // the table has no query for it
  CHECK(step.error.outcome == UG_OUTCOME_UNKNOWN);
}

TEST_CASE("What is not in the table is not supported") {
  Driver driver(plugin());
  const SeenStep step = driver.begin("payouts.create", "{}");
  REQUIRE(step.kind == UG_STEP_FAIL);
  CHECK(step.error.category == UG_CATEGORY_NOT_SUPPORTED);
  CHECK(plugin()->get_extension(sdk::abi::str("ug.ext.other/1")) == nullptr);
  CHECK(plugin()->get_extension({nullptr, 0}) == nullptr);
}

TEST_CASE("A bad input is refused with the name of its field") {
  Driver driver(plugin());
  const std::pair<const char*, const char*> cases[] = {
      {R"({"currency":"EUR","operation_id":"o"})", "amount"},
      {R"({"amount":10.5,"currency":"EUR","operation_id":"o"})", "amount"},
      {R"({"amount":0,"currency":"EUR","operation_id":"o"})", "amount"},
      {R"({"amount":5,"currency":"EURO","operation_id":"o"})", "currency"},
      {R"({"amount":5,"currency":"EUR"})", "operation_id"},
      {R"({"amount":5,"currency":"EUR","operation_id":"o","confirm":1})", "confirm"},
      {R"({"amount":5,"currency":"EUR","operation_id":"o","metadata":{"a":1}})", "metadata.a"},
      {R"({"amount":5,"currency":"EUR","operation_id":"o","capture_method":"x"})",
       "capture_method"},
  };
  for (const auto& [input, field] : cases) {
    const SeenStep step = driver.begin("payments.create", input);
    INFO(input);
    REQUIRE(step.kind == UG_STEP_FAIL);
    CHECK(step.error.category == UG_CATEGORY_INVALID_REQUEST);
    CHECK(step.error.outcome == UG_OUTCOME_NOT_EXECUTED);
    CHECK(step.error.field == field);
  }
  CHECK(driver.begin("payments.create", "{").error.category == UG_CATEGORY_INVALID_REQUEST);
  CHECK(driver.begin("payments.create", "[]").error.category == UG_CATEGORY_INVALID_REQUEST);
  const SeenStep text = driver.begin(
      "payments.create", R"({"amount":"9007199254740995","currency":"EUR","operation_id":"o"})");
  CHECK(text.request.path == "/9007199254740995EUR");
}

TEST_CASE("Calls of one account run side by side and hop between threads") {
  Driver owner(plugin());
  constexpr int kCalls = 64;
  struct Open {
    ug_call* call = nullptr;
    ug_step step{};
  };
  std::vector<Open> open(kCalls);
  const auto onThreads = [&](auto&& work) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = t; i < kCalls; i += 4) work(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  onThreads([&](int i) {
    const std::string input = R"({"provider_id":")" + std::to_string(i) + R"("})";
    ug_begin begin = beginFor("customers.create", input);
    open[static_cast<std::size_t>(i)].step.struct_size = sizeof(ug_step);
    plugin()->begin(owner.instance(), &begin, &open[static_cast<std::size_t>(i)].call,
                    &open[static_cast<std::size_t>(i)].step);
  });
  for (int round = 0; round < 2; ++round) {
    onThreads([&](int i) {
      Open& one = open[static_cast<std::size_t>(kCalls - 1 - i)];
      ug_event event{};
      event.struct_size = sizeof event;
      event.kind = UG_EVENT_HTTP_RESPONSE;
      event.status = 200;
      event.body = sdk::abi::bytes("+");
      plugin()->resume(one.call, &event, &one.step);
    });
  }
  for (int i = 0; i < kCalls; ++i) {
    Open& one = open[static_cast<std::size_t>(i)];
    REQUIRE(one.step.kind == UG_STEP_DONE);
    CHECK(
        std::string(sdk::abi::view(one.step.result_json)).find("\"" + std::to_string(i) + "++\"") !=
        std::string::npos);
    plugin()->end(one.call);
  }
}

TEST_CASE("An account's settings must be a JSON object") {
  ug_instance* instance = nullptr;
  ug_instance_config config{};
  config.struct_size = sizeof config;
  config.settings_json = sdk::abi::str("[]");
  CHECK(plugin()->create(&config, &instance) == UG_CONTRACT_BAD_CALL);
  config.settings_json = sdk::abi::str("{");
  CHECK(plugin()->create(&config, &instance) == UG_CONTRACT_BAD_CALL);
  config.settings_json = sdk::abi::str("");
  REQUIRE(plugin()->create(&config, &instance) == UG_OK);
  plugin()->destroy(instance);
  plugin()->destroy(nullptr);
}

TEST_CASE("The webhook extension rejects by default and passes no exception") {
  const auto* extension =
      static_cast<const ug_ext_webhook*>(plugin()->get_extension(sdk::abi::str(UG_EXT_WEBHOOK)));
  REQUIRE(extension != nullptr);
  Driver driver(plugin());
  ug_webhook webhook{};
  webhook.struct_size = sizeof webhook;
  ug_recipe recipe{};
  recipe.struct_size = sizeof recipe;
  void* state = nullptr;
  webhook.body = sdk::abi::bytes("throw");
  CHECK(extension->recipe(driver.instance(), &webhook, &recipe, &state) == UG_CONTRACT_INTERNAL);
  CHECK(state == nullptr);
  webhook.body = sdk::abi::bytes("x");
  REQUIRE(extension->recipe(driver.instance(), &webhook, &recipe, &state) == UG_OK);
  CHECK(recipe.kind == UG_VERIFY_REJECT);
  CHECK(sdk::abi::view(recipe.reason) == "no");
  std::uint32_t verified = 1;
  ug_event answer{};
  answer.struct_size = sizeof answer;
  answer.kind = UG_EVENT_HTTP_RESPONSE;
  answer.status = 200;
  CHECK(extension->confirm(driver.instance(), state, &answer, &verified) == UG_OK);
  CHECK(verified == 0);
  ug_webhook_events events{};
  events.struct_size = sizeof events;
  REQUIRE(extension->translate(driver.instance(), state, &webhook, &events) == UG_OK);
  CHECK(events.count == 2);
  CHECK(events.stride == sizeof(ug_webhook_event));
  CHECK(sdk::abi::view(events.events[1].type) == "provider.event");
  extension->release(driver.instance(), state);
  extension->release(driver.instance(), nullptr);
}

TEST_CASE("Encodes forms with brackets so that they decode to the same names and values") {
  sdk::FormEncoder form;
  form.add("a b", "c&d=e+f%").add("n", std::int64_t{-5}).add("t", true).add("f", false);
  form.add("none", std::optional<std::string>()).add("some", std::optional<std::string>("ü"));
  form.addNested({"items", "0", "price[x]"}, "p").add("empty", "");
  CHECK(form.text() ==
        "a%20b=c%26d%3De%2Bf%25&n=-5&t=true&f=false&some=%C3%BC&items[0][price%5Bx%5D]=p&empty=");
  const auto decoded = testing::decodeForm(form.text());
  CHECK(decoded.at("a b") == "c&d=e+f%");
  CHECK(decoded.at("items[0][price[x]]") == "p");
  CHECK(sdk::percentEncode("/a?b#c~") == "%2Fa%3Fb%23c~");
}

TEST_CASE("Amounts that a double would round travel as text") {
  sdk::Balance balance;
  balance.available = {{std::int64_t{1} << 53, "EUR"}, {(std::int64_t{1} << 53) + 1, "EUR"}};
  balance.pending = {{std::numeric_limits<std::int64_t>::min(), "EUR"}};
  CHECK(sdk::toJson(balance) ==
        R"({"available":[{"amount":9007199254740992,"currency":"EUR"},)"
        R"({"amount":"9007199254740993","currency":"EUR"}],)"
        R"("pending":[{"amount":"-9223372036854775808","currency":"EUR"}],"livemode":false})");
}

TEST_CASE("Retry-After is read in whole seconds and capped, and nothing else") {
  const auto after = [](std::string_view text) {
    const ug_header header = {sdk::abi::str("retry-after"), sdk::abi::str(text)};
    return sdk::HttpResponse(429, sdk::HeaderView(&header, 1), "").retryAfterMs();
  };
  CHECK(after("2") == 2000);
  CHECK(after("999999999") == 24u * 3600 * 1000);
  CHECK(after("99999999999999999999") == 0);
  CHECK(after("-1") == 0);
  CHECK(after("Wed, 21 Oct 2026 07:28:00 GMT") == 0);
  CHECK(after("") == 0);
}

TEST_CASE("A status word that is not in the adapter's table is processing") {
  constexpr std::array kTable = {
      sdk::StatusName<sdk::PaymentStatus>{"paid", sdk::PaymentStatus::Succeeded}};
  CHECK(sdk::mapStatus(kTable, "paid") == sdk::PaymentStatus::Succeeded);
  CHECK(sdk::mapStatus(kTable, "PAID") == sdk::PaymentStatus::Processing);
  CHECK(sdk::statusName(sdk::PaymentStatus{}) == "processing");
  CHECK(sdk::statusName(sdk::RefundStatus{}) == "pending");
}
