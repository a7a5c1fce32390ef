#include "rest/search_query.hpp"

#include <catch2/catch.hpp>

namespace unigate::rest {
namespace {

SearchQuery parsed(std::string_view text) {
  auto query = parseSearchQuery(text);
  INFO(text << ": " << (query ? "" : query.error().detail));
  REQUIRE(query.has_value());
  return std::move(*query);
}

std::string faultOf(std::string_view text) {
  auto query = parseSearchQuery(text);
  INFO(text);
  REQUIRE_FALSE(query.has_value());
  CHECK(query.error().status == 400);
  CHECK(query.error().param == "q");
  return query.error().detail;
}

bool finds(std::string_view query, std::string_view document) {
  json::Document made;
  json::ReadError error;
  REQUIRE(made.parse(document, error));
  return matchesTexts(parsed(query), made.root());
}

using Texts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("Words and quoted texts are looked for as they are") {
  CHECK(parsed("ada@example.com").texts == Texts{"ada@example.com"});
  CHECK(parsed("  ada   \"Ada Lovelace\"\t").texts == Texts{"ada", "Ada Lovelace"});
  CHECK(parsed(R"("a \"b\" \\ c")").texts == Texts{R"(a "b" \ c)"});
  CHECK(parsed("\"status:open\"").texts == Texts{"status:open"});
  CHECK(parsed("10:30").texts == Texts{"10:30"});
  CHECK(parsed("+15005550006").texts == Texts{"+15005550006"});
  CHECK(parsed("Größe").texts == Texts{"Größe"});
}

TEST_CASE("Terms with a field become conditions that must all hold") {
  const SearchQuery query = parsed(
      "status:succeeded currency:eur type:payment provider:acme customer:cus_1 payment:pay_1 "
      "metadata[order]:1001 metadata[my key]:\"a b\" email:a@b name:\"Ada L\"");
  CHECK(query.status == "succeeded");
  CHECK(query.currency == "EUR");
  CHECK(query.type == "payment");
  CHECK(query.provider == "acme");
  CHECK(query.customer == "cus_1");
  CHECK(query.parent == "pay_1");
  CHECK(query.parentField == "payment");
  CHECK(query.metadata == Pairs{{"order", "1001"}, {"my key", "a b"}});
  CHECK(query.fields == Pairs{{"email", "a@b"}, {"name", "Ada L"}});
  CHECK(query.texts.empty());
}

TEST_CASE("Amounts are whole minor units, with every comparison") {
  const auto range = [](std::string_view text) {
    const SearchQuery query = parsed(text);
    return std::pair(query.amountMin, query.amountMax);
  };
  using Bound = std::optional<std::int64_t>;
  CHECK(range("amount:1999") == std::pair<Bound, Bound>(1999, 1999));
  CHECK(range("amount>1999") == std::pair<Bound, Bound>(2000, std::nullopt));
  CHECK(range("amount>=1999") == std::pair<Bound, Bound>(1999, std::nullopt));
  CHECK(range("amount<1999") == std::pair<Bound, Bound>(std::nullopt, 1998));
  CHECK(range("amount<=1999") == std::pair<Bound, Bound>(std::nullopt, 1999));
  CHECK(range("amount>=10 amount<20 amount>5") == std::pair<Bound, Bound>(10, 19));
  for (const char* bad : {"amount:19.99", "amount:ten", "amount:-1", "amount:1e3",
                          "amount:9223372036854775807", "amount:99999999999999999999"}) {
    CHECK(faultOf(bad).find(bad) != std::string::npos);
  }
}

TEST_CASE("A day is all of it, an instant is an instant") {
  constexpr std::int64_t kFirst = 1767225600000;  // 2026-01-01
  constexpr std::int64_t kDay = 86400000;
  const auto range = [](std::string_view text) {
    const SearchQuery query = parsed(text);
    return std::pair(query.createdGte, query.createdLt);
  };
  CHECK(range("created:2026-01-01") == std::pair(kFirst, kFirst + kDay));
  CHECK(range("created>2026-01-01") == std::pair<std::int64_t, std::int64_t>(kFirst + kDay, 0));
  CHECK(range("created>=2026-01-01") == std::pair<std::int64_t, std::int64_t>(kFirst, 0));
  CHECK(range("created<2026-01-01") == std::pair<std::int64_t, std::int64_t>(0, kFirst));
  CHECK(range("created<=2026-01-01") == std::pair<std::int64_t, std::int64_t>(0, kFirst + kDay));
  CHECK(range("created>2026-01-01T00:00:00Z") ==
        std::pair<std::int64_t, std::int64_t>(kFirst + 1, 0));
  for (const char* bad : {"created:yesterday", "created>2026-13-01", "created<2026-1-1"}) {
    CHECK(faultOf(bad).find(bad) != std::string::npos);
  }
}

TEST_CASE("A bad term is named, with what would be right") {
  CHECK(faultOf("").find("nothing to look for") != std::string::npos);
  CHECK(faultOf("   ").find("nothing to look for") != std::string::npos);
  CHECK(faultOf("stauts:open").find("Did you mean \"status\"?") != std::string::npos);
  CHECK(faultOf("https://example.com").find("in quotes") != std::string::npos);
  CHECK(faultOf("status:").find("status:VALUE") != std::string::npos);
  CHECK(faultOf("status: open").find("status:VALUE") != std::string::npos);
  CHECK(faultOf("\"\"").find("nothing to look for") != std::string::npos);
  CHECK(faultOf("\"Ada").find("not closed") != std::string::npos);
  CHECK(faultOf("\"Ada\"Lovelace").find("divide") != std::string::npos);
  CHECK(faultOf("status>open").find("status:VALUE") != std::string::npos);
  CHECK(faultOf("status:a status:b").find("status:b") != std::string::npos);
  CHECK(faultOf("currency:EURO").find("currency:EUR") != std::string::npos);
  CHECK(faultOf("metadata:x").find("metadata[key]:value") != std::string::npos);
  CHECK(faultOf("metadata[]:x").find("metadata[key]:value") != std::string::npos);
  std::string many;
  for (int i = 0; i < 21; ++i) many += "a ";
  CHECK(faultOf(many).find("more than 20") != std::string::npos);
}

TEST_CASE("Ids, references, addresses and numbers must be the same, of names a part is enough") {
  constexpr std::string_view kDocument =
      R"({"id":"cus_1","provider_id":"c_9","email":"Ada@Example.com","name":"Ada Lovelace",)"
      R"("phone":"+4479","reference":null,"customer":{"email":"b@c","name":"Bob"}})";
  for (const char* good :
       {"cus_1", "c_9", "ada@example.COM", "lovelace", "\"Ada L\"", "+4479", "b@c", "ada bob",
        "email:ada@example.com", "name:bob", "id:cus_1", "provider_id:c_9", "phone:+4479"}) {
    INFO(good);
    CHECK(finds(good, kDocument));
  }
  for (const char* bad : {"cus_", "ada@example", "lovelaces", "ada carol", "name:ada@example.com",
                          "email:ada", "id:c_9", "reference:null"}) {
    INFO(bad);
    CHECK_FALSE(finds(bad, kDocument));
  }
}

TEST_CASE("A text is known in a document as it is written there") {
  CHECK(asInJson(R"(a"b\c)") == R"(a\"b\\c)");
  CHECK(asInJson("Größe") == "Größe");
}

}  // namespace
}  // namespace unigate::rest
