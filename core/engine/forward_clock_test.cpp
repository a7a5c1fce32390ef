#include "engine/forward_clock.hpp"

#include <catch2/catch.hpp>

namespace unigate::engine {
namespace {

TEST_CASE("Shows the wall's time as long as that goes on evenly") {
  base::ManualClock wall;
  const ForwardClock clock(wall);
  wall.advanceMs(1'234);
  CHECK(clock.unixMs() == wall.unixMs());
  CHECK(clock.monotonicUs() == wall.monotonicUs());
}

TEST_CASE("Goes on evenly when the wall clock is set back") {
  base::ManualClock wall;
  const ForwardClock clock(wall);
  const std::int64_t before = clock.unixMs();
  wall.setUnixMs(before - 3'600'000);
  CHECK(clock.unixMs() == before);
  wall.advanceMs(500);
  CHECK(clock.unixMs() == before + 500);
}

TEST_CASE("Follows the wall clock forward, as after a machine was suspended, and stays there") {
  base::ManualClock wall;
  const ForwardClock clock(wall);
  const std::int64_t before = clock.unixMs();
  wall.setUnixMs(before + 3'600'000);
  CHECK(clock.unixMs() == before + 3'600'000);
  wall.setUnixMs(before);
  CHECK(clock.unixMs() == before + 3'600'000);
}

}  // namespace
}  // namespace unigate::engine
