// Times as providers write them, to and from Unix seconds.
#include <catch2/catch.hpp>
#include <string>
#include <unigate/time.hpp>

using namespace unigate::timestamp;

TEST_CASE("Reads the times that providers write") {
  CHECK(fromIso8601("1970-01-01T00:00:00Z") == 0);
  CHECK(fromIso8601("2018-12-10T21:20:49Z") == 1544476849);
  CHECK(fromIso8601("2018-12-10t21:20:49z") == 1544476849);
  CHECK(fromIso8601("2018-12-10T21:20:49.999Z") == 1544476849);
  CHECK(millisFromIso8601("2018-12-10T21:20:49.5Z") == 1544476849500);
  CHECK(millisFromIso8601("2018-12-10T21:20:49.123456789Z") == 1544476849123);
  CHECK(fromIso8601("2018-12-11T02:50:49+05:30") == 1544476849);
  CHECK(fromIso8601("2018-12-10T14:20:49-0700") == 1544476849);
  CHECK(fromIso8601("2018-12-10T21:20:49+00") == 1544476849);
  CHECK(fromIso8601("2018-12-10T21:20:49") == 1544476849);
  CHECK(fromIso8601("2018-12-10 21:20Z") == 1544476800);
  CHECK(fromIso8601("2018-12-10") == 1544400000);
  CHECK(fromIso8601("2024-02-29T00:00:00Z") == 1709164800);
  CHECK(fromIso8601("1969-12-31T23:59:59.5Z") == -1);
  CHECK(fromIso8601("2016-12-31T23:59:60Z") == 1483228800);
  CHECK(fromRfc2822("Thu, 30 Jul 2015 20:12:31 +0000") == 1438287151);
  CHECK(fromRfc2822("Thu, 30 Jul 2015 13:12:31 -0700") == 1438287151);
  CHECK(fromRfc2822("30 Jul 2015 20:12 GMT") == 1438287120);
  CHECK(fromRfc2822("Sun, 6 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(fromRfc2822("sun, 06 nov 1994 08:49:37 Z") == 784111777);
}

TEST_CASE("A text that is no time has none") {
  for (const char* text : {"",
                           "T",
                           "2018",
                           "2018-12",
                           "2018-13-01",
                           "2018-00-01",
                           "2018-02-29",
                           "2018-04-31",
                           "2018-12-10T",
                           "2018-12-10T24:00:00Z",
                           "2018-12-10T21:60:00Z",
                           "2018-12-10T21:20:61Z",
                           "2018-12-10T21:20:49.Z",
                           "2018-12-10T21:20:49Zx",
                           "2018-12-10T21:20:49+5",
                           "2018-12-10T21:20:49+24:00",
                           "2018-12-10T21:20:49+05:60",
                           "18-12-10",
                           " 2018-12-10",
                           "20181-12-10",
                           "-018-12-10",
                           "2018-12-10T21:20:49 Z",
                           "1544476849"}) {
    INFO(text);
    CHECK_FALSE(fromIso8601(text));
  }
  for (const char* text :
       {"", "Thu", "Thu, ", "Foo, 30 Jul 2015 20:12:31 +0000", "30 Foo 2015 20:12:31 +0000",
        "32 Jul 2015 20:12:31 +0000", "30 Jul 15 20:12:31 +0000", "30 Jul 2015 20:12:31",
        "30 Jul 2015 25:12:31 +0000", "30 Jul 2015 20:12:31 +00x0", "30 Feb 2015 20:12:31 +0000",
        "30 Jul 2015 20:12:31 +0000 x"}) {
    INFO(text);
    CHECK_FALSE(fromRfc2822(text));
  }
  CHECK_FALSE(fromIso8601(std::string("2018-12-10\0", 11)));
}

TEST_CASE("A time that was written reads as it was, day by day") {
  for (std::int64_t at = -2'208'988'800; at < 4'102'444'800; at += 86'400 + 3'607) {
    INFO(at);
    REQUIRE(fromIso8601(toRfc3339(at)) == at);
    REQUIRE(fromRfc2822(toRfc2822(at)) == at);
  }
  CHECK(toRfc3339(1544476849) == "2018-12-10T21:20:49Z");
  CHECK(toIsoDate(1544476849) == "2018-12-10");
  CHECK(toRfc2822(1544476849) == "Mon, 10 Dec 2018 21:20:49 +0000");
  CHECK(toRfc2822(0) == "Thu, 01 Jan 1970 00:00:00 +0000");
  CHECK(toRfc3339(-1) == "1969-12-31T23:59:59Z");
}
