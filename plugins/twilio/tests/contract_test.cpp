// The adapter against Twilio's official material: OpenAPI documents, recorded requests of its SDK,
// published answers and error codes.
#include <functional>
#include <set>

#include "errors.hpp"
#include "message.hpp"
#include "operations.hpp"
#include "phone_call.hpp"
#include "support.hpp"

using namespace twilio_test;
using unigate::testing::decodeForm;
using unigate::testing::transcriptsIn;
using unigate::testing::yamlFileToJson;
namespace sdk = unigate::sdk;

namespace {

constexpr const char* kSettings =
    R"({"account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","from_number":"+14155550100",)"
    R"("verify_service_sid":"VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})";

unigate::testing::SeenRequest requestFor(std::string_view operation, const std::string& input) {
  Driver driver(plugin(), kSettings);
  const SeenStep step = driver.begin(operation, input);
  INFO(operation << " " << step.error.message);
  REQUIRE(step.kind == UG_STEP_HTTP);
  return step.request;
}

struct Golden {
  const char* recorded;   // name in wire/twilio.json
  const char* operation;  // ours for the same intent
  const char* input;
  // Names that only one of both sends: see DIFFERENCES.md.
  std::vector<std::string> onlyRecorded;
};

const std::vector<Golden>& goldens() {
  static const std::vector<Golden> list = {
      {"message.create",
       "messages.create",
       R"({"to":"+14155552345","from":"+14155550100","body":"Hello & 100% + “é” ₹ 👍",
           "status_callback_url":"https://gw.example.com/webhooks/twilio?x=1&y=2",
           "operation_id":"o"})",
       {}},
      {"message.create.mms",
       "messages.create",
       R"({"to":"+14155552345","messaging_service":"MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           "body":"x","media_urls":["https://x.example/1.png","https://x.example/2.png"],
           "operation_id":"o"})",
       {}},
      {"message.schedule",
       "messages.create",
       R"({"to":"+14155552345","channel":"whatsapp","send_at_unix_s":1798859045,
           "messaging_service":"MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
           "template_id":"HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","template_variables":{"1":"a"},
           "operation_id":"o"})",
       {"PersistentAction", "ShortenUrls"}},
      {"message.get",
       "messages.get",
       R"({"provider_id":"SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
       {}},
      {"message.list",
       "messages.list",
       R"({"to":"+14155552345","limit":50,"created_gte":1767323045,"created_lt":1769990400})",
       {}},
      {"message.cancel",
       "messages.cancel",
       R"({"provider_id":"SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
       {}},
      {"call.create",
       "calls.create",
       R"({"to":"+14155552345","from":"+14155550100","document":"<Response><Say>Hi & bye</Say></Response>","timeout_s":30,"record":true,
           "operation_id":"o"})",
       {"StatusCallback", "StatusCallbackEvent[0]", "StatusCallbackEvent[1]"}},
      {"call.create.url",
       "calls.create",
       R"({"to":"client:alice","from":"+14155550100","url":"https://x.example/t",
           "operation_id":"o"})",
       {"Method"}},
      {"call.hangup",
       "calls.hangup",
       R"({"provider_id":"CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
       {}},
      {"call.list",
       "search.query",
       R"({"kind":"call","status":"completed","created_gte":1767312000,"limit":20})",
       {}},
      {"balance.get", "balance.get", "{}", {}},
      {"account.get", "account.get", "{}", {}},
      {"verify.start",
       "verifications.create",
       R"({"to":"+14155552345","channel":"sms","locale":"hi","operation_id":"o"})",
       {"RateLimits"}},
      {"verify.check",
       "verifications.check",
       R"({"provider_id":"+14155552345","code":"123456"})",
       {}},
      {"verify.get",
       "verifications.get",
       R"({"provider_id":"VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})",
       {}},
      {"lookup.get",
       "lookups.get",
       R"({"phone_number":"+14155552345","fields":["line_type","caller_name"]})",
       {}},
  };
  return list;
}

json::View recordOf(json::View wire, std::string_view name) {
  for (const json::View record : wire["records"].items()) {
    if (record["op"].stringOr("") == name) return record;
  }
  return {};
}

// The documents by name of our endpoint.
struct Official {
  std::string endpoint;
  json::Document document;
};

// Reads all of Twilio's documents; false where they are not at hand.
bool readOfficial(std::vector<Official>& all) {
  for (const auto& [endpoint, name] : {std::pair{"api", "api_v2010"},
                                       {"verify", "verify_v2"},
                                       {"lookups", "lookups_v2"},
                                       {"messaging", "messaging_v1"}}) {
    Official& one = all.emplace_back();
    one.endpoint = endpoint;
    if (!readContract("twilio/twilio_" + std::string(name) + ".pared.json", one.document)) {
      return false;
    }
  }
  return true;
}

