#include "plugin_host/check/plugin_check.hpp"

#include <catch2/catch.hpp>
#include <sstream>
#include <unigate/json.hpp>

#include "plugin_host/check/input_generator.hpp"
#include "plugin_host/check/tests.hpp"
#include "plugin_host/test_plugins.hpp"

namespace unigate::plugin_host::check {
namespace {

using Catch::Matchers::Contains;
using testing::PluginDirectory;

// The faults of testdata/careless.c.
enum Fault {
  kSound,
  kKeepsHostMemory,
  kLeaks,
  kSharesState,
  kReadsTimeZone,
  kReadsSecret,
  kDoneOnFailure,
  kInventsAmount,
  kCrashes,
  kHangs,
  kExportsMore,
  kDeclinesOnFailure,
  kGuessesLostAnswer,
  kLogsInput,
  kTrustsStructSize,
  kKeepsInThread
};

constexpr const char* kManifest = R"(manifest_version: 1
id: careless
version: 1.0.0
display_name: Careless
license: Apache-2.0
abi: { major: 1 }
operations:
  payments.create:
    input:
      type: object
      required: [amount]
      properties: { amount: { type: integer, minimum: 1 }, note: { type: string } }
    output:
      type: object
      required: [id, amount]
      properties: { id: { type: string }, amount: { type: integer } }
    recovery: native
    recovery_window_s: 86400
    moves_money: true
credentials: { secret_key: { secret: true } }
env: { variables: [{ name: CARELESS_SECRET_KEY, credential: secret_key }] }
auth: { key: { type: bearer, credential: secret_key } }
endpoints: { api: { live: "https://api.careless.example", test: "https://api.careless.example" } }
egress: [api.careless.example]
)";

constexpr const char* kPaid = R"(name: paid
operation: payments.create
mode: test
input: { amount: 1050, note: "a note to nobody" }
idempotency_key: key_paid_0001
exchange:
  - request:
      method: POST
      endpoint: api
      path: /v1/charges/key_paid_0001
      headers: { X-Zone: none }
      body: { note: "a note to nobody", amount: 1050 }
    response: { status: 200, headers: { Content-Type: application/json }, body: { id: ch_1, amount: 1050 } }
result: { amount: 1050 }
)";

constexpr const char* kPaidToo = R"(operation: payments.create
input: { amount: 33 }
idempotency_key: key_paid_0003
exchange:
  - request: { method: POST, path: /v1/charges/key_paid_0003, body: { amount: 33 } }
    response: { status: 200, body: { id: ch_2, amount: 33 } }
result: { amount: 33 }
)";

constexpr const char* kDeclined = R"(operation: payments.create
input: { amount: 2000 }
idempotency_key: key_declined_0002
exchange:
  - request: { method: POST, path: /v1/charges/key_declined_0002, body: { amount: 2000 } }
    response: { status: 402, body: {} }
error: { category: card_declined, outcome: declined, http_status: 402 }
)";

struct Checked {
  int code = 0;
  std::string text;
};

// What the kit says of careless.c with this fault.
Checked check(Fault fault, bool json = false) {
  const PluginDirectory directory;
  std::filesystem::create_directory(directory.path() / "transcripts");
  directory.addManifest("careless", kManifest);
  directory.write("transcripts/paid.yaml", kPaid);
  directory.write("transcripts/paid_too.yaml", kPaidToo);
  directory.write("transcripts/declined.yaml", kDeclined);
  CheckOptions options;
  options.library = directory.addLibrary("careless_" + std::to_string(fault), "careless").string();
  options.seed = 7;
  options.json = json;
  options.hangTimeoutMs = 1000;
  std::ostringstream out;
  const int code = runPluginCheck(options, out);
  return {code, out.str()};
}

void requireFound(Fault fault, const std::string& test, const std::string& why) {
  const Checked checked = check(fault);
  INFO(checked.text);
  CHECK(checked.code == 1);
  CHECK_THAT(checked.text, Contains("FAILED  " + test + ": "));
  CHECK_THAT(checked.text, Contains(why));
}

}  // namespace

TEST_CASE("A sound plugin passes every test of the kit") {
  const Checked checked = check(kSound);
  INFO(checked.text);
  CHECK(checked.code == 0);
  CHECK_THAT(checked.text, Contains("seed 7"));
  CHECK_THAT(checked.text, Contains("12 passed, 0 failed, 0 skipped"));
}

