#include "base/ids.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace unigate::base;

TEST_CASE("Makes ids that are unique, well formed and ordered by time") {
  ManualClock clock;
  SeededRandom random(1);
  std::vector<std::string> ids;
  for (int i = 0; i < 2000; ++i) {
    ids.push_back(makeId("pay_", clock, random));
    clock.advanceMs(1);
  }
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
  for (const auto& id : ids) CHECK(isId("pay_", id));
}

TEST_CASE("Makes ids unique within one millisecond") {
  const ManualClock clock;
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.insert(makeId("evt_", clock, random));
  CHECK(ids.size() == 5000);
}

TEST_CASE("Carries the milliseconds in the leading digits") {
  ManualClock clock;
  SeededRandom random(3);
  clock.setUnixMs(0);
  CHECK(makeId("", clock, random).substr(0, 9) == "000000000");
  clock.setUnixMs((1LL << 48) - 1);
  CHECK(makeId("", clock, random).substr(0, 9) == "7zzzzzzzz");
}

TEST_CASE("Tells an id of its kind from any other text") {
  const ManualClock clock;
  SeededRandom random(2);
  const std::string id = makeId("pay_", clock, random);
  CHECK_FALSE(isId("ref_", id));
  CHECK_FALSE(isId("pay_", id + "0"));
  CHECK_FALSE(isId("pay_", id.substr(0, id.size() - 1)));
  CHECK_FALSE(isId("pay_", "pay_" + std::string(26, 'u')));
  CHECK_FALSE(isId("pay_", "pay_" + std::string(26, 'A')));
  CHECK_FALSE(isId("pay_", "pay_8" + std::string(25, '0')));
  CHECK_FALSE(isId("pay_", ""));
}

TEST_CASE("Draws numbers below a bound without leaving any out") {
  SeededRandom random(5);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 500; ++i) {
    const auto number = random.below(7);
    CHECK(number < 7);
    seen.insert(number);
  }
  CHECK(seen.size() == 7);
  CHECK(random.below(1) == 0);
}
