// What must hold when a process dies, when two write at once and when the disk gives out. Children
// are forked before the parent has any thread.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "store/test_database.hpp"

using namespace unigate;
using namespace unigate::store;

namespace {

// A child process with a pipe to its parent.
class Child {
 public:
  template <typename Work>
  explicit Child(Work&& work, bool held = false) {
    if (::pipe(pipe_) != 0 || ::pipe(go_) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(pipe_[0]);
      ::close(go_[1]);
      char go = 0;
      if (::read(go_[0], &go, 1) != 1) ::_exit(3);
      int code = 1;
      try {
        work([this](const std::string& line) { say(line); });
        code = 0;
      } catch (const std::exception& error) {
        say(std::string("error: ") + error.what());
      }
      ::_exit(code);
    }
    ::close(pipe_[1]);
    ::close(go_[0]);
    if (!held) release();
  }
  ~Child() {
    ::close(pipe_[0]);
    ::close(go_[1]);
    if (pid_ > 0) kill();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Lets a child that was held begin.
  void release() {
    if (::write(go_[1], "g", 1) != 1) throw std::runtime_error("the child is gone");
  }
  // The next line the child said; empty at its end.
  std::string hear() {
    std::string line;
    char c = 0;
    while (::read(pipe_[0], &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  void say(const std::string& line) {
    const auto text = line + "\n";
    if (::write(pipe_[1], text.data(), text.size()) < 0) ::_exit(2);
  }
  int pipe_[2] = {-1, -1};
  int go_[2] = {-1, -1};
  pid_t pid_ = -1;
};

IntentRecord anIntent(const base::Clock& clock, base::Random& random) {
  IntentRecord record;
  record.operation.id = base::makeId("txn_", clock, random);
  record.operation.orgId = "org_1";
  record.operation.environment = "test";
  record.operation.input = std::string(1'000, 'i');
  return record;
}

std::string integrityOf(const TestFolder& folder) {
  // By the reader's own means: every row that is listed can be read.
  base::SystemClock clock;
  const auto store = must(Store::open({folder.url(), {}}, clock));
  const auto reader = must(store->openReader());
  std::size_t rows = 0;
  for (std::string after;;) {
    const auto open = must(reader->openOperations(500, after));
    if (open.empty()) break;
    rows += open.size();
    after = open.back().id;
  }
  return std::to_string(rows);
}

}  // namespace

TEST_CASE("What was acknowledged is there after the process was killed") {
  TestFolder folder;
  base::SystemClock clock;
  migrateAll(folder, clock);
  std::vector<std::string> acknowledged;
  {
    Child child([&](const auto& say) {
      base::SystemRandom random;
      const auto store = must(Store::open({folder.url(), {}}, clock));
      for (;;) {
        auto record = anIntent(clock, random);
        const auto id = record.operation.id;
        must(store->insertIntentNow(std::move(record)));
        TransitionRecord final;
        final.toState = OperationState::succeeded;
        final.final.emplace();
        final.final->responseBody = "answer of " + id;
        must(store->transitionNow("org_1", id, OperationState::intent, 0, final));
        say(id);
      }
    });
    for (int i = 0; i < 200; ++i) acknowledged.push_back(child.hear());
    child.kill();
  }
  const auto store = must(Store::open({folder.url(), {}}, clock));
  const auto reader = must(store->openReader());
  for (const auto& id : acknowledged) {
    const auto row = must(reader->operationById("org_1", "test", id));
    REQUIRE(row);
    CHECK(row->state == OperationState::succeeded);
    CHECK(row->responseBody == "answer of " + id);
    CHECK(must(reader->transitions("org_1", "test", id)).size() == 2);
  }
}

TEST_CASE("Two processes write side by side and lose nothing") {
  TestFolder folder;
  base::SystemClock clock;
  migrateAll(folder, clock);
  constexpr int kEach = 150;
  const auto insertAll = [&] {
    base::SystemRandom random;
    const auto store = must(Store::open({folder.url(), {}}, clock));
    for (int i = 0; i < kEach; ++i) must(store->insertIntentNow(anIntent(clock, random)));
  };
  Child first([&](const auto&) { insertAll(); });
  Child second([&](const auto&) { insertAll(); });
  CHECK(first.hear().empty());
  CHECK(second.hear().empty());
  CHECK(first.wait() == 0);
  CHECK(second.wait() == 0);
  CHECK(integrityOf(folder) == std::to_string(2 * kEach));
}

TEST_CASE("What another process writes while this one serves is seen at once") {
  TestFolder folder;
  base::SystemClock clock;
  migrateAll(folder, clock);
  Child child(
      [&](const auto&) {
        const auto store = must(Store::open({folder.url(), {}}, clock));
        must(store->createOrganisation({"org_9", "Nine", 1}));
      },
      true);
  const auto store = must(Store::open({folder.url(), {}}, clock));
  const auto reader = must(store->openReader());
  CHECK_FALSE(must(reader->organisationById("org_9")));
  child.release();
  CHECK(child.hear().empty());
  CHECK(child.wait() == 0);
  CHECK(must(reader->organisationById("org_9")));
  base::SystemRandom random;
  CHECK(must(store->insertIntentNow(anIntent(clock, random))).inserted);
}

TEST_CASE("When the file can't be written any more, nothing is acknowledged", "[sqlite]") {
  TestFolder folder;
  base::SystemClock clock;
  migrateAll(folder, clock);
  Child child([&](const auto& say) {
    base::SystemRandom random;
    const auto store = must(Store::open({folder.url(), {}}, clock));
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{512 * 1024, 512 * 1024};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 10'000; ++i) {
      const auto result = store->insertIntentNow(anIntent(clock, random));
      if (result) {
        say("ok");
        continue;
      }
      say(std::to_string(result.error().status) + " " + result.error().code);
      say(store->healthy() ? "healthy" : "stopped");
      say(store->insertIntentNow(anIntent(clock, random)) ? "ok after all" : "refused");
      return;
    }
  });
  std::size_t acknowledged = 0;
  std::string line;
  for (line = child.hear(); line == "ok"; line = child.hear()) ++acknowledged;
  CHECK(line == "503 store_full");
  CHECK(child.hear() == "stopped");
  CHECK(child.hear() == "refused");
  child.wait();
  CHECK(acknowledged > 10);
  // A commit whose outcome was unknown may be there on top, never one less.
  const auto rows = std::stoul(integrityOf(folder));
  CHECK(rows >= acknowledged);
  CHECK(rows <= acknowledged + 1);
}
