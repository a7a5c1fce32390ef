#include "net/event_loop.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/timer_heap.hpp"

using unigate::base::ManualClock;
using unigate::base::SystemClock;
using unigate::net::EventLoop;
using unigate::net::TimerHeap;

namespace {

// Two connected sockets, closed at the end unless released.
struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0); }
  ~Pair() {
    for (const int fd : fds) {
      if (fd >= 0) close(fd);
    }
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  void poke() const { REQUIRE(write(fds[1], "x", 1) == 1); }
  void take() const {
    char byte = 0;
    REQUIRE(read(fds[0], &byte, 1) == 1);
  }
  std::array<int, 2> fds{-1, -1};
};

}  // namespace

TEST_CASE("Calls the handler when a watched fd is readable, as long as it is") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair pair;
  int calls = 0;
  loop.watch(pair.fds[0], EPOLLIN, [&](std::uint32_t events) {
    CHECK((events & EPOLLIN) != 0);
    ++calls;
  });
  loop.runOnce(0);
  CHECK(calls == 0);
  pair.poke();
  loop.runOnce(1000);
  loop.runOnce(1000);
  CHECK(calls == 2);
  pair.take();
  loop.runOnce(0);
  CHECK(calls == 2);
}

TEST_CASE("Changed interest holds from the next turn") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair pair;
  std::uint32_t seen = 0;
  loop.watch(pair.fds[0], EPOLLIN, [&](std::uint32_t events) { seen |= events; });
  loop.modify(pair.fds[0], EPOLLIN | EPOLLOUT);
  loop.runOnce(1000);
  CHECK(seen == EPOLLOUT);
}

TEST_CASE("A handler may unwatch itself while it runs") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair pair;
  const auto alive = std::make_shared<int>(7);
  int seen = 0;
  loop.watch(pair.fds[0], EPOLLIN, [&loop, &pair, &seen, alive](std::uint32_t) {
    loop.unwatch(pair.fds[0]);
    seen += *alive;
  });
  pair.poke();
  loop.runOnce(1000);
  loop.runOnce(0);
  CHECK(seen == 7);
  CHECK(alive.use_count() == 1);
}

TEST_CASE("A handler may unwatch another whose event is already there") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair first;
  Pair second;
  int calls = 0;
  const auto onlyOne = [&](std::uint32_t) {
    ++calls;
    loop.unwatch(first.fds[0]);
    loop.unwatch(second.fds[0]);
  };
  loop.watch(first.fds[0], EPOLLIN, onlyOne);
  loop.watch(second.fds[0], EPOLLIN, onlyOne);
  first.poke();
  second.poke();
  loop.runOnce(1000);
  loop.runOnce(0);
  CHECK(calls == 1);
}

TEST_CASE("An event of a closed fd does not reach the one that reuses its number") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair first;
  Pair second;
  Pair fresh;
  int old = 0;
  int wrong = 0;
  // Whichever comes first puts a quiet socket in the other's place.
  const auto swapOther = [&](Pair& other) {
    ++old;
    if (old > 1) return;
    loop.unwatch(other.fds[0]);
    REQUIRE(dup2(fresh.fds[0], other.fds[0]) == other.fds[0]);
    loop.watch(other.fds[0], EPOLLIN, [&](std::uint32_t) { ++wrong; });
  };
  loop.watch(first.fds[0], EPOLLIN, [&](std::uint32_t) { swapOther(second); });
  loop.watch(second.fds[0], EPOLLIN, [&](std::uint32_t) { swapOther(first); });
  first.poke();
  second.poke();
  loop.runOnce(1000);
  CHECK(old == 1);
  CHECK(wrong == 0);
}

TEST_CASE("A handler may watch many new fds while it runs") {
  const SystemClock clock;
  EventLoop loop(clock);
  Pair pair;
  std::vector<std::unique_ptr<Pair>> more;
  int calls = 0;
  const auto text = std::make_shared<std::string>("still here");
  loop.watch(pair.fds[0], EPOLLIN, [&, text](std::uint32_t) {
    pair.take();
    for (int i = 0; i < 100; ++i) {
      more.push_back(std::make_unique<Pair>());
      loop.watch(more.back()->fds[0], EPOLLIN, [&](std::uint32_t) { ++calls; });
    }
    CHECK(*text == "still here");
  });
  pair.poke();
  loop.runOnce(1000);
  for (const auto& one : more) one->poke();
  loop.runOnce(1000);
  CHECK(calls == 100);
}

