#include "base/json_schema.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace unigate;
using base::JsonSchema;

namespace {

JsonSchema compiled(std::string_view text, std::string_view pointer = {}) {
  auto schema = JsonSchema::compile(text, pointer);
  if (!schema) FAIL(schema.error());
  return *schema;
}

std::vector<std::string> messages(const JsonSchema& schema, std::string_view text) {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(text, error));
  std::vector<std::string> lines;
  for (const auto& fault : schema.faults(document.root())) lines.push_back(fault.text());
  const auto first = schema.firstFault(document.root());
  CHECK(first.has_value() == !lines.empty());
  if (first) CHECK(first->text() == lines.front());
  return lines;
}

using Lines = std::vector<std::string>;

constexpr std::string_view kPayment = R"({
  "type": "object",
  "required": ["amount", "currency"],
  "additionalProperties": false,
  "properties": {
    "amount": {"type": "integer", "minimum": 1, "maximum": 99999999},
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "method": {"enum": ["card", "bank_transfer"]},
    "items": {"type": "array", "maxItems": 2, "items": {"$ref": "#/definitions/item"}},
    "metadata": {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "string", "maxLength": 5}}
  },
  "definitions": {
    "item": {"type": "object", "required": ["price"], "properties": {
      "price": {"type": "integer"}, "name": {"type": "string", "minLength": 1},
      "parts": {"type": "array", "items": {"$ref": "#/definitions/item"}}}}
  }
})";

}  // namespace

TEST_CASE("Passes what keeps the schema") {
  const auto schema = compiled(kPayment);
  CHECK(messages(schema, R"({"amount":1050,"currency":"EUR"})").empty());
  CHECK(messages(schema, R"({"amount":1,"currency":"usd","method":"card","metadata":{"a":"b"},
      "items":[{"price":1,"parts":[{"price":2}]}]})")
            .empty());
}

TEST_CASE("Names the field, the keyword and the remedy of a fault") {
  const auto schema = compiled(kPayment);
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(R"({"amount":"10","currency":"EUR"})", error));
  const auto fault = schema.firstFault(document.root());
  REQUIRE(fault);
  CHECK(fault->pointer == "/amount");
  CHECK(fault->keyword == "type");
  CHECK(fault->text() == "amount: must be an integer");
  CHECK(messages(schema, R"({"amount":1})") == Lines{"currency: is required"});
  CHECK(messages(schema, R"({"amount":1,"currency":"EURO"})") ==
        Lines{"currency: must match ^[A-Za-z]{3}$"});
  CHECK(messages(schema, R"({"amount":1,"currency":"EUR","ammount":2})") ==
        Lines{"unknown key \"ammount\"; did you mean \"amount\"?"});
  CHECK(messages(schema, R"({"amount":1,"currency":"EUR","method":"crad"})") ==
        Lines{"method: must be one of \"card\", \"bank_transfer\"; did you mean \"card\"?"});
  CHECK(messages(schema, "[]") == Lines{"must be an object"});
}

TEST_CASE("Finds all faults at once, at any depth") {
  const auto schema = compiled(kPayment);
  CHECK(messages(schema, R"({"amount":0,"items":[{"price":1},{"name":"","parts":[{"price":1.0}]}],
      "metadata":{"k":"too long"}})") ==
        Lines{"amount: must be at least 1", "items[1].name: must not be empty",
              "items[1].parts[0].price: must be an integer", "items[1].price: is required",
              "metadata.k: must have at most 5 characters", "currency: is required"});
  CHECK(
      messages(schema,
               R"({"amount":1,"currency":"EUR","items":[{"price":1},{"price":1},{"price":1}]})") ==
      Lines{"items: must have at most 2 items"});
}

TEST_CASE("Never takes 1.0 or a rounded number for an integer") {
  const auto schema = compiled(R"({"type":"integer","maximum":9007199254740992})");
  CHECK(messages(schema, "9007199254740992").empty());
  CHECK(messages(schema, "9007199254740993") == Lines{"must be at most 9007199254740992"});
  CHECK(messages(schema, "1.0") == Lines{"must be an integer"});
  CHECK(messages(schema, "18446744073709551615").size() == 1);
  CHECK(messages(compiled(R"({"type":"number","minimum":0,"exclusiveMinimum":true})"), "0") ==
        Lines{"must be more than 0"});
  CHECK(messages(compiled(R"({"exclusiveMaximum":10})"), "10") == Lines{"must be less than 10"});
  CHECK(messages(compiled(R"({"multipleOf":5})"), "-10").empty());
  CHECK(messages(compiled(R"({"multipleOf":5})"), "-9223372036854775808").size() == 1);
  CHECK(messages(compiled(R"({"multipleOf":5})"), "7").size() == 1);
}

