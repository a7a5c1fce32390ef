#include "identity/shared_limiter.hpp"

#include <Poco/Exception.h>
#include <Poco/Redis/Array.h>
#include <Poco/Redis/Client.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "vault/secret_string.hpp"

namespace unigate::identity {

namespace {

using Poco::Redis::Array;

constexpr std::size_t kBatchMax = 128;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::string_view kPrefix = "unigate:rate:";

// The local limiter's rule with Redis' clock: GCRA over all keys, all or nothing. Answers which key
// refuses (0: none) and for each in how many microseconds its bucket will be full again.
constexpr const char* kScript = R"(
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = {}
local refused = 0
for i = 1, #KEYS do
  local interval = tonumber(ARGV[2 * i - 1])
  local tolerance = interval * tonumber(ARGV[2 * i])
  local at = tonumber(redis.call('GET', KEYS[i]) or now)
  full[i] = math.min(math.max(at, now), now + tolerance)
  if refused == 0 and full[i] + interval - now > tolerance then refused = i end
end
local answer = { refused }
for i = 1, #KEYS do
  if refused == 0 then
    full[i] = full[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', KEYS[i], string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000))
  end
  answer[i + 1] = full[i] - now
end
return answer
)";

struct Address {
  std::string host;
  int port = 6379;
  vault::SecretString password;
  std::string database;
};

base::Result<Address> parseAddress(std::string_view url) {
  constexpr std::string_view kScheme = "redis://";
  const auto refuse = [] {
    return base::fail(400, "invalid_config",
                      "must look like redis://HOST:PORT or redis://:PASSWORD@HOST:PORT/DATABASE",
                      "limits.redis_url");
  };
  if (url.substr(0, kScheme.size()) != kScheme) return refuse();
  url.remove_prefix(kScheme.size());
  Address address;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    if (url.empty() || url.front() != ':') return refuse();
    auto password = base::percentDecode(url.substr(1, at - 1));
    if (!password) return refuse();
    address.password = vault::SecretString(std::move(*password));
    url.remove_prefix(at + 1);
  }
  const auto slash = url.find('/');
  if (slash != std::string_view::npos) address.database = url.substr(slash + 1);
  url = url.substr(0, slash);
  const auto digitsOnly = [](std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const auto colon = url.rfind(':');
  const bool v6 = !url.empty() && url.front() == '[';
  const bool hasPort = colon != std::string_view::npos && (!v6 || url.rfind(']') + 1 == colon);
  if (hasPort) {
    const auto port = url.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port < 1 ||
        address.port > 65535)
      return refuse();
    url = url.substr(0, colon);
  }
  if (v6 && url.size() > 2 && url.back() == ']') url = url.substr(1, url.size() - 2);
  address.host = url;
  if (address.host.empty() || !digitsOnly(address.database)) return refuse();
  return address;
}

std::int64_t ceilSeconds(std::int64_t us) {
  return (us + kSecondUs - 1) / kSecondUs;
}

std::int64_t intervalUs(const RateAsk& ask) {
  return std::max<std::int64_t>(kMinuteUs / std::max<std::int64_t>(ask.perMinute, 1), 1);
}
std::int64_t depthOf(const RateAsk& ask) {
  return ask.burst > 0 ? ask.burst : std::max<std::int64_t>(ask.perMinute, 1);
}

RateVerdict toVerdict(const std::vector<RateAsk>& asks, const Array& answer) {
  RateVerdict verdict;
  if (answer.size() != asks.size() + 1) throw std::runtime_error("an answer of another form");
  const auto refused = answer.get<Poco::Int64>(0);
  if (refused > 0) verdict.refused = static_cast<std::size_t>(refused - 1);
  for (std::size_t i = 0; i < asks.size(); ++i) {
    const std::int64_t owedUs = answer.get<Poco::Int64>(i + 1);
    const std::int64_t interval = intervalUs(asks[i]);
    const std::int64_t tolerance = interval * depthOf(asks[i]);
    RateDecision decision;
    decision.limit = depthOf(asks[i]);
    decision.remaining = std::max<std::int64_t>(0, (tolerance - owedUs) / interval);
    decision.resetSeconds = ceilSeconds(owedUs);
    decision.allowed = verdict.refused != i;
    if (!decision.allowed) {
      decision.retryAfterSeconds =
          std::max<std::int64_t>(1, ceilSeconds(owedUs + interval - tolerance));
    }
    verdict.decisions.push_back(decision);
  }
  return verdict;
}

Poco::Timespan milliseconds(std::int64_t ms) {
  return {static_cast<Poco::Timespan::TimeDiff>(ms) * 1000};
}

// One connection; throws whatever goes wrong.
class Connection {
 public:
  Connection(const Address& address, const SharedLimiterSettings& settings) {
    client_.connect(address.host, address.port, milliseconds(settings.connectTimeoutMs));
    client_.setReceiveTimeout(milliseconds(settings.answerTimeoutMs));
    if (!address.password.empty()) {
      Array command;
      command << "AUTH" << std::string(address.password.reveal());
      client_.execute<std::string>(command);
    }
    if (!address.database.empty()) {
      Array command;
      command << "SELECT" << address.database;
      client_.execute<std::string>(command);
    }
    load();
  }

  std::vector<RateVerdict> ask(const std::vector<const std::vector<RateAsk>*>& all) {
    Array answers = client_.sendCommands(commandsOf(all));
    if (forgotten(answers)) {  // Redis was restarted or emptied
      load();
      answers = client_.sendCommands(commandsOf(all));
    }
    std::vector<RateVerdict> verdicts;
    for (std::size_t i = 0; i < all.size(); ++i)
      verdicts.push_back(toVerdict(*all[i], answers.get<Array>(i)));
    return verdicts;
  }