TEST_CASE("Posted tasks run on the loop's thread in order, from any thread") {
  const SystemClock clock;
  EventLoop loop(clock);
  std::vector<int> order;
  std::thread worker([&] { loop.run(); });
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&order, &loop, i] {
        if (loop.inLoop()) order.push_back(i);
      });
    }
    loop.post([&] { loop.stop(); });
  });
  poster.join();
  worker.join();
  REQUIRE(order.size() == 1000);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("A task posted from a task runs without another wake-up") {
  const SystemClock clock;
  EventLoop loop(clock);
  bool done = false;
  loop.post([&] {
    loop.post([&] {
      done = true;
      loop.stop();
    });
  });
  loop.run();
  CHECK(done);
}

TEST_CASE("stop() before run() still runs what was posted") {
  const SystemClock clock;
  EventLoop loop(clock);
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.stop();
  loop.run();
  CHECK(ran);
}

TEST_CASE("Timers fire in order of time and not early") {
  ManualClock clock;
  EventLoop loop(clock);
  std::vector<int> order;
  loop.after(30, [&] { order.push_back(30); });
  loop.after(10, [&] { order.push_back(10); });
  loop.after(20, [&] { order.push_back(20); });
  loop.after(10, [&] { order.push_back(11); });
  clock.advanceMs(9);
  loop.runOnce(0);
  CHECK(order.empty());
  clock.advanceMs(11);
  loop.runOnce(0);
  CHECK(order == std::vector<int>{10, 11, 20});
  clock.advanceMs(100);
  loop.runOnce(0);
  CHECK(order == std::vector<int>{10, 11, 20, 30});
}

TEST_CASE("The loop wakes for a timer on the real clock") {
  const SystemClock clock;
  EventLoop loop(clock);
  const std::int64_t startUs = clock.monotonicUs();
  std::int64_t firedUs = 0;
  loop.after(5, [&] {
    firedUs = clock.monotonicUs();
    loop.stop();
  });
  loop.run();
  CHECK(firedUs - startUs >= 5000);
}

TEST_CASE("A cancelled timer does not fire, and its id does not hit its successor") {
  ManualClock clock;
  EventLoop loop(clock);
  int fired = 0;
  const auto first = loop.after(10, [&] { fired += 1; });
  loop.cancel(first);
  const auto second = loop.after(10, [&] { fired += 10; });
  CHECK(first != second);
  CHECK(second != 0);
  loop.cancel(first);
  loop.cancel(0);
  clock.advanceMs(10);
  loop.runOnce(0);
  CHECK(fired == 10);
  loop.cancel(second);
}

TEST_CASE("A timer that re-arms itself at once leaves room for the rest of the loop") {
  ManualClock clock;
  EventLoop loop(clock);
  int fired = 0;
  std::function<void()> again = [&] {
    ++fired;
    loop.after(0, again);
  };
  loop.after(0, again);
  loop.runOnce(0);
  CHECK(fired == 1);
  loop.runOnce(0);
  CHECK(fired == 2);
}

TEST_CASE("Random adds and cancels leave exactly the timers that are due") {
  TimerHeap heap;
  std::vector<std::uint64_t> ids;
  std::vector<int> fired(5000, 0);
  std::uint32_t seed = 12345;
  const auto next = [&] { return seed = seed * 1664525U + 1013904223U; };
  std::vector<bool> cancelled(5000, false);
  std::vector<std::int64_t> due(5000);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < 5000; ++i) {
    due[i] = static_cast<std::int64_t>(next() >> 8) % 1000;
    ids.push_back(heap.add(due[i], [&, i] {
      ++fired[i];
      CHECK(due[i] >= last);
      last = due[i];
    }));
    if (next() % 3 == 0) {
      const std::size_t victim = (next() >> 8) % ids.size();
      heap.cancel(ids[victim]);
      cancelled[victim] = true;
    }
  }
  heap.runDue(499);
  for (std::size_t i = 0; i < 5000; ++i) {
    CHECK(fired[i] == (!cancelled[i] && due[i] <= 499 ? 1 : 0));
  }
  heap.runDue(1000);
  CHECK(heap.size() == 0);
}

TEST_CASE("Handlers that own others may die with the loop") {
  const SystemClock clock;
  Pair first;
  Pair second;
  struct Owner {
    EventLoop& loop;
    int fd;
    ~Owner() { loop.unwatch(fd); }
  };
  bool called = false;
  {
    EventLoop loop(clock);
    const auto note = [&called](std::uint32_t) { called = true; };
    loop.watch(first.fds[0], EPOLLIN, note);
    loop.watch(second.fds[0], EPOLLIN, note);
    loop.after(1000, [owner = std::make_shared<Owner>(Owner{loop, first.fds[0]})] {});
    loop.post([owner = std::make_shared<Owner>(Owner{loop, second.fds[0]})] {});
  }
  first.poke();
  CHECK_FALSE(called);
}
