// The adapter against its transcripts, its manifest and the unified schemas.
#include <rapidjson/schema.h>

#include <map>
#include <memory>
#include <set>

#include "support.hpp"
#include "unigate/abi.hpp"
#include "unigate/operation.hpp"
#include "webhook_events.hpp"

using namespace razorpay_test;
using unigate::testing::transcriptsIn;
using unigate::testing::yamlFileToJson;

namespace {

std::vector<std::string> transcripts() {
  return transcriptsIn(sourcePath("plugins/razorpay/transcripts"));
}

// The schemas of the operations, self-contained and compiled once each.
class Schemas {
 public:
  Schemas() {
    json::ReadError error;
    const std::string text =
        unigate::testing::readFile(sourcePath("sdk-plugin-api/schemas/unified.json"));
    REQUIRE(document_.parse(text, error, {64, 1 << 20}));
  }
  bool accepts(std::string_view operation, std::string_view side, json::View value) {
    rapidjson::SchemaValidator validator(compiled(operation, side));
    return value.raw()->Accept(validator);
  }

 private:
  const rapidjson::SchemaDocument& compiled(std::string_view operation, std::string_view side) {
    auto& slot = compiled_[std::string(operation) + "/" + std::string(side)];
    if (slot) return *slot;
    json::Writer out;
    out.beginObject();
    for (const json::Member& member : document_["operations"][operation][side].members()) {
      out.key(member.name).value(member.value);
    }
    out.key("definitions").value(document_["definitions"]).endObject();
    rapidjson::Document schema;
    schema.Parse(out.take());
    slot = std::make_unique<rapidjson::SchemaDocument>(schema);
    return *slot;
  }

  json::Document document_;
  std::map<std::string, std::unique_ptr<rapidjson::SchemaDocument>> compiled_;
};

}  // namespace

TEST_CASE("Does what every transcript says") {
  REQUIRE(transcripts().size() > 100);
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    INFO(path);
    CHECK(std::filesystem::path(path).stem().string() == transcript["name"].stringOr(""));
    CHECK(unigate::testing::playTranscript(plugin(), transcript.root()) == "");
  }
}

TEST_CASE("Every operation has a transcript of success and one of an error") {
  std::map<std::string, std::set<bool>> seen;
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    seen[std::string(transcript["operation"].stringOr(""))].insert(transcript["error"].exists());
  }
  const ug_descriptor* descriptor = plugin()->descriptor;
  for (std::uint32_t i = 0; i < descriptor->operations_count; ++i) {
    const std::string name(unigate::sdk::abi::view(descriptor->operations[i].name));
    INFO(name);
    CHECK(seen[name].count(false) == 1);
    CHECK(seen[name].count(true) == 1);
  }
}

TEST_CASE("Inputs, results and refused resources of the transcripts fit the unified schemas") {
  Schemas schemas;
  for (const std::string& path : transcripts()) {
    const json::Document transcript = parsed(yamlFileToJson(path));
    const std::string_view operation = transcript["operation"].stringOr("");
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
      parsed(yamlFileToJson(sourcePath("plugins/razorpay/razorpay.plugin.yaml")));
  const ug_descriptor* descriptor = plugin()->descriptor;
  CHECK(unigate::sdk::abi::view(descriptor->id) == manifest["id"].stringOr(""));
  CHECK(unigate::sdk::abi::view(descriptor->version) == manifest["version"].stringOr(""));
  REQUIRE(descriptor->operations_count == manifest["operations"].size());
  const std::map<std::string_view, std::uint32_t> modes = {
      {"none", UG_RECOVERY_NONE},
      {"native", UG_RECOVERY_NATIVE},
      {"query", UG_RECOVERY_QUERY},
      {"query_first", UG_RECOVERY_QUERY_FIRST}};
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

TEST_CASE("The manifest names the same webhook events as the adapter, and none is left out") {
  const json::Document manifest =
      parsed(yamlFileToJson(sourcePath("plugins/razorpay/razorpay.plugin.yaml")));
  const json::View events = manifest["webhooks"]["events"];
  CHECK(events.size() == razorpay::kEventNames.size());
  for (const razorpay::EventName& name : razorpay::kEventNames) {
    INFO(name.razorpay);
    CHECK(events[name.razorpay].stringOr("") == name.unified);
  }
  json::Document official;
  if (!readContract("razorpay/event_types.json", official)) return;
  // What has no unified form is passed on as provider.event.
  const std::set<std::string_view> others = {"qr_code", "virtual_account", "payout_link",
                                             "fund_account", "transaction"};
  for (const json::View event : official["events"].items()) {
    const std::string_view type = event["type"].stringOr("");
    INFO(type);
    const bool downtime = type.find(".downtime.") != std::string_view::npos;
    const bool other = downtime || others.count(type.substr(0, type.find('.'))) == 1;
    CHECK(events[type].isString() != other);
  }
}
