#include "store/group_commit_writer.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace unigate;
using namespace unigate::store;

namespace {

using Failure = WriteTransactions::Failure;

struct FakeError : std::runtime_error {
  FakeError(Failure theFailure, const std::string& text)
      : std::runtime_error(text), failure(theFailure) {}
  Failure failure;
};

// A gate that a test opens, so that the writer stands still at a known place.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void waitUntilReached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool reached_ = false;
};

struct FakeJob final : WriteJob {
  std::string name;
  std::function<void()> work;
  std::function<void(const base::Status&)> done;
  base::Status status;
  void run(WriteConnection&) override { throw std::logic_error("the fake has no connection"); }
  void settle(base::Status theStatus) override { status = std::move(theStatus); }
  void run() override { done(status); }
};

// Keeps what was committed in a list; fails where the test says so.
struct FakeDatabase {
  std::vector<std::vector<std::string>> committed;
  std::vector<std::string> open;
  std::function<void()> onBegin = [] {};
  std::function<void()> onCommit = [] {};
  int rollbacks = 0;
  bool shared = false;
};

class FakeTransactions final : public WriteTransactions {
 public:
  explicit FakeTransactions(FakeDatabase& database) : database_(database) {}
  void begin() override {
    database_.onBegin();
    database_.open.clear();
  }
  void run(const std::vector<std::unique_ptr<WriteJob>>& jobs) override {
    for (const auto& job : jobs) {
      auto& fake = dynamic_cast<FakeJob&>(*job);
      if (fake.work) fake.work();
      database_.open.push_back(fake.name);
    }
  }
  void commit() override {
    database_.onCommit();
    database_.committed.push_back(database_.open);
  }
  void rollback() noexcept override { ++database_.rollbacks; }
  bool isShared() const override { return database_.shared; }
  Failure classify(std::string& reason) const override {
    try {
      throw;
    } catch (const FakeError& error) {
      reason = error.what();
      return error.failure;
    } catch (const std::exception& error) {
      reason = error.what();
      return Failure::job;
    }
  }

 private:
  FakeDatabase& database_;
};

struct Fixture {
  base::SystemClock clock;
  FakeDatabase database;
  std::vector<std::string> outcomes;  // by the writer's thread; read after it ended
  WriterSettings settings;
  std::unique_ptr<GroupCommitWriter> writer;
  std::int64_t patienceMs = 60'000;  // of the jobs that are submitted from here on
  std::string tenant;

  void start() {
    writer = std::make_unique<GroupCommitWriter>(std::make_unique<FakeTransactions>(database),
                                                 settings, clock);
  }
  base::Status submit(const std::string& name, std::function<void()> work = {}) {
    auto job = std::make_unique<FakeJob>();
    job->name = name;
    job->work = std::move(work);
    job->patienceMs = patienceMs;
    job->tenant = tenant;
    job->done = [this, name](const base::Status& status) {
      outcomes.push_back(name + "=" + (status ? "ok" : status.error().code));
    };
    return writer->submit(std::move(job));
  }
  // Submits a job that stands still until `gate` opens, and waits until it does.
  void block(Gate& gate) {
    REQUIRE(submit("first", [&gate] { gate.pass(); }));
    gate.waitUntilReached();
  }
  void finish() { writer.reset(); }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Fixture, "Commits together whatever waits, in order, up to the batch's limit") {
  settings.batchMax = 3;
  std::vector<std::size_t> reported;
  settings.onBatch = [&](const BatchReport& report) { reported.push_back(report.jobs); };
  start();
  Gate gate;
  block(gate);
  for (const auto* name : {"a", "b", "c", "d"}) REQUIRE(submit(name));
  gate.open();
  finish();
  CHECK(database.committed == std::vector<Names>{{"first"}, {"a", "b", "c"}, {"d"}});
  CHECK(outcomes == Names{"first=ok", "a=ok", "b=ok", "c=ok", "d=ok"});
  CHECK(reported == std::vector<std::size_t>{1, 3, 1});
}