TEST_CASE("Explains a choice of forms by the form that was meant") {
  const auto schema = compiled(R"({"oneOf":[{"type":"string"},
      {"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}]})");
  CHECK(messages(schema, R"("x")").empty());
  CHECK(messages(schema, R"({"id":1})") == Lines{"id: must be a string"});
  CHECK(messages(schema, "7") == Lines{"must be a string or an object"});
  CHECK(messages(compiled(R"({"oneOf":[{"type":"integer"},{"minimum":5}]})"), "9") ==
        Lines{"fits more than one of the allowed forms"});
  CHECK(messages(compiled(R"({"anyOf":[{"required":["token"]},{"required":["source"]}]})"), "{}") ==
        Lines{"fits none of the allowed forms (needs \"token\" or \"source\")"});
  CHECK(messages(compiled(R"({"allOf":[{"minimum":1},{"maximum":3}]})"), "4").size() == 1);
  CHECK(messages(compiled(R"({"not":{"type":"null"}})"), "null").size() == 1);
}

TEST_CASE("Checks the rules of keys, lists and constants") {
  CHECK(messages(
            compiled(
                R"({"patternProperties":{"^x_":{"type":"integer"}},"additionalProperties":false})"),
            R"({"x_a":1,"x_b":"2","y":3})") ==
        Lines{"x_b: must be an integer", "unknown key \"y\""});
  CHECK(messages(compiled(R"({"propertyNames":{"maxLength":2}})"), R"({"abc":1})").size() == 1);
  CHECK(messages(compiled(R"({"uniqueItems":true})"), "[1,2,1]").size() == 1);
  CHECK(messages(compiled(R"({"minItems":1})"), "[]").size() == 1);
  CHECK(messages(compiled(R"({"minProperties":1})"), "{}").size() == 1);
  CHECK(messages(compiled(R"({"const":"a"})"), R"("b")") == Lines{"must be \"a\""});
  CHECK(messages(compiled("false"), "1").size() == 1);
  CHECK(messages(compiled("true"), "1").empty());
  CHECK(messages(compiled(R"({"type":["string","null"]})"), "1") ==
        Lines{"must be a string or null"});
}

TEST_CASE("Compiles a part of a text by its pointer") {
  const auto schema = compiled(kPayment, "#/definitions/item");
  CHECK(messages(schema, R"({"price":"x"})") == Lines{"price: must be an integer"});
  CHECK_FALSE(JsonSchema::compile(kPayment, "#/definitions/nothing"));
}

TEST_CASE("Refuses a schema with a rule that it would not keep") {
  for (const char* text :
       {"", "[]", "7", R"({"typ":"string"})", R"({"type":"strnig"})", R"({"pattern":"("})",
        R"({"pattern":7})", R"({"if":{}})", R"({"$ref":"http://example.com/x"})",
        R"({"$ref":"#/definitions/x"})", R"({"enum":[]})", R"({"minLength":-1})",
        R"({"required":"a"})", R"({"properties":{"a":7}})", R"({"minimum":"1"})",
        R"({"exclusiveMinimum":true})", R"({"multipleOf":0})"}) {
    INFO(text);
    CHECK_FALSE(JsonSchema::compile(text));
  }
  CHECK(JsonSchema::compile(R"({"properties":{"a":{"typ":"x"}}})").error() ==
        "#/properties/a/typ: keyword is not supported");
}

TEST_CASE("Ends on schemas that refer to themselves without end") {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse("1", error));
  CHECK(compiled(R"({"$ref":"#"})").firstFault(document.root()));
  CHECK(compiled(R"({"oneOf":[{"$ref":"#"},{"$ref":"#"}]})").firstFault(document.root()));
}

TEST_CASE("Matches patterns in linear time and without deep recursion") {
  const auto schema = compiled(R"({"type":"string","pattern":"^(a+)+$"})");
  CHECK(messages(schema, "\"" + std::string(200'000, 'a') + "\"").empty());
  CHECK(messages(schema, "\"" + std::string(20'000, 'a') + "b\"").size() == 1);
}

TEST_CASE("Never repeats a checked value in a message") {
  const auto schema =
      compiled(R"({"additionalProperties":{"enum":["a"],"pattern":"^a$","maxLength":1}})");
  for (const std::string& line : messages(schema, R"({"key":"s3cret-value"})"))
    CHECK(line.find("s3cret") == std::string::npos);
}

TEST_CASE("Checks from many threads with one compiled schema") {
  const auto schema = compiled(kPayment);
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(R"({"amount":1,"currency":"EURO"})", error));
  std::atomic<int> faults{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) faults += schema.firstFault(document.root()) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(faults == 800);
}
