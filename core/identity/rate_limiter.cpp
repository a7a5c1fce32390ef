#include "identity/rate_limiter.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace unigate::identity {

namespace {

constexpr std::size_t kShards = 32;
constexpr std::size_t kSweepAtLeast = 1024;
constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

// When the bucket of a key will be full again, in monotonic nanoseconds (GCRA's "theoretical
// arrival time").
using FullAgain = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;

struct Shard {
  std::mutex mutex;
  FullAgain keys;
  std::size_t sweepAt = kSweepAtLeast;

  // Keys with a full bucket are as good as never seen. Spread over the insertions between.
  void sweep(std::int64_t nowNs) {
    if (keys.size() < sweepAt) return;
    std::erase_if(keys, [nowNs](const auto& entry) { return entry.second <= nowNs; });
    sweepAt = std::max(kSweepAtLeast, keys.size() * 2);
  }
};

std::int64_t ceilSeconds(std::int64_t ns) {
  return (ns + kSecondNs - 1) / kSecondNs;
}

}  // namespace

struct RateLimiter::Impl {
  const base::Clock& clock;
  std::array<Shard, kShards> shards;

  explicit Impl(const base::Clock& theClock) : clock(theClock) {}
};

RateLimiter::RateLimiter(const base::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
RateLimiter::~RateLimiter() = default;

RateDecision RateLimiter::take(std::string_view key, std::int64_t ratePerMinute,
                               std::int64_t burst) {
  const auto rate = std::max<std::int64_t>(ratePerMinute, 1);
  const auto depth = burst > 0 ? burst : rate;
  const auto intervalNs = std::max<std::int64_t>(kMinuteNs / rate, 1);
  const auto toleranceNs = intervalNs * depth;
  const auto nowNs = impl_->clock.monotonicUs() * 1000;
  RateDecision decision;
  decision.limit = depth;

  auto& shard = impl_->shards[TextHash{}(key) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.keys.find(key);
  if (found == shard.keys.end()) {
    shard.sweep(nowNs);
    found = shard.keys.emplace(key, nowNs).first;
  }
  // A key whose limit was lowered must not wait for longer than an empty bucket of the new one.
  const auto fullAgain = std::clamp(found->second, nowNs, nowNs + toleranceNs);
  const auto next = fullAgain + intervalNs;
  decision.allowed = next - nowNs <= toleranceNs;
  found->second = decision.allowed ? next : fullAgain;
  const auto owedNs = found->second - nowNs;
  decision.remaining = (toleranceNs - owedNs) / intervalNs;
  decision.resetSeconds = ceilSeconds(owedNs);
  if (!decision.allowed) {
    decision.retryAfterSeconds = std::max<std::int64_t>(1, ceilSeconds(next - toleranceNs - nowNs));
  }
  return decision;
}

std::size_t RateLimiter::size() const {
  std::size_t total = 0;
  for (auto& shard : impl_->shards) {
    const std::lock_guard lock(shard.mutex);
    total += shard.keys.size();
  }
  return total;
}

}  // namespace unigate::identity