TEST_CASE_METHOD(Fixture, "A job that fails takes none of its batch with it") {
  start();
  Gate gate;
  block(gate);
  REQUIRE(submit("a"));
  REQUIRE(submit("poison", [] { throw std::runtime_error("bad data"); }));
  REQUIRE(submit("b"));
  gate.open();
  finish();
  CHECK(database.committed == std::vector<Names>{{"first"}, {"a"}, {"b"}});
  CHECK(outcomes == Names{"first=ok", "a=ok", "poison=store_refused", "b=ok"});
  CHECK(database.rollbacks == 2);
}

TEST_CASE_METHOD(Fixture, "Refuses at once when the queue is full, and takes jobs again later") {
  settings.queueMax = 3;
  start();
  Gate gate;
  block(gate);
  REQUIRE(submit("a"));
  REQUIRE(submit("b"));
  const auto refused = submit("c");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 503);
  CHECK(refused.error().code == "store_overloaded");
  CHECK(refused.error().retryable);
  CHECK(writer->queued() == 3);
  CHECK(writer->counters().refused == 1);
  gate.open();
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK(submit("d"));
  finish();
  CHECK(outcomes == Names{"first=ok", "a=ok", "b=ok", "d=ok"});
}

TEST_CASE_METHOD(Fixture, "After an I/O error it stops: a failed fsync must not be tried again") {
  start();
  Gate gate;
  block(gate);
  database.onCommit = [this] {
    if (!database.committed.empty()) throw FakeError(Failure::fatal, "disk I/O error");
  };
  REQUIRE(submit("a"));
  REQUIRE(submit("b"));
  gate.open();
  while (writer->healthy()) std::this_thread::yield();
  CHECK(writer->unhealthyReason().find("disk I/O error") != std::string::npos);
  const auto refused = submit("c");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().status == 503);
  finish();
  CHECK(database.committed == std::vector<Names>{{"first"}});
  CHECK(outcomes == Names{"first=ok", "a=store_failed", "b=store_failed"});
}

TEST_CASE_METHOD(Fixture, "Without space what is to be begun is refused, and it heals by itself") {
  bool full = true;
  database.onCommit = [&] {
    if (std::exchange(full, false)) throw FakeError(Failure::refused, "disk is full");
  };
  start();
  patienceMs = WriteJob::kShortPatienceMs;
  REQUIRE(submit("a"));
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK_FALSE(writer->healthy());
  CHECK(writer->unhealthyReason().find("disk is full") != std::string::npos);
  REQUIRE(submit("b"));
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK(writer->healthy());
  finish();
  CHECK(outcomes == Names{"a=store_full", "b=ok"});
}

TEST_CASE_METHOD(Fixture, "While another process writes each job waits as long as it is patient") {
  std::atomic<bool> locked = true;
  database.onBegin = [&] {
    if (locked) throw FakeError(Failure::busy, "database is locked");
  };
  start();
  REQUIRE(submit("patient"));
  patienceMs = 20;
  REQUIRE(submit("a"));
  REQUIRE(submit("b"));
  while (writer->queued() > 1) std::this_thread::yield();
  CHECK(writer->unhealthyReason().find("database is locked") != std::string::npos);
  CHECK(writer->counters().failedJobs == 2);
  locked = false;
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK(writer->healthy());
  REQUIRE(submit("c"));
  finish();
  CHECK(outcomes == Names{"a=store_busy", "b=store_busy", "patient=ok", "c=ok"});
}

TEST_CASE_METHOD(Fixture, "Another's short write makes the writer wait, not unhealthy") {
  std::atomic<int> attempts = 0;
  database.onBegin = [&] {
    if (++attempts <= 3) throw FakeError(Failure::busy, "database is locked");
  };
  start();
  REQUIRE(submit("a"));
  while (attempts == 0) std::this_thread::yield();
  CHECK(writer->healthy());
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK(writer->healthy());
  CHECK(writer->unhealthyReason().empty());
  finish();
  CHECK(outcomes == Names{"a=ok"});
}

