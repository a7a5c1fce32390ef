#include "base/clock.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"

using namespace unigate::base;

TEST_CASE("Writes and reads RFC 3339 times") {
  CHECK(toRfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(toRfc3339(1'790'000'000'123) == "2026-09-21T14:13:20.123Z");
  CHECK(toRfc3339(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(fromRfc3339("2026-09-21T14:13:20.123Z") == 1'790'000'000'123);
  CHECK(fromRfc3339("2026-09-21T14:13:20Z") == 1'790'000'000'000);
  CHECK(fromRfc3339("2026-09-21t19:43:20.1+05:30") == 1'790'000'000'100);
  CHECK(fromRfc3339("2026-09-21T06:13:20.123999-08:00") == 1'790'000'000'123);
  CHECK(fromRfc3339("2024-02-29T00:00:00Z"));
}

TEST_CASE("Reads back every time that it writes") {
  SeededRandom random(11);
  for (int i = 0; i < 5000; ++i) {
    const auto ms = static_cast<std::int64_t>(random.below(253'402'300'799'000ULL));
    CHECK(fromRfc3339(toRfc3339(ms)) == ms);
  }
}

TEST_CASE("Refuses what is no RFC 3339 time") {
  for (const char* text :
       {"", "2026", "2026-09-21", "2026-09-21T14:13:20", "2026-09-21 14:13:20Z",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-09-21T24:00:00Z",
        "2026-09-21T14:60:00Z", "2026-09-21T14:13:61Z", "2026-09-21T14:13:20.Z",
        "2026-09-21T14:13:20+0530", "2026-09-21T14:13:20+24:00", "2026-09-21T14:13:20Zx",
        "x026-09-21T14:13:20Z", "2026/09/21T14:13:20Z", "2026-09-21T14-13-20Z"}) {
    INFO(text);
    CHECK_FALSE(fromRfc3339(text));
  }
}

TEST_CASE("Moves a manual clock only by hand, and never back the monotonic one") {
  ManualClock clock;
  const auto before = clock.monotonicUs();
  const auto wall = clock.unixMs();
  clock.advanceMs(1500);
  CHECK(clock.monotonicUs() - before == 1'500'000);
  CHECK(clock.unixMs() - wall == 1500);
  clock.setUnixMs(5);
  CHECK(clock.unixMs() == 5);
  CHECK(clock.monotonicUs() - before == 1'500'000);
}

TEST_CASE("Reads the machine's clocks forward") {
  const SystemClock clock;
  const auto first = clock.monotonicUs();
  CHECK(clock.monotonicUs() >= first);
  CHECK(clock.unixMs() > 1'700'000'000'000);
}