bool fits(std::string_view path, std::string_view pattern) {
  while (!path.empty() && !pattern.empty()) {
    if (pattern.front() == '{') {
      const std::size_t end = pattern.find('}');
      pattern.remove_prefix(end + 1);
      const std::size_t stop =
          std::min(path.find_first_of(pattern.empty() ? "/" : "/."), path.size());
      if (stop == 0) return false;
      path.remove_prefix(stop);
    } else {
      if (path.front() != pattern.front()) return false;
      path.remove_prefix(1);
      pattern.remove_prefix(1);
    }
  }
  return path.empty() && pattern.empty();
}

json::View operationOf(const std::vector<Official>& all, json::View request) {
  for (const Official& official : all) {
    if (official.endpoint != request["endpoint"].stringOr("")) continue;
    for (const json::Member& path : official.document["paths"].members()) {
      if (!fits(request["path"].stringOr(""), path.name)) continue;
      const bool get = request["method"].stringOr("") == "GET";
      return path.value[get ? "get" : "post"];
    }
  }
  return {};
}

// Every published answer of an operation, by its example's name.
void eachAnswer(const Official& official, std::string_view part,
                const std::function<void(std::string_view, json::View)>& use) {
  for (const json::Member& path : official.document["paths"].members()) {
    if (path.name.find(part) == std::string_view::npos) continue;
    for (const json::Member& method : path.value.members()) {
      for (const json::Member& answer : method.value["responses"].members()) {
        if (answer.name.substr(0, 1) != "2") continue;
        for (const json::Member& example :
             answer.value["content"]["application/json"]["examples"].members()) {
          use(example.name, example.value["value"]);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("Sends the same decoded requests as Twilio's own SDK for the same intents") {
  json::Document wire;
  if (!readContract("wire/twilio.json", wire)) return;
  for (const Golden& golden : goldens()) {
    INFO(golden.recorded);
    const json::View record = recordOf(wire.root(), golden.recorded);
    const json::View recorded = record["request"];
    REQUIRE(recorded.isObject());
    const auto ours = requestFor(golden.operation, golden.input);
    CHECK(ours.method == recorded["method"].stringOr(""));
    CHECK(ours.path == recorded["path"].stringOr(""));
    CHECK(ours.endpoint + ".twilio.com" == record["host"].stringOr(""));
    auto wanted = decodeForm(recorded["body"].stringOr(""));
    for (const std::string& name : golden.onlyRecorded) CHECK(wanted.erase(name) == 1);
    CHECK(decodeForm(ours.body) == wanted);
    CHECK(decodeForm(ours.query) == decodeForm(recorded["query"].stringOr("")));
    CHECK(ours.header("Content-Type").value_or("") ==
          recorded["headers"]["content-type"].stringOr(""));
    CHECK(ours.header("Accept") == "application/json");
    CHECK(ours.auth == "account");
    CHECK_FALSE(ours.header("Authorization").has_value());
  }
}

TEST_CASE("Every request of the transcripts is one that the official documents describe") {
  std::vector<Official> official;
  if (!readOfficial(official)) return;
  for (const std::string& path : transcriptsIn(sourcePath("plugins/twilio/transcripts"))) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    for (const json::View exchange : transcript["exchange"].items()) {
      const json::View request = exchange["request"];
      INFO(path << " " << request["path"].stringOr(""));
      const json::View operation = operationOf(official, request);
      REQUIRE(operation.isObject());
      const json::View schema =
          operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
      for (const json::Member& field : request["form"].members()) {
        INFO(field.name);
        CHECK(schema["properties"][field.name].isObject());
      }
      for (const json::View required : schema["required"].items()) {
        INFO(required.stringOr(""));
        CHECK(request["form"][required.stringOr("")].exists());
      }
      std::set<std::string_view> known;
      for (const json::View parameter : operation["parameters"].items()) {
        if (parameter["in"].stringOr("") == "query") known.insert(parameter["name"].stringOr(""));
      }
      for (const json::Member& field : request["query"].members()) {
        INFO(field.name);
        CHECK(known.count(field.name) == 1);
      }
    }
  }
}

TEST_CASE("Reads every published message, call and page into the unified model") {
  std::vector<Official> official;
  if (!readOfficial(official)) return;
  std::size_t read = 0;
  eachAnswer(official[0], "/Messages", [&](std::string_view name, json::View value) {
    INFO(name << " " << json::toText(value));
    const auto check = [&](json::View object) {
      const auto message = twilio::messageOf(object, false);
      REQUIRE(message);
      CHECK(message->providerId == object["sid"].stringOr(""));
      CHECK(message->status != sdk::MessageStatus::Processing);
      CHECK(message->createdUnixS > 0);
      CHECK(message->cost.has_value() == object["price"].isString());
      CHECK(message->failure.has_value() == object["error_code"].isInteger());
      ++read;
    };
    if (value["messages"].isArray()) {
      for (const json::View object : value["messages"].items()) check(object);
    } else if (value["num_segments"].exists()) {
      check(value);
    }
  });
  eachAnswer(official[0], "/Calls", [&](std::string_view name, json::View value) {
    INFO(name << " " << json::toText(value));
    const auto check = [&](json::View object) {
      const auto call = twilio::phoneCallOf(object, false);
      REQUIRE(call);
      CHECK(call->status != sdk::CallStatus::Processing);
      CHECK(call->cost.has_value() == object["price"].isString());
      CHECK(call->durationS.has_value() == object["duration"].isString());
      ++read;
    };
    if (value["calls"].isArray()) {
      for (const json::View object : value["calls"].items()) check(object);
    } else if (value["from_formatted"].exists()) {
      check(value);
    }
  });
  CHECK(read > 15);
}

TEST_CASE(
    "Reads every published verification, look-up, balance and account through its operation") {
  std::vector<Official> official;
  if (!readOfficial(official)) return;
  std::size_t done = 0;
  const auto give = [&](std::string_view operation, const char* input, json::View answer) {
    INFO(operation << " " << json::toText(answer));
    Driver driver(plugin(), kSettings);
    REQUIRE(driver.begin(operation, input).kind == UG_STEP_HTTP);
    const SeenStep step = driver.respond(200, json::toText(answer));
    INFO(step.error.message);
    CHECK(step.kind == UG_STEP_DONE);
    ++done;
    return step.resultJson;
  };
  eachAnswer(official[1], "/Verifications", [&](std::string_view, json::View value) {
    const std::string result =
        give("verifications.get", R"({"provider_id":"VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})", value);
    CHECK(parsed(result)["status"].stringOr("") != "unknown");
  });
  eachAnswer(official[1], "/VerificationCheck", [&](std::string_view, json::View value) {
    const std::string result =
        give("verifications.check",
             R"({"provider_id":"VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","code":"1"})", value);
    CHECK(parsed(result)["valid"].booleanOr(false) == value["valid"].booleanOr(true));
  });
  eachAnswer(official[2], "/PhoneNumbers", [&](std::string_view, json::View value) {
    const std::string result = give("lookups.get", R"({"phone_number":"+14159929960"})", value);
    CHECK(parsed(result)["valid"].booleanOr(false) == value["valid"].booleanOr(true));
  });
  eachAnswer(official[0], "/Balance",
             [&](std::string_view, json::View value) { give("balance.get", "{}", value); });
  eachAnswer(official[0], "/Accounts/{Sid}.json", [&](std::string_view name, json::View value) {
    if (value["status"].stringOr("") == "active") {
      INFO(name);
      give("account.get", "{}", value);
    }
  });
  CHECK(done > 30);
}

TEST_CASE("Knows every error code that Twilio's published material mentions") {
  std::vector<Official> official;
  if (!readOfficial(official)) return;
  std::set<std::string> codes;
  const std::function<void(json::View)> collect = [&](json::View value) {
    for (const json::Member& member : value.members()) {
      const auto number = member.value.int64();
      const bool code = member.name == "code" || member.name == "error_code";
      if (code && number && *number >= 10000 && *number <= 99999) {
        codes.insert(std::to_string(*number));
      }
      collect(member.value);
    }
    for (const json::View item : value.items()) collect(item);
  };
  for (const Official& one : official) collect(one.document.root());
  CHECK(codes.size() >= 2);
  for (const std::string& code : codes) {
    INFO(code);
    CHECK(twilio::rowOf(code) != nullptr);
  }
}

TEST_CASE("The table of errors says for every code what it means") {
  CHECK(twilio::errorRows().size() > 200);
  for (const twilio::ErrorRow& row : twilio::errorRows()) {
    INFO(row.providerCode);
    CHECK(row.providerCode.size() == 5);
    CHECK(row.category != sdk::Category::Unspecified);
    CHECK_FALSE(row.note.empty());
    // Sent again under the same key only where it is certain that nothing was done, or looked up.
    if (row.outcome == sdk::Outcome::Declined) CHECK(row.retry != sdk::Retry::SameKey);
    REQUIRE(twilio::rowOf(row.providerCode) != nullptr);
    CHECK(twilio::rowOf(row.providerCode)->note == row.note);
  }
  for (const char* code : {"20003", "20404", "20429", "21211", "21610", "21614", "30003", "30004",
                           "30005", "30006", "30007", "30008", "60200", "60202", "60203"}) {
    INFO(code);
    CHECK(twilio::rowOf(code) != nullptr);
  }
  CHECK(twilio::rowOf("99998") == nullptr);
}