TEST_CASE_METHOD(Fixture, "A lock that management waits for holds up no payment") {
  database.shared = true;
  std::atomic<bool> locked = true;
  start();
  Gate gate;
  block(gate);
  REQUIRE(submit("usage"));
  REQUIRE(submit("log in", [&] {
    if (locked) throw FakeError(Failure::busy, "canceling statement due to lock timeout");
  }));
  patienceMs = WriteJob::kShortPatienceMs;
  for (const auto* org : {"org_2", "org_1", "org_2"}) {
    tenant = org;
    REQUIRE(submit(std::string("payment of ") + org));
  }
  gate.open();
  while (writer->counters().jobs < 4) std::this_thread::yield();
  locked = false;
  while (writer->queued() > 0) std::this_thread::yield();
  finish();
  CHECK(database.committed == std::vector<Names>{
                                  {"first"},
                                  {"payment of org_1", "payment of org_2", "payment of org_2"},
                                  {"usage", "log in"}});
}

TEST_CASE_METHOD(Fixture, "What waits for a server that is gone keeps its order, whatever comes") {
  std::atomic<int> attempts = 0;
  settings.batchMax = 2;
  database.onBegin = [&] {
    if (++attempts <= 4) throw FakeError(Failure::lost, "the server is gone");
  };
  start();
  for (const auto* name : {"a", "b", "c", "d", "e"}) REQUIRE(submit(name));
  while (writer->queued() > 0) std::this_thread::yield();
  CHECK(writer->healthy());
  finish();
  CHECK(outcomes == Names{"a=ok", "b=ok", "c=ok", "d=ok", "e=ok"});
}

TEST_CASE_METHOD(Fixture,
                 "Without a server what is to be begun is refused at once, even unqueued") {
  std::atomic<bool> gone = true;
  database.onBegin = [&] {
    if (gone) throw FakeError(Failure::lost, "the server is gone");
  };
  start();
  patienceMs = WriteJob::kShortPatienceMs;
  REQUIRE(submit("a"));
  while (writer->queued() > 0) std::this_thread::yield();
  const auto refused = submit("b");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "store_unavailable");
  gone = false;
  while (!writer->healthy()) std::this_thread::yield();
  REQUIRE(submit("c"));
  finish();
  CHECK(outcomes == Names{"a=store_unavailable", "c=ok"});
}

TEST_CASE_METHOD(Fixture, "A database that goes while a batch is rerun loses and repeats nothing") {
  start();
  Gate gate;
  block(gate);
  std::atomic<bool> full = true;
  REQUIRE(submit("a"));
  REQUIRE(submit("poison", [] { throw std::runtime_error("bad data"); }));
  REQUIRE(submit("b", [&] {
    if (full.exchange(false)) throw FakeError(Failure::refused, "disk is full");
  }));
  REQUIRE(submit("c"));
  gate.open();
  while (writer->queued() > 0) std::this_thread::yield();
  finish();
  CHECK(database.committed == std::vector<Names>{{"first"}, {"a"}, {"b", "c"}});
  CHECK(outcomes == Names{"first=ok", "a=ok", "poison=store_refused", "b=ok", "c=ok"});
}

TEST_CASE_METHOD(Fixture, "It ends though the database can't be written, and says so to all") {
  database.onBegin = [] { throw FakeError(Failure::busy, "database is locked"); };
  start();
  REQUIRE(submit("a"));
  finish();
  CHECK(outcomes == Names{"a=store_busy"});
}

TEST_CASE_METHOD(Fixture, "Finishes what is queued before it ends") {
  start();
  Gate gate;
  block(gate);
  for (int i = 0; i < 1'000; ++i) REQUIRE(submit("job"));
  gate.open();
  finish();
  CHECK(outcomes.size() == 1'001);
}

TEST_CASE_METHOD(Fixture, "Posts once for each sink and batch") {
  struct Sink : CompletionSink {
    std::vector<std::size_t> posts;
    void post(std::vector<std::unique_ptr<Completion>> batch) override {
      posts.push_back(batch.size());
    }
  } left, right;
  start();
  Gate gate;
  block(gate);
  for (int i = 0; i < 10; ++i) {
    auto job = std::make_unique<FakeJob>();
    job->sink = i % 5 == 0 ? &left : &right;
    REQUIRE(writer->submit(std::move(job)));
  }
  gate.open();
  finish();
  CHECK(left.posts == std::vector<std::size_t>{2});
  CHECK(right.posts == std::vector<std::size_t>{8});
}
