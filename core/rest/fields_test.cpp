#include "rest/fields.hpp"

#include <catch2/catch.hpp>

#include "rest/route_table.hpp"

namespace unigate::rest {
namespace {

using Need = FieldReader::Need;

// Reads one body; keeps document and text together.
struct Body {
  explicit Body(std::string json) : text(std::move(json)) {
    json::ReadError error;
    REQUIRE(document.parse(text, error));
  }
  FieldReader reader() { return FieldReader(document.root(), text); }
  std::string text;
  json::Document document;
};

// The first fault of an amount in `currency`.
std::string amountFault(const std::string& number, const std::string& currency = "USD") {
  Body body("{\"amount\":" + number + "}");
  FieldReader fields = body.reader();
  CHECK_FALSE(fields.amount("amount", Need::required, currency).has_value());
  const base::Status status = fields.finish();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().status == 400);
  CHECK(status.error().param == "amount");
  return status.error().detail;
}

TEST_CASE("A decimal amount is refused with the integer that was meant") {
  CHECK(amountFault("10.5").find("1050") != std::string::npos);
  CHECK(amountFault("10.50").find("1050") != std::string::npos);
  CHECK(amountFault("\"10.50\"").find("1050") != std::string::npos);
  CHECK(amountFault("0.001", "KWD").find(" 1.") != std::string::npos);
}

TEST_CASE("A whole number in quotes is not multiplied, for it may be in minor units already") {
  const std::string detail = amountFault("\"1050\"");
  CHECK(detail.find("105000") == std::string::npos);
  CHECK(detail.find("quotes") != std::string::npos);
}

TEST_CASE("A null amount does not pass for one that is left out") {
  Body body(R"({"amount":null})");
  FieldReader fields = body.reader();
  CHECK_FALSE(fields.amount("amount", Need::optional, "USD").has_value());
  const base::Status status = fields.finish();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().param == "amount");
}

TEST_CASE("An amount finer than its currency is refused without rounding") {
  CHECK(amountFault("10.555").find("2 decimals") != std::string::npos);
  CHECK(amountFault("10.5", "JPY").find("0 decimals") != std::string::npos);
}

TEST_CASE("Exponents, zero, negative and absurd amounts are refused") {
  for (const char* number : {"1e3", "1E2", "0", "-1", "100000000000", "true", "null", "[]", "{}"}) {
    INFO(number);
    CHECK_FALSE(amountFault(number).empty());
  }
}

TEST_CASE("The text of the right number is looked at, not that of a namesake deeper down") {
  Body body(R"({"metadata":{"amount":99.99},"amount":1.5})");
  FieldReader fields = body.reader();
  fields.amount("amount", Need::required, "USD");
  fields.metadata();
  CHECK(fields.finish().error().detail.find("150") != std::string::npos);
}

TEST_CASE("An unknown field is refused with the likeliest right one") {
  Body body(R"({"amuont":1})");
  FieldReader fields = body.reader();
  fields.amount("amount", Need::optional, "");
  const base::Status status = fields.finish();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().param == "amuont");
  CHECK(status.error().detail.find("\"amount\"") != std::string::npos);
}

TEST_CASE("All faults are told together") {
  Body body(R"({"currency":"XYZ","confirm":"yes"})");
  FieldReader fields = body.reader();
  fields.currency("currency", Need::required);
  fields.flag("confirm");
  fields.text("name", Need::required, 10);
  const base::Status status = fields.finish();
  REQUIRE_FALSE(status.has_value());
  REQUIRE(status.error().members.size() == 1);
  for (const char* param : {"currency", "confirm", "name"}) {
    CHECK(status.error().members[0].second.find(std::string("\"param\":\"") + param) !=
          std::string::npos);
  }
}

TEST_CASE("A currency is taken in either case and given in upper case") {
  Body body(R"({"currency":"eur"})");
  CHECK(body.reader().currency("currency", Need::required) == std::optional<std::string>("EUR"));
}

TEST_CASE("Metadata is held to its limits") {
  const auto refuses = [](const std::string& metadata) {
    Body body("{\"metadata\":" + metadata + "}");
    FieldReader fields = body.reader();
    fields.metadata();
    return !fields.finish().has_value();
  };
  CHECK_FALSE(refuses(R"({"order":"1001"})"));
  CHECK(refuses(R"({"n":1})"));
  CHECK(refuses(R"({"a[b]":"x"})"));
  CHECK(refuses(R"({"unigate_operation":"x"})"));
  CHECK(refuses("{\"" + std::string(41, 'k') + "\":\"x\"}"));
  CHECK(refuses("{\"k\":\"" + std::string(501, 'v') + "\"}"));
  std::string many = "{";
  for (int i = 0; i < 51; ++i) many += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"\"";
  CHECK(refuses(many + "}"));
  CHECK(refuses("[]"));
}

TEST_CASE("Addresses are checked by their shape") {
  Body body(R"({"e":"no at","p":"0123","u":"javascript:x","ok":"https://x.example/a?b=c"})");
  FieldReader fields = body.reader();
  CHECK_FALSE(fields.email("e").has_value());
  CHECK_FALSE(fields.phone("p").has_value());
  CHECK_FALSE(fields.url("u").has_value());
  CHECK(fields.url("ok").has_value());
}

TEST_CASE("Lengths count characters, not bytes") {
  Body body("{\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\"}");
  FieldReader fields = body.reader();
  CHECK(fields.text("name", Need::required, 3).has_value());
  CHECK(fields.finish().has_value());
}

TEST_CASE("Routes match by segments, decode parameters and tell what a path allows") {
  RouteTable table;
  table.add("GET", "/v1/things/{id}");
  table.add("POST", "/v1/things");
  RouteMiss miss;
  const auto found = table.match("GET", "/v1/things/a%20b", miss);
  REQUIRE(found.has_value());
  CHECK(found->index == 0);
  CHECK(found->parameters == std::vector<std::string>{"a b"});
  CHECK_FALSE(table.match("DELETE", "/v1/things", miss).has_value());
  CHECK(miss.allow == "POST");
  for (const char* path :
       {"/v1/things/", "//v1/things", "/v1/things/a/b", "/v1/things/%zz", "", "/"}) {
    RouteMiss none;
    INFO(path);
    CHECK_FALSE(table.match("GET", path, none).has_value());
  }
}

}  // namespace
}  // namespace unigate::rest
