// What many jobs of one transaction do to each other: on PostgreSQL intents and transitions of a
// batch are written by one statement each.
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

struct Batches : TestDatabase {
  // Submits what `submitAll` submits while the writer stands still, so that it is one batch, and
  // waits until all of it is done.
  template <typename Outcome>
  std::vector<base::Result<Outcome>> together(
      std::size_t count,
      const std::function<void(std::size_t, std::function<void(base::Result<Outcome>)>)>& submit) {
    std::promise<void> reached;
    std::promise<void> open;
    std::thread holder([&] {
      must(store->writeNow([&, told = false](WriteConnection&) mutable {
        if (!told) reached.set_value();
        told = true;
        open.get_future().wait();
      }));
    });
    reached.get_future().wait();
    std::vector<base::Result<Outcome>> outcomes(count, base::Result<Outcome>(Outcome()));
    std::atomic<std::size_t> left{count};
    std::promise<void> done;
    const auto batchesBefore = store->counters().batches.load();
    for (std::size_t i = 0; i < count; ++i) {
      submit(i, [&, i](base::Result<Outcome> outcome) {
        outcomes[i] = std::move(outcome);
        if (--left == 0) done.set_value();
      });
    }
    open.set_value();
    done.get_future().wait();
    holder.join();
    CHECK(store->counters().batches.load() <= batchesBefore + 2);  // the holder's, and this
    CHECK(store->counters().reruns.load() == 0);
    return outcomes;
  }

  std::vector<IntentOutcome> insertTogether(const std::vector<IntentRecord>& intents) {
    std::vector<IntentOutcome> outcomes;
    for (auto& each : together<IntentOutcome>(intents.size(), [&](std::size_t i, auto done) {
           must(store->insertIntent(intents[i], nullptr, std::move(done)));
         }))
      outcomes.push_back(must(std::move(each)));
    return outcomes;
  }

  struct Change {
    std::string id;
    TransitionRecord record;
  };
  std::vector<TransitionOutcome> changeTogether(const std::vector<Change>& changes) {
    std::vector<TransitionOutcome> outcomes;
    for (auto& each : together<TransitionOutcome>(changes.size(), [&](std::size_t i, auto done) {
           must(store->transition("org_1", changes[i].id, OperationState::intent, 0,
                                  changes[i].record, nullptr, std::move(done)));
         }))
      outcomes.push_back(must(std::move(each)));
    return outcomes;
  }

  static TransitionRecord succeeded(std::vector<ResourceRecord> resources = {}) {
    TransitionRecord record;
    record.toState = OperationState::succeeded;
    record.newFence = 1;
    record.final = FinalRecord{"succeeded", "", 201, "{}", "{\"ok\":true}", "", "", 5, 6, 7};
    record.resources = std::move(resources);
    return record;
  }
};

}  // namespace

TEST_CASE_METHOD(Batches, "A key that several intents of one batch bring is taken by one of them") {
  std::vector<IntentRecord> intents;
  for (int i = 0; i < 60; ++i) {
    intents.push_back(intent("key-" + std::to_string(i % 20)));
    if (i % 3 == 0) intents.back().operation.orgId = "org_2";
    intents.back().resources.push_back(payment("processing"));
    intents.back().resources.back().orgId = intents.back().operation.orgId;
  }
  const auto outcomes = insertTogether(intents);
  std::map<std::string, std::string> takenBy;  // organisation and key
  const auto keyOf = [](const OperationRecord& operation) {
    return operation.orgId + " " + operation.clientKey;
  };
  for (std::size_t i = 0; i < intents.size(); ++i) {
    if (outcomes[i].inserted) {
      const auto& operation = intents[i].operation;
      CHECK(takenBy.emplace(keyOf(operation), operation.id).second);
    }
  }
  CHECK(takenBy.size() == 40);  // of 20 keys, each in two organisations
  for (std::size_t i = 0; i < intents.size(); ++i) {
    const auto& operation = intents[i].operation;
    const auto& taker = takenBy.at(keyOf(operation));
    CHECK(outcomes[i].inserted == (taker == operation.id));
    if (!outcomes[i].inserted) CHECK(outcomes[i].existing.id == taker);
    const auto transitions = must(reader->transitions(operation.orgId, "test", operation.id));
    CHECK(transitions.size() == (outcomes[i].inserted ? 1 : 0));
    CHECK(must(reader->resourceById(operation.orgId, "test", "payment",
                                    intents[i].resources[0].id))
              .has_value() == outcomes[i].inserted);
  }
}

TEST_CASE_METHOD(Batches, "Of two transitions of one operation in a batch one is applied") {
  std::vector<Change> changes;
  for (int i = 0; i < 20; ++i) {
    const auto id = inserted();
    changes.push_back({id, succeeded({payment()})});
    auto other = succeeded();
    other.toState = OperationState::failed;
    changes.push_back({id, other});
  }
  const auto outcomes = changeTogether(changes);
  for (std::size_t i = 0; i < changes.size(); i += 2) {
    const bool first = outcomes[i] == TransitionOutcome::applied;
    CHECK(outcomes[first ? i + 1 : i] == TransitionOutcome::lostRace);
    CHECK(outcomes[first ? i : i + 1] == TransitionOutcome::applied);
    const auto stored = operation(changes[i].id);
    CHECK(stored.state == (first ? OperationState::succeeded : OperationState::failed));
    CHECK(stored.transitionSeq == 2);
    CHECK(stored.responseBody == "{\"ok\":true}");
    CHECK(must(reader->transitions("org_1", "test", stored.id)).size() == 2);
    const auto& resource = changes[i].record.resources[0];
    CHECK(must(reader->resourceById("org_1", "test", "payment", resource.id)).has_value() == first);
  }
}