TEST_CASE("The kit finds a plugin that keeps the host's memory") {
  requireFound(kKeepsHostMemory, "poisoned buffers", "uses the host's memory after the call");
}

TEST_CASE("The kit finds state that calls share") {
  requireFound(kSharesState, "64 interleaved calls", "among others");
}

TEST_CASE("The kit finds state that is kept in a thread") {
  requireFound(kKeepsInThread, "64 interleaved calls", "among others and on several threads");
}

TEST_CASE("The kit finds a plugin that looks at its surroundings") {
  requireFound(kReadsTimeZone, "determinism", "gives other bytes");
}

TEST_CASE("The kit finds a secret that a plugin took from the environment") {
  requireFound(kReadsSecret, "canary secrets", "carries a secret out of the environment");
}

TEST_CASE("The kit finds an input that a plugin logs") {
  requireFound(kLogsInput, "canary secrets", "logs a value of the input");
}

TEST_CASE("The kit finds a failure that is taken for success") {
  requireFound(kDoneOnFailure, "status matrix", "is taken for success");
}

TEST_CASE("The kit finds a server error that is taken for a decline") {
  requireFound(kDeclinesOnFailure, "status matrix", "status 503");
}

TEST_CASE("The kit finds a lost answer that is taken for nothing done") {
  requireFound(kGuessesLostAnswer, "lost answers", "may have been executed");
}

TEST_CASE("The kit finds an invented amount") {
  requireFound(kInventsAmount, "hostile responses", "amount is 77");
}

TEST_CASE("A plugin that crashes fails its test and not the kit") {
  requireFound(kCrashes, "hostile responses", "crashed: signal 6");
}

TEST_CASE("A plugin that hangs fails its test and not the kit") {
  requireFound(kHangs, "status matrix", "hangs: no function returned for ");
}

TEST_CASE("The kit finds a second exported symbol") {
  requireFound(kExportsMore, "load", "exports careless_helper beside unigate_plugin_v1");
}

TEST_CASE("The kit finds a read behind the struct of an older host") {
#if defined(__SANITIZE_ADDRESS__)
  WARN("skipped: the sanitizer finds it first, in another test");
#else
  requireFound(kTrustsStructSize, "short structs", "crashed: signal 11");
#endif
}

TEST_CASE("The kit finds a call that leaks when it ends") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  WARN("skipped: the sanitizer's heap tells no size");
#else
  requireFound(kLeaks, "end at every suspension", "bytes a call");
#endif
}

TEST_CASE("The kit's answer is one JSON object on demand") {
  const Checked checked = check(kExportsMore, true);
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(checked.text, error));
  CHECK(document["failed"].int64() == 1);
  CHECK(document["seed"].int64() == 7);
  CHECK(document["tests"][std::size_t{0}]["state"].string() == "failed");
}

TEST_CASE("The kit refuses what the registry would refuse") {
  const PluginDirectory directory;
  CheckOptions options;
  options.library = (directory.path() / "nobody.so").string();
  std::ostringstream out;
  CHECK(runPluginCheck(options, out) == 1);
  CHECK_THAT(out.str(), Contains("FAILED  load: nobody.so: can't be read"));
}

TEST_CASE("An operation without a transcript is driven with a made-up input and says so") {
  const PluginDirectory directory;
  directory.addManifest("careless", kManifest);
  CheckOptions options;
  options.library = directory.addLibrary("careless_0", "careless").string();
  std::ostringstream out;
  INFO(out.str());
  CHECK(runPluginCheck(options, out) == 0);
  CHECK_THAT(out.str(), Contains("skipped transcripts"));
  CHECK_THAT(out.str(), Contains("payments.create has no transcript"));
}

