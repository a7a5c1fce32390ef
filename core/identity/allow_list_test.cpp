#include "identity/allow_list.hpp"

#include <catch2/catch.hpp>

using namespace unigate;
using identity::AllowList;

namespace {

AllowList listOf(const std::vector<std::string>& entries) {
  auto list = AllowList::parse(entries);
  REQUIRE(list);
  return std::move(*list);
}

}  // namespace

TEST_CASE("An empty list allows every address") {
  CHECK(listOf({}).isEmpty());
  CHECK(listOf({}).allows("203.0.113.7"));
  CHECK(listOf({}).allows("2001:db8::1"));
}

TEST_CASE("Single addresses allow themselves alone") {
  const auto list = listOf({"203.0.113.7", "2001:db8::1"});
  CHECK(list.allows("203.0.113.7"));
  CHECK(list.allows("::ffff:203.0.113.7"));
  CHECK(list.allows("2001:db8:0::1"));
  CHECK_FALSE(list.allows("203.0.113.8"));
  CHECK_FALSE(list.allows("2001:db8::2"));
  CHECK_FALSE(list.allows("::203.0.113.7"));
}

TEST_CASE("Networks allow what lies in them, to the bit") {
  const auto list = listOf({"198.51.100.128/25", "2001:db8:8000::/33", "10.0.0.0/8"});
  CHECK(list.allows("198.51.100.128"));
  CHECK(list.allows("198.51.100.255"));
  CHECK_FALSE(list.allows("198.51.100.127"));
  CHECK(list.allows("2001:db8:ffff::1"));
  CHECK_FALSE(list.allows("2001:db8:7fff::1"));
  CHECK(list.allows("10.255.0.1"));
  CHECK_FALSE(list.allows("11.0.0.1"));
}

TEST_CASE("All of IPv4 is not all of IPv6") {
  const auto list = listOf({"0.0.0.0/0"});
  CHECK(list.allows("1.2.3.4"));
  CHECK_FALSE(list.allows("2001:db8::1"));
  CHECK(listOf({"::/0"}).allows("2001:db8::1"));
}

TEST_CASE("What is no address is refused when read and allowed nowhere") {
  for (const std::string bad :
       {"", "x", "203.0.113", "203.0.113.7/33", "203.0.113.7/", "203.0.113.7/-1", "203.0.113.7/24",
        "2001:db8::1/64", "2001:db8::/129", "203.0.113.07", "203.0.113.7 ", "1.2.3.4/8x", "/8",
        "example.com", "203.0.113.7:80"}) {
    CAPTURE(bad);
    const auto list = AllowList::parse({bad});
    REQUIRE_FALSE(list);
    CHECK(list.error().param == "allow_list");
  }
  CHECK_FALSE(listOf({"0.0.0.0/0"}).allows("garbage"));
  CHECK_FALSE(listOf({"0.0.0.0/0"}).allows(""));
  CHECK_FALSE(AllowList::parse(std::vector<std::string>(101, "203.0.113.7")));
}