TEST_CASE_METHOD(Batches, "Of two transitions that change one resource in a batch one is applied") {
  auto record = payment("requires_capture");
  must(store->transitionNow("org_1", inserted(), OperationState::intent, 0, succeeded({record})));
  const auto read = *must(reader->resourceById("org_1", "test", "payment", record.id));
  std::vector<Change> changes;
  for (const char* status : {"succeeded", "canceled", "failed"}) {
    auto next = read;
    next.status = status;
    changes.push_back({inserted(), succeeded({next})});
  }
  const auto outcomes = changeTogether(changes);
  std::string applied;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (outcomes[i] == TransitionOutcome::applied) {
      CHECK(applied.empty());
      applied = changes[i].record.resources[0].status;
    } else {
      CHECK(outcomes[i] == TransitionOutcome::resourceChanged);
      CHECK(operation(changes[i].id).state == OperationState::intent);
    }
  }
  const auto stored = must(reader->resourceById("org_1", "test", "payment", record.id));
  CHECK(stored->status == applied);
  CHECK(stored->version == 2);
}

TEST_CASE_METHOD(Batches, "A job that fails takes nothing of its batch with it") {
  std::vector<Change> changes;
  for (int i = 0; i < 5; ++i) changes.push_back({inserted(), succeeded({payment()})});
  changes[2].record.resources[0].environment = "neither";  // refused by the table
  std::atomic<int> left{5};
  std::promise<void> done;
  std::vector<std::string> outcomes(5);
  for (std::size_t i = 0; i < 5; ++i) {
    must(store->transition("org_1", changes[i].id, OperationState::intent, 0, changes[i].record,
                           nullptr, [&, i](const base::Result<TransitionOutcome>& outcome) {
                             outcomes[i] = outcome ? "applied" : outcome.error().code;
                             if (--left == 0) done.set_value();
                           }));
  }
  done.get_future().wait();
  CHECK(outcomes == std::vector<std::string>{"applied", "applied", "store_refused", "applied",
                                             "applied"});
  CHECK(operation(changes[2].id).state == OperationState::intent);
  CHECK(operation(changes[3].id).state == OperationState::succeeded);
}

TEST_CASE_METHOD(Batches, "A NUL in what a provider sent keeps nothing from being written") {
  auto record = payment();
  record.reference = std::string("order\0 7", 8);
  record.document = R"({"note":"a\u0000b\\u0000"})";
  const auto id = inserted();
  REQUIRE(must(store->transitionNow("org_1", id, OperationState::intent, 0,
                                    succeeded({record}))) == TransitionOutcome::applied);
  const auto stored = must(reader->resourceById("org_1", "test", "payment", record.id));
  REQUIRE(stored);
  CHECK(stored->document == record.document);
  CHECK(stored->reference.substr(0, 5) == "order");
}

// Statements are planned while the tables are empty, and the plans are kept.
TEST_CASE_METHOD(Batches, "Work on one row reads a few rows, however many its tenant has") {
  if (testServer().empty()) return;
  constexpr int kOperations = 400;
  std::vector<std::string> ids;
  for (int i = 0; i < kOperations; ++i) {
    const auto id = inserted("key-" + std::to_string(i));
    const auto resource = payment("requires_capture");
    must(store->transitionNow("org_1", id, OperationState::intent, 0, succeeded({resource})));
    auto next = *must(reader->resourceById("org_1", "test", "payment", resource.id));
    next.status = "succeeded";
    must(store->transitionNow("org_1", inserted(), OperationState::intent, 0, succeeded({next})));
    REQUIRE(operation(id).state == OperationState::succeeded);
    must(reader->transitions("org_1", "test", id));
    must(reader->resourceByProviderId("org_1", "test", "payment", "acme", next.providerId));
    REQUIRE(must(reader->operationByClientKey("org_1", "test", "key-" + std::to_string(i))));
  }
  reader.reset();
  store.reset();  // a connection that ends tells its counts
  const auto read = std::stol(folder.onDatabase(
      "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)"
      " + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables"
      "    WHERE relname IN ('operations', 'resources', 'transaction_logs_rest'))"));
  INFO(folder.onDatabase("SELECT string_agg(indexrelname || ' ' || idx_tup_read, ', ' ORDER BY"
                         " idx_tup_read DESC) FROM pg_stat_user_indexes WHERE idx_tup_read > 0")
       << "; whole tables: "
       << folder.onDatabase("SELECT string_agg(relname || ' ' || seq_tup_read, ', ' ORDER BY"
                            " seq_tup_read DESC) FROM pg_stat_user_tables WHERE seq_tup_read > 0"));
  CHECK(read > kOperations);
  CHECK(read < kOperations * 60);
}
