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

std::int64_t ceilSeconds(std::int64_t ns) {
  return (ns + kSecondNs - 1) / kSecondNs;
}

struct Bucket {
  std::int64_t depth;
  std::int64_t intervalNs;
  std::int64_t toleranceNs() const { return intervalNs * depth; }
};

Bucket bucketOf(std::int64_t ratePerMinute, std::int64_t burst) {
  const auto rate = std::max<std::int64_t>(ratePerMinute, 1);
  return {burst > 0 ? burst : rate, std::max<std::int64_t>(kMinuteNs / rate, 1)};
}

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

  static RateDecision told(std::int64_t fullAgain, const Bucket& bucket, std::int64_t nowNs) {
    RateDecision decision;
    decision.limit = bucket.depth;
    const auto owedNs = fullAgain - nowNs;
    decision.remaining = (bucket.toleranceNs() - owedNs) / bucket.intervalNs;
    decision.resetSeconds = ceilSeconds(owedNs);
    return decision;
  }

  RateDecision take(std::string_view key, const Bucket& bucket, std::int64_t nowNs) {
    auto found = keys.find(key);
    if (found == keys.end()) {
      sweep(nowNs);
      found = keys.emplace(key, nowNs).first;
    }
    // A key whose limit was lowered must not wait for longer than an empty bucket of the new one.
    const auto tolerance = bucket.toleranceNs();
    const auto fullAgain = std::clamp(found->second, nowNs, nowNs + tolerance);
    const auto next = fullAgain + bucket.intervalNs;
    const bool allowed = next - nowNs <= tolerance;
    found->second = allowed ? next : fullAgain;
    auto decision = told(found->second, bucket, nowNs);
    decision.allowed = allowed;
    if (!allowed) {
      decision.retryAfterSeconds = std::max<std::int64_t>(1, ceilSeconds(next - tolerance - nowNs));
    }
    return decision;
  }

  RateDecision look(std::string_view key, const Bucket& bucket, std::int64_t nowNs) const {
    const auto found = keys.find(key);
    const auto fullAgain = found == keys.end() ? nowNs : found->second;
    return told(std::clamp(fullAgain, nowNs, nowNs + bucket.toleranceNs()), bucket, nowNs);
  }

  void giveBack(std::string_view key, const Bucket& bucket) {
    const auto found = keys.find(key);
    if (found != keys.end()) found->second -= bucket.intervalNs;
  }
};

}  // namespace

struct RateLimiter::Impl {
  const base::Clock& clock;
  std::array<Shard, kShards> shards;

  explicit Impl(const base::Clock& theClock) : clock(theClock) {}
  Shard& shardOf(std::string_view key) { return shards[TextHash{}(key) % kShards]; }
};

RateLimiter::RateLimiter(const base::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}
RateLimiter::~RateLimiter() = default;

RateDecision RateLimiter::take(std::string_view key, std::int64_t ratePerMinute,
                               std::int64_t burst) {
  const Bucket bucket = bucketOf(ratePerMinute, burst);
  const auto nowNs = impl_->clock.monotonicUs() * 1000;
  auto& shard = impl_->shardOf(key);
  const std::lock_guard lock(shard.mutex);
  return shard.take(key, bucket, nowNs);
}

RateVerdict RateLimiter::takeAll(const std::vector<RateAsk>& asks) {
  RateVerdict verdict;
  const auto nowNs = impl_->clock.monotonicUs() * 1000;
  for (std::size_t i = 0; i < asks.size() && !verdict.refused; ++i) {
    auto& shard = impl_->shardOf(asks[i].key);
    const std::lock_guard lock(shard.mutex);
    verdict.decisions.push_back(
        shard.take(asks[i].key, bucketOf(asks[i].perMinute, asks[i].burst), nowNs));
    if (!verdict.decisions.back().allowed) verdict.refused = i;
  }
  if (!verdict.refused) return verdict;
  // What was taken before the refusal is given back, and the rest looked at without taking.
  for (std::size_t i = 0; i < asks.size(); ++i) {
    if (i == *verdict.refused) continue;
    const Bucket bucket = bucketOf(asks[i].perMinute, asks[i].burst);
    auto& shard = impl_->shardOf(asks[i].key);
    const std::lock_guard lock(shard.mutex);
    if (i < *verdict.refused) shard.giveBack(asks[i].key, bucket);
    auto seen = shard.look(asks[i].key, bucket, nowNs);
    if (i < *verdict.refused) {
      verdict.decisions[i] = seen;
    } else {
      verdict.decisions.push_back(seen);
    }
  }
  return verdict;
}

void RateLimiter::giveBack(const std::vector<RateAsk>& asks) {
  for (const RateAsk& ask : asks) {
    auto& shard = impl_->shardOf(ask.key);
    const std::lock_guard lock(shard.mutex);
    shard.giveBack(ask.key, bucketOf(ask.perMinute, ask.burst));
  }
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
