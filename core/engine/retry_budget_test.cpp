#include "engine/retry_budget.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace unigate::engine {
namespace {

std::int32_t drain(RetryBudget& budget) {
  std::int32_t taken = 0;
  while (budget.takeRetry()) ++taken;
  return taken;
}

TEST_CASE("Lets a quiet gateway retry a burst and then no more") {
  RetryBudget budget;
  CHECK(drain(budget) == RetryBudget::kBurst);
  CHECK_FALSE(budget.takeRetry());
}

TEST_CASE("Earns one retry by ten first executions") {
  RetryBudget budget;
  drain(budget);
  for (int call = 0; call < 9; ++call) budget.noteExecution();
  CHECK_FALSE(budget.takeRetry());
  budget.noteExecution();
  CHECK(budget.takeRetry());
  CHECK_FALSE(budget.takeRetry());
}

TEST_CASE("Keeps no more than the burst however long all goes well") {
  RetryBudget budget;
  for (int call = 0; call < 1'000; ++call) budget.noteExecution();
  CHECK(drain(budget) == RetryBudget::kBurst);
}

TEST_CASE("Gives out no retry twice to threads that ask at once") {
  RetryBudget budget(100, 1'000);
  drain(budget);
  for (int call = 0; call < 1'000; ++call) budget.noteExecution();
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int ask = 0; ask < 500; ++ask) taken += budget.takeRetry() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(taken == 1'000);
}

}  // namespace
}  // namespace unigate::engine