 private:
  void load() {
    Array command;
    command << "SCRIPT"
            << "LOAD" << std::string(kScript);
    digest_ = client_.execute<Poco::Redis::BulkString>(command).value();
  }

  static bool forgotten(const Array& answers) {
    for (const auto& each : answers) {
      if (each->isError()) return true;
    }
    return false;
  }

  std::vector<Array> commandsOf(const std::vector<const std::vector<RateAsk>*>& all) const {
    std::vector<Array> commands;
    for (const auto* asks : all) {
      Array command;
      command << "EVALSHA" << digest_ << std::to_string(asks->size());
      for (const RateAsk& ask : *asks) command << std::string(kPrefix) + ask.key;
      for (const RateAsk& ask : *asks)
        command << std::to_string(intervalUs(ask)) << std::to_string(depthOf(ask));
      commands.push_back(std::move(command));
    }
    return commands;
  }

  Poco::Redis::Client client_;
  std::string digest_;
};

}  // namespace

struct SharedLimiter::Impl {
  struct Waiting {
    std::vector<RateAsk> asks;
    RateVerdict local;
    Done done;
  };

  RateLimiter& local;
  SharedLimiterSettings settings;
  Address address;
  SharedLimiterCounters counters;
  std::atomic<bool> there{false};

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Waiting> waiting;
  bool stopping = false;
  std::thread thread;

  Impl(RateLimiter& theLocal, SharedLimiterSettings theSettings, Address theAddress)
      : local(theLocal), settings(std::move(theSettings)), address(std::move(theAddress)) {}

  void changed(bool now, const std::string& reason) {
    if (there.exchange(now) != now && settings.changed) settings.changed(now, reason);
  }

  void serve() {
    std::unique_ptr<Connection> connection;
    std::string told;
    for (;;) {
      std::string reason;
      try {
        if (connection == nullptr) connection = std::make_unique<Connection>(address, settings);
        changed(true, {});
        told.clear();
        const auto batch = next();
        if (batch.empty()) return;
        decide(*connection, batch);
        continue;
      } catch (const Poco::Exception& fault) {
        reason = fault.displayText();
      } catch (const std::exception& fault) {
        reason = fault.what();
      }
      if (connection != nullptr) counters.failures.fetch_add(1, std::memory_order_relaxed);
      connection.reset();
      // Also when it has never been there: once.
      if (!there.load() && reason != told && settings.changed) settings.changed(false, reason);
      told = reason;
      changed(false, reason);
      answerLocally(takeAll());
      if (pause()) return answerLocally(takeAll());
    }
  }

  // What waits, at most a batch; empty: stopping.
  std::vector<Waiting> next() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return stopping || !waiting.empty(); });
    std::vector<Waiting> batch;
    while (!waiting.empty() && batch.size() < kBatchMax) {
      batch.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    return batch;
  }

  std::vector<Waiting> takeAll() {
    const std::lock_guard lock(mutex);
    std::vector<Waiting> all(std::make_move_iterator(waiting.begin()),
                             std::make_move_iterator(waiting.end()));
    waiting.clear();
    return all;
  }

  // True when stopping.
  bool pause() {
    std::unique_lock lock(mutex);
    return wake.wait_for(lock, std::chrono::milliseconds(settings.retryMs),
                         [this] { return stopping; });
  }

  void decide(Connection& connection, const std::vector<Waiting>& batch) {
    std::vector<const std::vector<RateAsk>*> asks;
    for (const Waiting& each : batch) asks.push_back(&each.asks);
    std::vector<RateVerdict> verdicts;
    try {
      verdicts = connection.ask(asks);
    } catch (...) {
      answerLocally(batch);
      throw;
    }
    counters.decisions.fetch_add(batch.size(), std::memory_order_relaxed);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (verdicts[i].refused) local.giveBack(batch[i].asks);
      batch[i].done(std::move(verdicts[i]));
    }
  }

  void answerLocally(const std::vector<Waiting>& batch) {
    counters.localDecisions.fetch_add(batch.size(), std::memory_order_relaxed);
    for (const Waiting& each : batch) each.done(each.local);
  }
};

SharedLimiter::SharedLimiter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<SharedLimiter>> SharedLimiter::start(RateLimiter& local,
                                                                  SharedLimiterSettings settings) {
  auto address = parseAddress(settings.url);
  if (!address) return base::fail(address.error());
  auto impl = std::make_unique<Impl>(local, std::move(settings), std::move(*address));
  impl->thread = std::thread([borrowed = impl.get()] { borrowed->serve(); });
  return std::unique_ptr<SharedLimiter>(new SharedLimiter(std::move(impl)));
}

SharedLimiter::~SharedLimiter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

std::optional<RateVerdict> SharedLimiter::take(std::vector<RateAsk> asks, Done done) {
  auto verdict = impl_->local.takeAll(asks);
  // What one process has let through is a part of what all have: its refusal stands.
  if (verdict.refused || asks.empty()) return verdict;
  if (impl_->there.load(std::memory_order_relaxed)) {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->stopping && impl_->there.load() &&
        impl_->waiting.size() < impl_->settings.waitingMax) {
      impl_->waiting.push_back({std::move(asks), std::move(verdict), std::move(done)});
      impl_->wake.notify_one();
      return std::nullopt;
    }
  }
  impl_->counters.localDecisions.fetch_add(1, std::memory_order_relaxed);
  return verdict;
}

bool SharedLimiter::there() const {
  return impl_->there.load(std::memory_order_relaxed);
}
const SharedLimiterCounters& SharedLimiter::counters() const {
  return impl_->counters;
}

}  // namespace unigate::identity
