// Against a real Redis server of its own; told as skipped where there is none.
#include "identity/shared_limiter.hpp"

#include <Poco/Net/ServerSocket.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

extern char** environ;

using namespace unigate;
using identity::RateAsk;
using identity::RateVerdict;
using identity::SharedLimiter;

namespace {

constexpr const char* kProgram = "/usr/bin/redis-server";

bool haveRedis() {
  if (std::filesystem::exists(kProgram)) return true;
  std::puts("skipped: redis-server is not installed");
  return false;
}

int freePort() {
  const Poco::Net::ServerSocket probe(Poco::Net::SocketAddress("127.0.0.1", 0));
  return probe.address().port();
}

class RedisServer {
 public:
  explicit RedisServer(int port, std::string password = {}) : port_(port) {
    std::vector<std::string> words = {kProgram, "--port",       std::to_string(port),
                                      "--bind", "127.0.0.1",    "--save",
                                      "",       "--appendonly", "no"};
    if (!password.empty()) words.insert(words.end(), {"--requirepass", std::move(password)});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<int, 2> out{};
    REQUIRE(::pipe(out.data()) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    REQUIRE(::posix_spawn(&process_, kProgram, &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    std::FILE* lines = ::fdopen(out[0], "r");
    std::array<char, 512> line{};
    bool ready = false;
    while (!ready && std::fgets(line.data(), line.size(), lines) != nullptr)
      ready = std::string_view(line.data()).find("Ready to accept") != std::string_view::npos;
    std::fclose(lines);
    REQUIRE(ready);
  }
  ~RedisServer() { kill(SIGKILL); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void kill(int signal) {
    if (process_ == 0) return;
    ::kill(process_, signal);
    if (signal != SIGKILL) return;
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

 private:
  int port_;
  pid_t process_ = 0;
};

// Whether Redis is there, as the limiter tells it.
class Presence {
 public:
  std::function<void(bool, const std::string&)> teller() {
    return [this](bool there, const std::string& reason) {
      const std::lock_guard lock(mutex_);
      there_ = there;
      reason_ = reason;
      ++told_;
      wake_.notify_all();
    };
  }
  bool becomes(bool there) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, std::chrono::seconds(20),
                          [&] { return told_ > 0 && there_ == there; });
  }
  std::string reason() {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool there_ = false;
  int told_ = 0;
  std::string reason_;
};

// One gateway process's part.
struct Process {
  base::SystemClock clock;
  identity::RateLimiter local{clock};
  Presence presence;
  std::unique_ptr<SharedLimiter> shared;

  explicit Process(const std::string& url, std::int64_t answerTimeoutMs = 1'000) {
    identity::SharedLimiterSettings settings;
    settings.url = url;
    settings.answerTimeoutMs = answerTimeoutMs;
    settings.retryMs = 20;
    settings.changed = presence.teller();
    auto started = SharedLimiter::start(local, std::move(settings));
    REQUIRE(started);
    shared = std::move(*started);
  }

  RateVerdict take(const std::vector<RateAsk>& asks) {
    std::promise<RateVerdict> later;
    auto now =
        shared->take(asks, [&later](RateVerdict verdict) { later.set_value(std::move(verdict)); });
    return now ? std::move(*now) : later.get_future().get();
  }
};

}  // namespace

TEST_CASE("Two processes together get no more than one would") {
  if (!haveRedis()) return;
  const RedisServer redis(freePort());
  Process one(redis.url());
  Process two(redis.url());
  REQUIRE(one.presence.becomes(true));
  REQUIRE(two.presence.becomes(true));
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (Process* process : {&one, &two}) {
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([process, &allowed] {
        for (int n = 0; n < 50; ++n) {
          if (!process->take({{"k", 1, 100}}).refused) ++allowed;
        }
      });
    }
  }
  for (auto& thread : threads) thread.join();
  CHECK(allowed >= 100);
  CHECK(allowed <= 101);  // one may flow in meanwhile
  CHECK(one.shared->counters().decisions > 0);
  CHECK(two.shared->counters().decisions > 0);
}

TEST_CASE("Decides as the local limiter does, over all allowances or none") {
  if (!haveRedis()) return;
  const RedisServer redis(freePort());
  Process one(redis.url());
  Process two(redis.url());
  REQUIRE(one.presence.becomes(true));
  REQUIRE(two.presence.becomes(true));
  const std::vector<RateAsk> asks = {{"key", 10}, {"organisation", 3}};
  for (int i = 0; i < 3; ++i) {
    const auto verdict = one.take(asks);
    CHECK_FALSE(verdict.refused);
    CHECK(verdict.decisions[0].limit == 10);
    CHECK(verdict.decisions[0].remaining == 9 - i);
  }
  const auto refused = two.take(asks);  // its own limiter has seen nothing yet
  REQUIRE(refused.refused == 1U);
  CHECK(refused.decisions[0].remaining == 7);
  CHECK(refused.decisions[1].retryAfterSeconds >= 19);
  CHECK(refused.decisions[1].retryAfterSeconds <= 20);
  CHECK(two.local.take("key", 10).remaining == 9);  // what Redis refused was given back
}

TEST_CASE("Decides alone while Redis is away, and shares again when it is back") {
  if (!haveRedis()) return;
  const int port = freePort();
  auto redis = std::make_unique<RedisServer>(port);
  Process process(redis->url());
  REQUIRE(process.presence.becomes(true));
  CHECK_FALSE(process.take({{"k", 600}}).refused);
  redis.reset();
  for (int i = 0; i < 50; ++i) CHECK_FALSE(process.take({{"k", 600}}).refused);
  REQUIRE(process.presence.becomes(false));
  CHECK_FALSE(process.presence.reason().empty());
  CHECK(process.shared->counters().localDecisions > 0);
  // It remembers what it let through.
  CHECK(process.take({{"k", 600}}).decisions[0].remaining < 560);
  redis = std::make_unique<RedisServer>(port);
  REQUIRE(process.presence.becomes(true));
  const auto before = process.shared->counters().decisions.load();
  CHECK_FALSE(process.take({{"k", 600}}).refused);
  CHECK(process.shared->counters().decisions > before);
}

TEST_CASE("A Redis that hangs holds a request up for no longer than the timeout") {
  if (!haveRedis()) return;
  RedisServer redis(freePort());
  Process process(redis.url(), 50);
  REQUIRE(process.presence.becomes(true));
  redis.kill(SIGSTOP);
  const auto started = std::chrono::steady_clock::now();
  CHECK_FALSE(process.take({{"k", 600}}).refused);
  const auto took = std::chrono::steady_clock::now() - started;
  CHECK(took < std::chrono::seconds(2));  // a busy machine; the timeout is 50 ms
  REQUIRE(process.presence.becomes(false));
  redis.kill(SIGCONT);
  REQUIRE(process.presence.becomes(true));
}

TEST_CASE("Is at work without Redis from the start") {
  Process process("redis://127.0.0.1:" + std::to_string(freePort()));
  CHECK_FALSE(process.take({{"k", 2}}).refused);
  CHECK_FALSE(process.take({{"k", 2}}).refused);
  CHECK(process.take({{"k", 2}}).refused == 0U);
  CHECK(process.presence.becomes(false));
  CHECK_FALSE(process.shared->there());
}

TEST_CASE("Logs in with the password of its URL") {
  if (!haveRedis()) return;
  const int port = freePort();
  const RedisServer redis(port, "of redis");
  const auto host = "@127.0.0.1:" + std::to_string(port);
  Process right("redis://:of%20redis" + host + "/3");
  CHECK(right.presence.becomes(true));
  Process wrong("redis://:another" + host);
  CHECK(wrong.presence.becomes(false));
  CHECK(wrong.presence.reason().find("another") == std::string::npos);
}

TEST_CASE("A URL that is none is refused at the start") {
  base::SystemClock clock;
  identity::RateLimiter local(clock);
  for (const char* url : {"", "127.0.0.1:6379", "http://127.0.0.1", "redis://", "redis://host:0",
                          "redis://host:70000", "redis://host/x", "redis://user:pw@host"}) {
    const auto started = SharedLimiter::start(local, {url});
    REQUIRE_FALSE(started);
    CHECK(started.error().param == "limits.redis_url");
  }
}

TEST_CASE("What a shared decision costs") {
  if (!haveRedis()) return;
  const RedisServer redis(freePort());
  Process process(redis.url());
  REQUIRE(process.presence.becomes(true));
  std::vector<double> tookUs;
  for (int i = 0; i < 2'000; ++i) {
    const auto started = std::chrono::steady_clock::now();
    CHECK_FALSE(process.take({{"k", 10'000'000}}).refused);
    tookUs.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - started)
            .count());
  }
  std::sort(tookUs.begin(), tookUs.end());
  std::printf("a shared decision: p50 %.0f us, p99 %.0f us\n", tookUs[1'000], tookUs[1'980]);
  CHECK(tookUs[1'000] < 20'000);
}
