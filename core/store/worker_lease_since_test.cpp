#include <catch2/catch.hpp>
#include <chrono>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

TEST_CASE("Who lost the lease and has it again may not finish what he was about to send before") {
  TestFolder folder;
  base::ManualClock clock;
  must(migrate(folder.url(), clock));
  StoreSettings settings;
  settings.url = folder.url();
  settings.owner = "wrk_1";
  settings.drivesOperations = true;
  const auto store = must(Store::open(std::move(settings), clock));
  clock.advanceMs(1);
  const auto before = clock.monotonicUs();
  CHECK(store->mayDriveSince(before));

  clock.advanceMs(5'000);  // stopped for longer than the lease, as others would see it
  CHECK_FALSE(store->mayDrive());
  CHECK_FALSE(store->mayDriveSince(before));

  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!store->mayDrive() && std::chrono::steady_clock::now() < deadline)
    must(store->setMeta("waiting", "for the next beat"));
  REQUIRE(store->mayDrive());
  CHECK_FALSE(store->mayDriveSince(before));
  CHECK(store->mayDriveSince(clock.monotonicUs()));
}
