// The adapter against Stripe's official error codes, and amounts in every currency.
#include "amounts.hpp"
#include "errors.hpp"
#include "support.hpp"

using namespace stripe_test;
namespace sdk = unigate::sdk;

TEST_CASE("Knows every error code of the pinned version") {
  json::Document codes;
  if (!readContract("stripe/error_codes_2026-07-29.dahlia.json", codes)) return;
  CHECK(codes["codes"].size() == 195);
  for (const json::View code : codes["codes"].items()) {
    INFO(code.stringOr(""));
    const auto meaning = stripe::meaningOfCode(code.stringOr(""));
    REQUIRE(meaning.has_value());
    CHECK(meaning->category != sdk::Category::Unspecified);
  }
}

TEST_CASE("A code that is not in the table is a provider error, by its type") {
  CHECK_FALSE(stripe::meaningOfCode("a_code_of_tomorrow").has_value());
  const auto errorFor = [](const std::string& body) {
    return stripe::errorOf(sdk::HttpResponse(402, {}, body));
  };
  CHECK(errorFor(R"({"error":{"type":"invalid_request_error","code":"new","message":"m"}})")
            .category == sdk::Category::ProviderError);
  CHECK(errorFor(R"({"error":{"type":"card_error","code":"new","message":"m"}})").category ==
        sdk::Category::CardDeclined);
  CHECK(errorFor(R"({"error":{"type":"card_error","code":"card_declined",)"
                 R"("decline_code":"of_tomorrow","message":"m"}})")
            .category == sdk::Category::CardDeclined);
}

TEST_CASE("Converts amounts exactly both ways and refuses what Stripe cannot hold") {
  struct Case {
    const char* currency;
    std::int64_t minor;
    std::int64_t stripe;
  };
  for (const Case& one :
       {Case{"EUR", 1099, 1099}, Case{"JPY", 2000, 2000}, Case{"ISK", 5, 500}, Case{"UGX", 5, 500},
        Case{"KWD", 5120, 5120}, Case{"MGA", 500, 5}, Case{"HUF", 1050, 1050}}) {
    INFO(one.currency);
    const auto sent = stripe::toStripe(one.minor, one.currency);
    REQUIRE(sent);
    CHECK(*sent == one.stripe);
    CHECK(stripe::fromStripe(one.stripe, one.currency) == one.minor);
  }
  for (const char* currency : {"BHD", "JOD", "KWD", "OMR", "TND"}) {
    const auto refused = stripe::toStripe(1001, currency);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().field == "amount");
    CHECK(refused.error().outcome == sdk::Outcome::NotExecuted);
  }
  CHECK_FALSE(stripe::toStripe(150, "MGA"));
  CHECK_FALSE(stripe::toStripe(100, "CLF"));
  CHECK_FALSE(stripe::toStripe(100, "IQD"));
  CHECK_FALSE(stripe::toStripe(INT64_MAX, "ISK"));
  CHECK_FALSE(stripe::fromStripe(150, "ISK").has_value());
  CHECK_FALSE(stripe::fromStripe(INT64_MAX, "MGA").has_value());
}

// What a provider's representation must bear: nothing is lost or made up on the way there and back.
TEST_CASE("Every amount in every ISO 4217 currency comes back as it was or is refused by name") {
  const std::int64_t amounts[] = {1,      9,      10,        99,           100,
                                  101,    1000,   1005,      99999,        100000,
                                  123450, 999999, 123456700, 922337203685, 9007199254740993};
  std::size_t taken = 0;
  for (const unigate::money::Currency& currency : unigate::money::kCurrencies) {
    for (const std::int64_t amount : amounts) {
      INFO(currency.code << " " << amount);
      for (const auto convert : {stripe::toStripe, stripe::toStripePayout}) {
        const auto sent = convert(amount, currency.code);
        if (!sent) {
          CHECK((sent.error().field == "amount" || sent.error().field == "currency"));
          CHECK(sent.error().outcome == sdk::Outcome::NotExecuted);
          continue;
        }
        CHECK(*sent > 0);
        CHECK(stripe::fromStripe(*sent, currency.code) == amount);
        ++taken;
      }
    }
  }
  CHECK(taken > 3000);
}

TEST_CASE("Pays forints and Taiwan dollars out in whole units only") {
  for (const char* currency : {"HUF", "TWD"}) {
    CHECK(stripe::toStripe(1050, currency));
    CHECK_FALSE(stripe::toStripePayout(1050, currency));
    REQUIRE(stripe::toStripePayout(1100, currency));
    CHECK(*stripe::toStripePayout(1100, currency) == 1100);
  }
  CHECK(*stripe::toStripePayout(5, "UGX") == 500);
}

TEST_CASE("The table of errors for the documentation has a row for every code and decline") {
  const auto rows = stripe::errorRows();
  CHECK(rows.size() > 240);
  for (const stripe::ErrorRow& row : rows) {
    INFO(row.providerCode);
    CHECK(row.category != sdk::Category::Unspecified);
    if (row.note.empty()) CHECK(stripe::meaningOfCode(row.providerCode)->category == row.category);
  }
}
