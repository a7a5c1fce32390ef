#include "base/card_guard.hpp"

#include <catch2/catch.hpp>

using namespace unigate;
using base::looksLikeCardNumber;

namespace {

std::optional<std::string> findIn(std::string_view text) {
  json::Document document;
  json::ReadError error;
  REQUIRE(document.parse(text, error));
  return base::findCardNumber(document.root());
}

}  // namespace

TEST_CASE("Finds the test numbers of every scheme") {
  for (const char* number :
       {"4242424242424242", "4111111111111111", "4222222222222", "4917610000000000003",
        "5555555555554444", "2223003122003222", "378282246310005", "30569309025904",
        "36227206271667", "6011111111111117", "3566002020360505", "6200000000000005",
        "6205500000000000004", "6759649826438453", "6521111111111110", "2200000000000004"}) {
    INFO(number);
    CHECK(looksLikeCardNumber(number));
  }
}

TEST_CASE("Finds card numbers within text, spaced and dashed") {
  for (const char* text :
       {"card 4242 4242 4242 4242, thanks", "4242-4242-4242-4242", "4 2 4 2 4242 4242 4242",
        "pan=4242424242424242;", "\"4242424242424242\"", "(4242424242424242)", "3782 822463 10005",
        "4242424242424242 12/29", "4242 4242 4242 4242 1229 123", "call 555 4242 4242 4242 4242",
        "{\"number\":\"4242424242424242\"}", "4242 - 4242 - 4242 - 4242", "x 4242424242424242",
        "a=1&number=4242424242424242&b=2"}) {
    INFO(text);
    CHECK(looksLikeCardNumber(text));
  }
}

TEST_CASE("Leaves ids, times and other numbers alone") {
  for (const char* text :
       {"", "4242", "4242424242424241", "pi_3ABC4242424242424242", "4242424242424242abc",
        "A4242424242424242", "1790000000123", "1790000000123456", "2026-11-21 03:14:56",
        "0000000000000000", "9999999999999995", "+49 170 1234567", "42424242424242424242424242",
        "pay_01jd3k4242424242424242xyz9", "550e8400-e29b-41d4-a716-446655440000",
        "1111-2222-3333-4444", "12.34", "4242,4242,4242,4242"}) {
    INFO(text);
    CHECK_FALSE(looksLikeCardNumber(text));
  }
}

TEST_CASE("A UUID is no card number, whatever its digits, but what stands beside it may be") {
  // The first sixteen digits of each are a valid number of an issuer.
  for (const char* text :
       {"42424242-4242-4242-a716-446655440000", "order 42424242-4242-4242-8716-446655440000.",
        "41111111-1111-1111-b111-aaaaaaaaaaaa", "pay-42424242-4242-4242-a716-446655440000-2"}) {
    INFO(text);
    CHECK_FALSE(looksLikeCardNumber(text));
  }
  for (const char* text :
       {"42424242-4242-4242-a716-44665544000", "42424242-4242-4242-c716-446655440000",
        "42424242-4242-4242", "550e8400-e29b-41d4-a716-446655440000 4242424242424242",
        "4242424242424242 550e8400-e29b-41d4-a716-446655440000",
        "42424242-4242-4242-a716-446655440000-4242424242424242"}) {
    INFO(text);
    CHECK(looksLikeCardNumber(text));
  }
}

TEST_CASE("Masks all digits but the last four and keeps the rest of the text") {
  CHECK(base::maskCardNumbers("pay 4242 4242 4242 4242 now") == "pay **** **** **** 4242 now");
  CHECK(base::maskCardNumbers("4242424242424242,5555555555554444") ==
        "************4242,************4444");
  CHECK(base::maskCardNumbers("4242424242424242 12/29") == "************4242 12/29");
  CHECK(base::maskCardNumbers("order 1234567890123") == "order 1234567890123");
  CHECK(base::maskCardNumbers("x") == "x");
}

