// The adapter against its transcripts, its manifest and the unified schemas.
#include <rapidjson/schema.h>

#include <map>
#include <set>

#include "support.hpp"
#include "unigate/abi.hpp"
#include "unigate/operation.hpp"
#include "webhook_events.hpp"

using namespace twilio_test;
using unigate::testing::transcriptsIn;
using unigate::testing::yamlFileToJson;

namespace {

std::vector<std::string> transcripts() {
  return transcriptsIn(sourcePath("plugins/twilio/transcripts"));
}

// The schemas of one side of an operation, self-contained.
class Schemas {
 public:
  Schemas() {
    json::ReadError error;
    const std::string text =
        unigate::testing::readFile(sourcePath("sdk-plugin-api/schemas/unified.json"));
    REQUIRE(document_.parse(text, error, {64, 1 << 20}));
  }
  bool has(std::string_view operation) const {
    return document_["operations"][operation].isObject();
  }
  bool accepts(std::string_view operation, std::string_view side, json::View value) {
    json::Writer out;
    out.beginObject();
    for (const json::Member& member : document_["operations"][operation][side].members()) {
      out.key(member.name).value(member.value);
    }
    out.key("definitions").value(document_["definitions"]).endObject();
    rapidjson::Document schema;
    schema.Parse(out.take());
    const rapidjson::SchemaDocument compiled(schema);
    rapidjson::SchemaValidator validator(compiled);
    return value.raw()->Accept(validator);
  }

 private:
  json::Document document_;
};

}  // namespace

TEST_CASE("Does what every transcript says") {
  REQUIRE(transcripts().size() > 200);
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    INFO(path);
    CHECK(std::filesystem::path(path).stem().string() == transcript["name"].stringOr(""));
    CHECK(unigate::testing::playTranscript(plugin(), transcript.root()) == "");
  }
}

TEST_CASE("Every operation has a transcript of success and one of each class of errors") {
  std::map<std::string, std::set<std::string>> seen;
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    auto& classes = seen[std::string(transcript["operation"].stringOr(""))];
    classes.insert(transcript["error"].exists()
                       ? std::string(transcript["error"]["category"].stringOr(""))
                       : "success");
  }
  const ug_descriptor* descriptor = plugin()->descriptor;
  for (std::uint32_t i = 0; i < descriptor->operations_count; ++i) {
    const std::string name(unigate::sdk::abi::view(descriptor->operations[i].name));
    for (const char* wanted : {"success", "unauthorized", "rate_limited", "provider_unavailable",
                               "unknown_outcome", "bad_response", "not_found"}) {
      INFO(name << " " << wanted);
      CHECK(seen[name].count(wanted) == 1);
    }
  }
}

TEST_CASE("What cannot be sent again is looked up, or stays unknown") {
  const ug_descriptor* descriptor = plugin()->descriptor;
  for (std::uint32_t i = 0; i < descriptor->operations_count; ++i) {
    const ug_operation& operation = descriptor->operations[i];
    INFO(unigate::sdk::abi::view(operation.name));
    const bool reads = (operation.flags & UG_OPERATION_READ_ONLY) != 0;
    CHECK(reads == (operation.recovery == UG_RECOVERY_NONE));
    CHECK(operation.recovery != UG_RECOVERY_NATIVE);
  }
}

TEST_CASE("Inputs, results and refused resources of the transcripts fit the unified schemas") {
  Schemas schemas;
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    const std::string_view operation = transcript["operation"].stringOr("");
    if (!schemas.has(operation)) continue;
    INFO(path);
    CHECK(schemas.accepts(operation, "input", transcript["input"]));
    if (transcript["result"].exists()) {
      CHECK(schemas.accepts(operation, "output", transcript["result"]));
    }
    if (transcript["error"]["resource"].exists()) {
      CHECK(schemas.accepts(operation, "output", transcript["error"]["resource"]));
    }
  }
}

TEST_CASE("The descriptor says what the manifest says") {
  const json::Document manifest =
      parsed(yamlFileToJson(sourcePath("plugins/twilio/twilio.plugin.yaml")));
  const ug_descriptor* descriptor = plugin()->descriptor;
  CHECK(unigate::sdk::abi::view(descriptor->id) == manifest["id"].stringOr(""));
  CHECK(unigate::sdk::abi::view(descriptor->version) == manifest["version"].stringOr(""));
  REQUIRE(descriptor->operations_count == manifest["operations"].size());
  const std::map<std::string_view, std::uint32_t> modes = {
      {"none", UG_RECOVERY_NONE},
      {"query", UG_RECOVERY_QUERY},
      {"at_most_once", UG_RECOVERY_AT_MOST_ONCE}};
  for (std::uint32_t i = 0; i < descriptor->operations_count; ++i) {
    const ug_operation& operation = descriptor->operations[i];
    const std::string name(unigate::sdk::abi::view(operation.name));
    const json::View row = manifest["operations"][name];
    INFO(name);
    REQUIRE(row.isObject());
    CHECK(operation.recovery == modes.at(row["recovery"].stringOr("none")));
    CHECK(operation.recovery_window_s == row["recovery_window_s"].int64Or(0));
    CHECK(((operation.flags & UG_OPERATION_MOVES_MONEY) != 0) ==
          row["moves_money"].booleanOr(false));
    CHECK(((operation.flags & UG_OPERATION_READ_ONLY) != 0) == row["read_only"].booleanOr(false));
  }
}

TEST_CASE("The manifest names the same webhook events as the adapter") {
  const json::Document manifest =
      parsed(yamlFileToJson(sourcePath("plugins/twilio/twilio.plugin.yaml")));
  const json::View events = manifest["webhooks"]["events"];
  CHECK(events.size() == twilio::kEventNames.size());
  for (const twilio::EventName& name : twilio::kEventNames) {
    INFO(name.twilio);
    CHECK(events[name.twilio].stringOr("") == name.unified);
  }
}