TEST_CASE("A transcript that differs from the plugin names the first difference") {
  const PluginDirectory directory;
  std::filesystem::create_directory(directory.path() / "transcripts");
  directory.addManifest("careless", kManifest);
  CheckOptions options;
  options.library = directory.addLibrary("careless_0", "careless").string();
  const auto said = [&](const std::string& transcript) {
    directory.write("transcripts/paid.yaml", transcript);
    std::ostringstream out;
    CHECK(runPluginCheck(options, out) == 1);
    return out.str();
  };
  using testing::replaced;
  CHECK_THAT(said(replaced(kPaid, "path: /v1/charges/key_paid_0001", "path: /v2/charges")),
             Contains("exchange 1: path: wanted '/v2/charges', got '/v1/charges/key_paid_0001'"));
  CHECK_THAT(said(replaced(kPaid, "X-Zone: none", "X-Zone: UTC")),
             Contains("header X-Zone: wanted 'UTC', got 'none'"));
  CHECK_THAT(said(replaced(kPaid, "amount: 1050 }\n    response", "amount: 9 }\n    response")),
             Contains("body.amount: wanted '9', got '1050'"));
  CHECK_THAT(said(replaced(kPaid, "result: { amount: 1050 }", "result: { amount: 1 }")),
             Contains("result.amount: wanted '1', got '1050'"));
  CHECK_THAT(said(replaced(kPaid, "result: { amount: 1050 }", "error: { category: not_found }")),
             Contains("wanted an error, got the result"));
  CHECK_THAT(said(replaced(kPaid, "exchange:", "exchanges:")),
             Contains("paid.yaml:6: unknown key \"exchanges\""));
}

TEST_CASE("Forms are compared as decoded trees") {
  HttpStep step;
  step.method = "POST";
  step.path = "/v1/x";
  step.query = "expand%5B%5D=a&expand%5B%5D=b";
  step.body = "amount=1050&metadata%5Border%5D=42&note=two+words";
  const auto difference = [&](const std::string& form) {
    return findRequestDifference(
        R"({"method":"POST","path":"/v1/x","query":{"expand":["a","b"]},"form":)" + form + "}",
        step);
  };
  CHECK(difference(R"({"amount":1050,"metadata":{"order":"42"},"note":"two words"})").empty());
  CHECK(difference(R"({"amount":"1050","metadata[order]":42,"note":"two words"})").empty());
  CHECK_THAT(difference(R"({"amount":1050,"note":"two words"})"), Contains("metadata[order]"));
  CHECK_THAT(difference(R"({"amount":1,"metadata":{"order":42},"note":"two words"})"),
             Contains("form amount: wanted '1', got '1050'"));
}

TEST_CASE("An amount is invented when neither the input nor an answer says it") {
  const std::string input = R"({"amount":1050})";
  CHECK(findInventedAmount(R"({"amount":1050})", input, "{}", "").empty());
  CHECK(findInventedAmount(R"({"amount":1050})", "{}", R"({"value":"10.50"})", "").empty());
  CHECK(findInventedAmount(R"({"amount_rest":550})", input, R"({"paid":500})", "").empty());
  CHECK(findInventedAmount(R"({"count":9})", input, "{}", "").empty());
  CHECK_THAT(findInventedAmount(R"({"amount":1000})", "{}", R"({"amount":1e3})", ""),
             Contains("amount is 1000"));
  CHECK_THAT(findInventedAmount(R"({"amount":10})", "{}", R"({"amount":10.5})", ""),
             Contains("amount is 10"));
  CHECK(findInventedAmount(R"({"amount":0})", "{}", "{}", R"({"amount":0})").empty());
  CHECK_THAT(findInventedAmount(R"({"amount":0})", "{}", "{}", R"({"amount":5})"),
             Contains("amount is 0"));
}

TEST_CASE("Spoils every member of an answer in every way") {
  const auto spoilt = spoilJson(R"({"a":1,"amounts":[2,{"b":3}]})");
  const auto has = [&](const std::string& text) {
    return std::any_of(spoilt.begin(), spoilt.end(),
                       [&](const SpoiltJson& item) { return item.text == text; });
  };
  CHECK(has(R"({"amounts":[2,{"b":3}]})"));
  CHECK(has(R"({"a":null,"amounts":[2,{"b":3}]})"));
  CHECK(has(R"({"a":1,"amounts":[{"b":3}]})"));
  CHECK(has(R"({"a":1,"amounts":[2,{"b":10.5}]})"));
  CHECK(spoilJson("not json").empty());
}

TEST_CASE("Makes up inputs that fit their schema or says that it can't") {
  CHECK(generateInput(R"({"type":"object","required":["a","c"],"properties":{
    "a":{"type":"integer","minimum":5},"c":{"type":"string","pattern":"^[A-Z]{3}$"}}})") ==
        R"({"a":5,"c":"USD"})");
  CHECK_FALSE(generateInput(R"({"type":"object","required":["a"],"properties":{
    "a":{"type":"string","pattern":"^zz[0-9]{7}$"}}})"));
}

}  // namespace unigate::plugin_host::check
