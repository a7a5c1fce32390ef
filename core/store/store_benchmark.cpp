// How many durable jobs a second the store takes: producers that each insert an intent, wait for
// its commit, commit the result with a resource, wait, and begin again.
//   store_benchmark [producers=64] [seconds=5] [folder=/tmp]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "store/migrations.hpp"
#include "store/store.hpp"

using namespace unigate;

namespace {

// One event loop's worth of completions: a thread that runs what is posted to it.
class Loop final : public store::CompletionSink {
 public:
  void post(std::vector<std::unique_ptr<store::Completion>> batch) override {
    const std::lock_guard lock(mutex_);
    std::move(batch.begin(), batch.end(), std::back_inserter(posted_));
    wake_.notify_one();
  }
  void runUntil(const std::atomic<int>& open) {
    std::vector<std::unique_ptr<store::Completion>> batch;
    while (open > 0) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return !posted_.empty(); });
        std::swap(batch, posted_);
      }
      for (auto& completion : batch) completion->run();
      batch.clear();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<store::Completion>> posted_;
};

struct Bench {
  store::Store& store;
  base::SystemClock clock;
  base::SystemRandom random;
  Loop loop;
  std::chrono::steady_clock::time_point end;
  std::atomic<int> open{0};
  std::vector<std::int64_t> latenciesUs;
  std::string input = std::string(300, 'i');
  std::string body = std::string(600, 'b');

  void next() {
    if (std::chrono::steady_clock::now() > end) {
      --open;
      return;
    }
    store::IntentRecord intent;
    auto& operation = intent.operation;
    operation.id = base::makeId("txn_", clock, random);
    operation.orgId = "org_bench";
    operation.environment = "test";
    operation.clientKey = operation.id;
    operation.fingerprint = std::string(64, 'f');
    operation.operation = "payment.create";
    operation.provider = "example";
    operation.amount = 1050;
    operation.currency = "EUR";
    operation.input = input;
    const auto beganUs = clock.monotonicUs();
    const auto id = operation.id;
    check(store.insertIntent(std::move(intent), &loop, [this, id, beganUs](auto result) {
      if (!result || !result->inserted) std::abort();
      latenciesUs.push_back(clock.monotonicUs() - beganUs);
      finish(id);
    }));
  }
  void finish(const std::string& id) {
    store::TransitionRecord record;
    record.toState = store::OperationState::succeeded;
    record.final.emplace();
    record.final->outcome = "done";
    record.final->responseStatus = 201;
    record.final->responseBody = body;
    store::ResourceRecord payment;
    payment.id = base::makeId("pay_", clock, random);
    payment.orgId = "org_bench";
    payment.environment = "test";
    payment.kind = "payment";
    payment.provider = "example";
    payment.providerId = payment.id;
    payment.document = body;
    record.resources.push_back(std::move(payment));
    const auto beganUs = clock.monotonicUs();
    check(store.transition("org_bench", id, store::OperationState::intent, 0, std::move(record),
                           &loop, [this, beganUs](auto result) {
                             if (!result || *result != store::TransitionOutcome::applied)
                               std::abort();
                             latenciesUs.push_back(clock.monotonicUs() - beganUs);
                             next();
                           }));
  }
  static void check(const base::Status& status) {
    if (!status) std::abort();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const int producers = argc > 1 ? std::atoi(argv[1]) : 64;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  const std::filesystem::path folder =
      std::string(argc > 3 ? argv[3] : "/tmp") + "/store-benchmark";
  std::filesystem::remove_all(folder);
  base::SystemClock clock;
  const auto url = "sqlite:" + (folder / "bench.db").string();
  if (!store::migrate(url, clock)) return 1;
  auto store = store::Store::open({url, {}}, clock);
  if (!store) return 1;
  Bench bench{**store, {}, {}, {}, std::chrono::steady_clock::now() + std::chrono::seconds(seconds),
              {},      {}};
  const auto began = clock.monotonicUs();
  bench.open = producers;
  for (int i = 0; i < producers; ++i) bench.next();
  bench.loop.runUntil(bench.open);
  const auto took = static_cast<double>(clock.monotonicUs() - began) / 1e6;
  auto& latencies = bench.latenciesUs;
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double share) {
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  };
  std::printf(
      "%d producers: %.0f jobs/s (%.0f operations/s), p50 %ld us, p99 %ld us, %.1f jobs a batch\n",
      producers, static_cast<double>(latencies.size()) / took,
      static_cast<double>(latencies.size()) / took / 2, at(0.5), at(0.99),
      static_cast<double>((*store)->counters().jobs) /
          static_cast<double>((*store)->counters().batches));
  store->reset();
  std::filesystem::remove_all(folder);
  return 0;
}
