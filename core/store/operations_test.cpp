#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

TransitionRecord to(OperationState state, std::int64_t newFence = 1) {
  TransitionRecord record;
  record.toState = state;
  record.newFence = newFence;
  record.reason = "test";
  return record;
}

TransitionRecord finished(const std::string& body = R"({"id":"pay_1"})") {
  auto record = to(OperationState::succeeded, 2);
  record.final.emplace();
  record.final->outcome = "done";
  record.final->responseStatus = 201;
  record.final->responseHeaders = R"({"Content-Type":"application/json"})";
  record.final->responseBody = body;
  record.final->resourceId = "pay_1";
  record.final->providerRequestId = "req_ext";
  record.final->finishedAt = 5;
  record.final->providerUs = 200'000;
  record.final->ownUs = 70;
  return record;
}

}  // namespace

TEST_CASE_METHOD(TestDatabase, "An intent is stored whole, with its first audit row") {
  auto record = intent("key-1");
  record.resources.push_back(payment("processing"));
  const auto outcome = must(store->insertIntentNow(record));
  CHECK(outcome.inserted);
  const auto row = operation(record.operation.id);
  CHECK(row.clientKey == "key-1");
  CHECK(row.fingerprint == "f1");
  CHECK(row.route == "POST /v1/payments/orders");
  CHECK(row.amount == 1050);
  CHECK(row.currency == "EUR");
  CHECK(row.providerKey == record.operation.providerKey);
  CHECK(row.recoveryWindowSeconds == 86'400);
  CHECK(row.state == OperationState::intent);
  CHECK(row.epoch == 3);
  CHECK(row.input == R"({"amount":1050})");
  CHECK(row.createdAt == clock.unixMs());
  const auto trail = must(reader->transitions("org_1", "test", record.operation.id));
  REQUIRE(trail.size() == 1);
  CHECK(trail[0].fromState.empty());
  CHECK(trail[0].toState == "intent");
  CHECK(must(reader->resourceById("org_1", "test", "payment", record.resources[0].id)));
}

TEST_CASE_METHOD(TestDatabase, "The same client key gives the operation that has it") {
  const auto first = inserted("key-1");
  auto again = intent("key-1");
  again.operation.fingerprint = "f2";
  const auto outcome = must(store->insertIntentNow(again));
  CHECK_FALSE(outcome.inserted);
  CHECK(outcome.existing.id == first);
  CHECK(outcome.existing.fingerprint == "f1");
  CHECK_FALSE(must(reader->operationById("org_1", "test", again.operation.id)));
  CHECK(must(reader->operationByClientKey("org_1", "test", "key-1"))->id == first);
}

TEST_CASE_METHOD(TestDatabase, "A client key is one tenant's and one environment's") {
  inserted("key-1");
  auto other = intent("key-1");
  other.operation.orgId = "org_2";
  CHECK(must(store->insertIntentNow(other)).inserted);
  auto live = intent("key-1");
  live.operation.environment = "live";
  CHECK(must(store->insertIntentNow(live)).inserted);
  CHECK_FALSE(must(reader->operationById("org_2", "test", live.operation.id)));
  CHECK(must(reader->operationById("org_2", "test", other.operation.id)));
  CHECK_FALSE(must(reader->operationById("org_2", "live", other.operation.id)));
}

TEST_CASE_METHOD(TestDatabase, "Operations without a client key do not collide") {
  CHECK(inserted() != inserted());
  CHECK_FALSE(must(reader->operationByClientKey("org_1", "test", "")));
}

TEST_CASE_METHOD(TestDatabase, "One open operation at a time holds a resource") {
  auto first = intent("key-1");
  first.operation.holds = "pay_1";
  REQUIRE(must(store->insertIntentNow(first)).inserted);
  auto second = intent("key-2");
  second.operation.holds = "pay_1";
  const auto refused = must(store->insertIntentNow(second));
  CHECK_FALSE(refused.inserted);
  CHECK(refused.resourceBusy);
  CHECK(refused.existing.id == first.operation.id);
  CHECK_FALSE(must(reader->operationById("org_1", "test", second.operation.id)));

  // The client key comes first: it tells a repetition.
  auto again = intent("key-1");
  again.operation.holds = "pay_1";
  CHECK_FALSE(must(store->insertIntentNow(again)).resourceBusy);

  auto other = intent("key-3");
  other.operation.holds = "pay_2";
  CHECK(must(store->insertIntentNow(other)).inserted);
}

TEST_CASE_METHOD(TestDatabase, "A resource is held until its operation is final") {
  auto first = intent();
  first.operation.holds = "pay_1";
  REQUIRE(must(store->insertIntentNow(first)).inserted);
  auto state = OperationState::intent;
  std::int64_t fence = 0;
  for (const auto next :
       {OperationState::unknown, OperationState::escalated, OperationState::failed}) {
    auto second = intent();
    second.operation.holds = "pay_1";
    CHECK(must(store->insertIntentNow(second)).resourceBusy);
    TransitionRecord record;
    record.toState = next;
    record.newFence = fence + 1;
    CHECK(must(store->transitionNow("org_1", first.operation.id, state, fence, record)) ==
          TransitionOutcome::applied);
    state = next;
    ++fence;
  }
  auto second = intent();
  second.operation.holds = "pay_1";
  CHECK(must(store->insertIntentNow(second)).inserted);
}

TEST_CASE_METHOD(TestDatabase, "Of many threads with one client key exactly one is inserted") {
  constexpr int kThreads = 8;
  constexpr int kRounds = 25;
  std::atomic<int> insertedCount{0};
  std::mutex mutex;
  std::set<std::string> existing;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      base::SystemRandom own;
      for (int round = 0; round < kRounds; ++round) {
        IntentRecord record;
        record.operation.id = base::makeId("txn_", clock, own);
        record.operation.orgId = "org_1";
        record.operation.environment = "test";
        record.operation.clientKey = "round-" + std::to_string(round);
        const auto outcome = must(store->insertIntentNow(std::move(record)));
        if (outcome.inserted) ++insertedCount;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(insertedCount == kRounds);
  OperationFilter all;
  all.limit = 100;
  CHECK(must(reader->listOperations("org_1", "test", all)).rows.size() == kRounds);
}

TEST_CASE_METHOD(TestDatabase, "A final state is stored with the response byte for byte") {
  const auto id = inserted("key-1");
  // PostgreSQL's text holds no zero byte; what may hold one is stored as base64.
  const std::string body("{\"n\":\"\xc3\xa9\\u0000 \n\"}\0tail", testServer().empty() ? 23 : 18);
  REQUIRE(must(store->transitionNow("org_1", id, OperationState::intent, 0,
                                    to(OperationState::sent))) == TransitionOutcome::applied);
  auto record = finished(body);
  record.resources.push_back(payment());
  REQUIRE(must(store->transitionNow("org_1", id, OperationState::sent, 1, record)) ==
          TransitionOutcome::applied);
  const auto row = operation(id);
  CHECK(row.state == OperationState::succeeded);
  CHECK(row.fence == 2);
  CHECK(row.outcome == "done");
  CHECK(row.responseStatus == 201);
  CHECK(row.responseBody == body);
  CHECK(row.responseHeaders == R"({"Content-Type":"application/json"})");
  CHECK(row.resourceId == "pay_1");
  CHECK(row.providerRequestId == "req_ext");
  CHECK(row.finishedAt == 5);
  CHECK(row.providerUs == 200'000);
  CHECK(row.ownUs == 70);
  CHECK(row.clientKey == "key-1");
  const auto trail = must(reader->transitions("org_1", "test", id));
  REQUIRE(trail.size() == 3);
  CHECK(trail[1].fromState == "intent");
  CHECK(trail[1].toState == "sent");
  CHECK(trail[2].fromState == "sent");
  CHECK(trail[2].toState == "succeeded");
  CHECK(trail[2].seq == 3);
  CHECK(trail[2].fence == 2);
}

TEST_CASE_METHOD(TestDatabase,
                 "Who comes late with an old state, fence or tenant changes nothing") {
  const auto id = inserted();
  const auto change = [&](const std::string& org, OperationState from, std::int64_t fence) {
    return must(store->transitionNow(org, id, from, fence, to(OperationState::unknown)));
  };
  CHECK(change("org_1", OperationState::sent, 0) == TransitionOutcome::lostRace);
  CHECK(change("org_1", OperationState::intent, 1) == TransitionOutcome::lostRace);
  CHECK(change("org_2", OperationState::intent, 0) == TransitionOutcome::lostRace);
  CHECK(operation(id).state == OperationState::intent);
  CHECK(must(reader->transitions("org_1", "test", id)).size() == 1);
  auto late = finished();
  late.resources.push_back(payment());
  CHECK(must(store->transitionNow("org_1", id, OperationState::sent, 0, late)) ==
        TransitionOutcome::lostRace);
  CHECK_FALSE(must(reader->resourceById("org_1", "test", "payment", late.resources[0].id)));
}

TEST_CASE_METHOD(TestDatabase, "Of many racers exactly one wins") {
  const auto id = inserted();
  constexpr int kRacers = 8;
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kRacers; ++i) {
    threads.emplace_back([&] {
      if (must(store->transitionNow("org_1", id, OperationState::intent, 0,
                                    to(OperationState::sent))) == TransitionOutcome::applied) {
        ++won;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(must(reader->transitions("org_1", "test", id)).size() == 2);
}

TEST_CASE_METHOD(TestDatabase, "Terminal states never change") {
  for (const auto terminal : {OperationState::succeeded, OperationState::failed}) {
    const auto id = inserted();
    must(store->transitionNow("org_1", id, OperationState::intent, 0, to(terminal)));
    CHECK(must(store->transitionNow("org_1", id, terminal, 1, to(OperationState::unknown))) ==
          TransitionOutcome::lostRace);
    CHECK(operation(id).state == terminal);
  }
}

TEST_CASE_METHOD(TestDatabase, "A released client key may be used again") {
  const auto id = inserted("key-1");
  auto record = to(OperationState::failed);
  record.releaseClientKey = true;
  must(store->transitionNow("org_1", id, OperationState::intent, 0, record));
  CHECK(operation(id).clientKey.empty());
  CHECK(inserted("key-1") != id);
}

TEST_CASE_METHOD(TestDatabase, "Another route replaces provider, account and key together") {
  const auto id = inserted();
  auto record = to(OperationState::intent);
  record.provider = "example";
  record.accountId = "acc_2";
  record.providerKey = "pk-2";
  must(store->transitionNow("org_1", id, OperationState::intent, 0, record));
  CHECK(operation(id).provider == "example");
  CHECK(operation(id).accountId == "acc_2");
  CHECK(operation(id).providerKey == "pk-2");
  must(store->transitionNow("org_1", id, OperationState::intent, 1, to(OperationState::sent, 2)));
  CHECK(operation(id).provider == "example");
}

TEST_CASE_METHOD(TestDatabase, "A resource is updated only from the version that was read") {
  auto record = payment("requires_capture");
  REQUIRE(must(store->transitionNow("org_1", inserted(), OperationState::intent, 0, [&] {
            auto change = finished();
            change.resources.push_back(record);
            return change;
          }())) == TransitionOutcome::applied);
  auto read = *must(reader->resourceById("org_1", "test", "payment", record.id));
  CHECK(read.version == 1);
  read.status = "succeeded";
  const auto second = inserted();
  auto change = finished();
  change.resources = {read};
  CHECK(must(store->transitionNow("org_1", second, OperationState::intent, 0, change)) ==
        TransitionOutcome::applied);

  const auto third = inserted();
  read.status = "canceled";
  change.resources = {payment(), read};  // the second of them is out of date: none is written
  CHECK(must(store->transitionNow("org_1", third, OperationState::intent, 0, change)) ==
        TransitionOutcome::resourceChanged);
  CHECK(operation(third).state == OperationState::intent);
  CHECK_FALSE(must(reader->resourceById("org_1", "test", "payment", change.resources[0].id)));
  const auto stored = must(reader->resourceById("org_1", "test", "payment", record.id));
  CHECK(stored->status == "succeeded");
  CHECK(stored->version == 2);
  CHECK(stored->createdAt == clock.unixMs());

  auto foreign = *stored;
  foreign.orgId = "org_2";
  change.resources = {foreign};
  CHECK(must(store->transitionNow("org_1", third, OperationState::intent, 0, change)) ==
        TransitionOutcome::resourceChanged);
}

TEST_CASE_METHOD(TestDatabase, "Recovery sees every open operation of all tenants, oldest first") {
  const auto first = inserted();
  clock.advanceMs(1);
  const auto sent = inserted();
  must(store->transitionNow("org_1", sent, OperationState::intent, 0, to(OperationState::sent)));
  clock.advanceMs(1);
  const auto done = inserted();
  must(store->transitionNow("org_1", done, OperationState::intent, 0, finished()));
  clock.advanceMs(1);
  const auto escalated = inserted();
  must(store->transitionNow("org_1", escalated, OperationState::intent, 0,
                            to(OperationState::escalated)));
  clock.advanceMs(1);
  auto foreign = intent();
  foreign.operation.orgId = "org_2";
  must(store->insertIntentNow(foreign));
  const auto open = must(reader->openOperations(100, ""));
  REQUIRE(open.size() == 3);
  CHECK(open[0].id == first);
  CHECK(open[1].id == sent);
  CHECK(open[2].id == foreign.operation.id);
  const auto rest = must(reader->openOperations(1, first));
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].id == sent);
}

TEST_CASE_METHOD(TestDatabase, "The resolver gets what is due, soonest first") {
  const auto unknownUntil = [&](std::int64_t at) {
    const auto id = inserted();
    auto record = to(OperationState::unknown);
    record.nextResolveAt = at;
    must(store->transitionNow("org_1", id, OperationState::intent, 0, record));
    return id;
  };
  const auto later = unknownUntil(2'000);
  const auto sooner = unknownUntil(1'000);
  unknownUntil(3'000);
  unknownUntil(0);
  const auto due = must(reader->dueForResolve(2'000, 10));
  REQUIRE(due.size() == 2);
  CHECK(due[0].id == sooner);
  CHECK(due[1].id == later);
  must(store->transitionNow("org_1", sooner, OperationState::unknown, 1, finished()));
  CHECK(must(reader->dueForResolve(2'000, 10)).size() == 1);
}

TEST_CASE_METHOD(TestDatabase,
                 "Completions of a batch come to their sink together, after the commit") {
  struct Sink : CompletionSink {
    std::mutex mutex;
    std::condition_variable came;
    std::vector<std::unique_ptr<Completion>> completions;
    void post(std::vector<std::unique_ptr<Completion>> batch) override {
      const std::lock_guard lock(mutex);
      for (auto& completion : batch) completions.push_back(std::move(completion));
      came.notify_one();
    }
  } sink;
  const auto tester = std::this_thread::get_id();
  int calls = 0;
  constexpr std::size_t kJobs = 50;
  for (std::size_t i = 0; i < kJobs; ++i) {
    auto record = intent();
    const auto id = record.operation.id;
    must(store->insertIntent(std::move(record), &sink,
                             [&, id](const base::Result<IntentOutcome>& result) {
                               CHECK(std::this_thread::get_id() == tester);
                               CHECK(must(result).inserted);
                               CHECK(must(reader->operationById("org_1", "test", id)));
                               ++calls;
                             }));
  }
  std::unique_lock lock(sink.mutex);
  sink.came.wait(lock, [&] { return sink.completions.size() == kJobs; });
  CHECK(calls == 0);  // nothing runs but on the sink's own thread
  for (auto& completion : sink.completions) completion->run();
  CHECK(calls == kJobs);
}