TEST_CASE("Names the JSON field that holds a card number") {
  CHECK(findIn(R"({"a":{"b":["x","4242 4242 4242 4242"]}})") == "/a/b/1");
  CHECK(findIn(R"({"metadata":{"4242424242424242":"x"}})") == "/metadata/************4242");
  CHECK(findIn(R"({"a/b":{"c~d":"4242424242424242"}})") == "/a~1b/c~0d");
  CHECK(findIn(R"({"number":4242424242424242})") == "/number");
  CHECK(findIn(R"({"number":4242424242424242.0})") == "/number");
  CHECK(findIn(R"({"note":"{\"number\":\"4242424242424242\"}"})") == "/note");
  CHECK(findIn(R"("4242424242424242")") == "");
}

TEST_CASE("Lets amounts and times in JSON pass") {
  CHECK_FALSE(findIn(R"({"amount":4242424242424242,"created":4222222222222})"));
  CHECK_FALSE(findIn(R"({"amounts":[4242424242424242],"expires_at":4222222222222})"));
  CHECK_FALSE(findIn(R"({"id":"pi_4eC39HqLyjWDarjtT1zdp7dc","n":null,"f":1.5,"t":true})"));
  CHECK(findIn(R"({"amount":"4242424242424242"})") == "/amount");
}

TEST_CASE("The digits may be of any script, what stands between them of any kind") {
  for (const char* text :
       {"\xEF\xBC\x94\xEF\xBC\x92\xEF\xBC\x94\xEF\xBC\x92 4242 4242 4242", "4242.4242.4242.4242",
        "4242_4242_4242_4242",
        "4242\xC2\xA0"
        "4242\xC2\xA0"
        "4242\xC2\xA0"
        "4242",
        "4242\xE2\x80\x8B"
        "4242\xE2\x80\x8B"
        "42424242",
        "4242%204242%204242%204242", "%34242424242424242", "\\u0034242424242424242",
        "&#52;242424242424242", "4242&nbsp;4242&nbsp;4242&nbsp;4242", "card4242424242424242",
        "4242424242424242exp1229", "%B4242424242424242^DOE/JOHN^2912", ";4242424242424242=29121010",
        "line\\n4242424242424242\\nline",
        "4\xEF\xB8\x8F\xE2\x83\xA3"
        "242424242424242"}) {
    INFO(text);
    CHECK(looksLikeCardNumber(text));
    CHECK_FALSE(looksLikeCardNumber(base::maskCardNumbers(text)));
  }
}

TEST_CASE("Numbers that are known by their own shape or check digit are let pass") {
  for (const char* text :
       {"DE89 3704 0044 0532 0130 00", "0.4242424242424242", "304-1234567-1234567",
        "+4242424242424", "192.168.100.200:42424", "1.2.840.113549.1.1.11"}) {
    INFO(text);
    CHECK_FALSE(looksLikeCardNumber(text));
  }
}

TEST_CASE("The name of a field tells what its number is") {
  CHECK(findIn(R"({"card_number":"9999999999999995"})") == "/card_number");
  CHECK(findIn(R"({"card":{"number":9999999999999995}})") == "/card/number");
  CHECK_FALSE(findIn(R"({"number":"9999999999999995"})"));
  CHECK(findIn(R"({"note":"4222222222222"})") == "/note");
  CHECK_FALSE(findIn(R"({"phone":"4222222222222","tracking_number":4222222222222})"));
  CHECK(findIn(R"({"phone":"4242424242424242"})") == "/phone");
  CHECK(findIn(R"({"account_number":4242424242424242})") == "/account_number");
}

TEST_CASE("Forms are looked at by name and value") {
  CHECK(base::findCardNumber(base::QueryPairs{{"a", "1"}, {"card[number]", "9999999999999995"}}));
  CHECK(base::findCardNumber(base::QueryPairs{{"note", "4242 4242 4242 4242"}}));
  CHECK(base::findCardNumber(base::QueryPairs{{"4242424242424242", ""}}));
  CHECK_FALSE(
      base::findCardNumber(base::QueryPairs{{"order[number]", "9999999999999995"}, {"a", "4"}}));
}

TEST_CASE("JSON is masked in values, numbers and names, and else unchanged to the byte") {
  CHECK(
      base::maskCardNumbersInJson(R"({"a":["4242 4242 4242 4242",4242424242424242],"amount":5})") ==
      R"({"a":["**** **** **** 4242","************4242"],"amount":5})");
  CHECK(base::maskCardNumbersInJson(R"({"4242424242424242":1})") == R"({"************4242":1})");
  CHECK(base::maskCardNumbersInJson(R"({"card":{"number":"9999999999999995"}})") ==
        R"({"card":{"number":"************9995"}})");
  CHECK(base::maskCardNumbersInJson(R"({ "a" : "4242424242424241", "b":1.50 })") ==
        R"({ "a" : "4242424242424241", "b":1.50 })");
  CHECK(base::maskCardNumbersInJson("a=4242424242424242") == "a=************4242");
}

TEST_CASE("JSON is masked however its values are written") {
  // An escape of JSON's own before an entity: decoded at once they are another number.
  CHECK(base::maskCardNumbersInJson(R"({"n":"42$420342\u0034242 424&#52;&2"})") ==
        R"({"n":"42$*********2 424&#52;&2"})");
  CHECK(base::maskCardNumbersInJson(R"({"n":"\u0034242424242424242"})") ==
        R"({"n":"************4242"})");
  CHECK(base::maskCardNumbersInJson(R"({"n":4.242424242424242e15})") ==
        R"({"n":"************4242"})");
  CHECK(base::maskCardNumbersInJson(R"({"n":4242424242424242.0})") ==
        R"({"n":"************4242"})");
  CHECK(base::maskCardNumbersInJson(R"({"n":4.24424E15})") == R"({"n":"************0000"})");
  CHECK(base::maskCardNumbersInJson(R"({"n":42424242424242420E-1})") ==
        R"({"n":"************4242"})");
}
