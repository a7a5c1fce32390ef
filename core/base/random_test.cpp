#include "base/random.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

using namespace unigate;

namespace {

using Bytes = std::array<std::uint8_t, 16>;

Bytes draw() {
  Bytes bytes{};
  base::SystemRandom().fill(bytes);
  return bytes;
}

}  // namespace

TEST_CASE("Never gives the same bytes out twice, whatever the size asked for") {
  std::set<Bytes> seen;
  for (int i = 0; i < 5000; ++i) {
    seen.insert(draw());
    std::array<std::uint8_t, 7> odd{};
    base::SystemRandom().fill(odd);
    std::array<std::uint8_t, 32> large{};
    base::SystemRandom().fill(large);
    CHECK(large != std::array<std::uint8_t, 32>{});
  }
  CHECK(seen.size() == 5000);
}

TEST_CASE("Each thread draws bytes of its own") {
  std::vector<std::vector<Bytes>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 500; ++i) mine.push_back(draw());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<Bytes> seen;
  for (const auto& mine : drawn) seen.insert(mine.begin(), mine.end());
  CHECK(seen.size() == 2000);
}

TEST_CASE("A forked child doesn't repeat what its parent draws") {
  draw();  // there is something in store
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const Bytes mine = draw();
    const bool sent = ::write(ends[1], mine.data(), mine.size()) == sizeof(Bytes);
    ::_exit(sent ? 0 : 1);
  }
  Bytes theirs{};
  REQUIRE(::read(ends[0], theirs.data(), theirs.size()) == sizeof(Bytes));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(draw() != theirs);
  ::close(ends[0]);
  ::close(ends[1]);
}
