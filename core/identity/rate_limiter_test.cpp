#include "identity/rate_limiter.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace unigate;
using identity::RateLimiter;

TEST_CASE("Allows exactly the bucket at once, then exactly the rate") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  for (int i = 0; i < 60; ++i) {
    const auto decision = limiter.take("k", 60);
    CHECK(decision.allowed);
    CHECK(decision.limit == 60);
    CHECK(decision.remaining == 59 - i);
    CHECK(decision.resetSeconds == i + 1);
  }
  const auto refused = limiter.take("k", 60);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.remaining == 0);
  CHECK(refused.retryAfterSeconds == 1);
  clock.advanceMs(999);
  CHECK_FALSE(limiter.take("k", 60).allowed);
  clock.advanceMs(1);
  CHECK(limiter.take("k", 60).allowed);
  CHECK_FALSE(limiter.take("k", 60).allowed);
}

TEST_CASE("Over a long time lets through the burst and the rate, no more and no less") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  int allowed = 0;
  for (int step = 0; step < 10 * 60 * 100; ++step) {  // ten minutes, a hundred tries a second
    if (limiter.take("k", 120, 12).allowed) ++allowed;
    clock.advanceMs(10);
  }
  // The bucket, and what flows in until the last try.
  CHECK(allowed == 12 + 1200 - 1);
}

TEST_CASE("Refused requests take nothing") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  CHECK(limiter.take("k", 1).allowed);
  for (int i = 0; i < 100; ++i) CHECK(limiter.take("k", 1).retryAfterSeconds == 60);
  clock.advanceMs(60'000);
  CHECK(limiter.take("k", 1).allowed);
}

TEST_CASE("A caller who waits as told is let in") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  for (const std::int64_t rate : {1, 7, 60, 601, 100'000}) {
    const auto key = std::to_string(rate);
    auto decision = limiter.take(key, rate);
    while (decision.allowed) decision = limiter.take(key, rate);
    clock.advanceMs(decision.retryAfterSeconds * 1000);
    CHECK(limiter.take(key, rate).allowed);
  }
}

TEST_CASE("Keys do not share an allowance, and a lowered limit holds at once") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  CHECK(limiter.take("a", 1).allowed);
  CHECK_FALSE(limiter.take("a", 1).allowed);
  CHECK(limiter.take("b", 1).allowed);
  for (int i = 0; i < 1000; ++i) limiter.take("c", 1000);
  const auto lowered = limiter.take("c", 10);
  CHECK_FALSE(lowered.allowed);
  CHECK(lowered.retryAfterSeconds <= 6);
}

TEST_CASE("Forgets keys whose bucket is full again") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  for (int i = 0; i < 100'000; ++i) limiter.take("first" + std::to_string(i), 60);
  const auto before = limiter.size();
  clock.advanceMs(3'600'000);
  for (int i = 0; i < 200'000; ++i) {
    limiter.take("later" + std::to_string(i), 60);
    clock.advanceMs(1'000);
  }
  CHECK(before == 100'000);
  CHECK(limiter.size() < 50'000);
}

TEST_CASE("Threads together get no more than one would") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        if (limiter.take("k", 600).allowed) ++allowed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(allowed == 600);
}

TEST_CASE("A request takes from all its allowances or from none") {
  base::ManualClock clock;
  RateLimiter limiter(clock);
  const std::vector<identity::RateAsk> asks = {{"key", 10}, {"organisation", 3}, {"route", 5}};
  for (int i = 0; i < 3; ++i) CHECK_FALSE(limiter.takeAll(asks).refused);
  for (int i = 0; i < 20; ++i) {
    const auto refused = limiter.takeAll(asks);
    REQUIRE(refused.refused == 1U);
    REQUIRE(refused.decisions.size() == 3);
    CHECK(refused.decisions[0].remaining == 7);
    CHECK(refused.decisions[1].remaining == 0);
    CHECK(refused.decisions[1].retryAfterSeconds == 20);
    CHECK(refused.decisions[2].remaining == 2);
  }
  CHECK(limiter.take("key", 10).remaining == 6);
  CHECK(limiter.take("route", 5).remaining == 1);
}
