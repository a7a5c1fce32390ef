#include "gateway/credential_book.hpp"

#include <utility>

namespace unigate::gateway {

namespace {

// How long the previous credentials come first after the newest were refused.
constexpr std::int64_t kRefusedMs = 60'000;
// A refusal is told in the log once in that time.
constexpr std::int64_t kTellMs = 3'600'000;

}  // namespace

CredentialUse::CredentialUse(CredentialBook& book, std::string accountId, std::string provider,
                             std::string environment)
    : book_(book),
      accountId_(std::move(accountId)),
      provider_(std::move(provider)),
      environment_(std::move(environment)) {}

bool CredentialUse::beginsWithPrevious(std::int64_t nowMs) const {
  const std::int64_t refusedAt = newestRefusedAtMs_.load(std::memory_order_relaxed);
  return refusedAt != 0 && nowMs - refusedAt < kRefusedMs && nowMs >= refusedAt;
}

void CredentialUse::refused(bool previous, std::int64_t nowMs) {
  book_.fallbacks_.fetch_add(1, std::memory_order_relaxed);
  newestRefusedAtMs_.store(previous ? 0 : nowMs, std::memory_order_relaxed);
  std::int64_t told = toldAtMs_.load(std::memory_order_relaxed);
  if (told != 0 && nowMs - told < kTellMs) return;
  if (!toldAtMs_.compare_exchange_strong(told, nowMs, std::memory_order_relaxed)) return;
  using telemetry::Field;
  book_.log_.log(telemetry::Level::warn,
                 "the provider refuses one of two sets of credentials; the other is used",
                 {Field::id("account", accountId_), Field::name("provider", provider_),
                  Field::name("environment", environment_),
                  Field::name("refused", previous ? "previous" : "newest")});
}

void CredentialUse::worked(bool previous) {
  if (!previous) newestRefusedAtMs_.store(0, std::memory_order_relaxed);
  seen_.store(previous ? Seen::previous : Seen::newest, std::memory_order_relaxed);
}

std::string CredentialUse::working() const {
  switch (seen_.load(std::memory_order_relaxed)) {
    case Seen::newest:
      return "newest";
    case Seen::previous:
      return "previous";
    case Seen::nothing:
      break;
  }
  return {};
}

std::shared_ptr<CredentialUse> CredentialBook::of(const std::string& accountId,
                                                  const std::string& provider,
                                                  const std::string& environment) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto& use = uses_[accountId];
  if (!use) use = std::make_shared<CredentialUse>(*this, accountId, provider, environment);
  return use;
}

std::string CredentialBook::working(const std::string& accountId) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = uses_.find(accountId);
  return found == uses_.end() ? std::string() : found->second->working();
}

void CredentialBook::changed(const std::string& accountId) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    uses_.erase(accountId);
  }
  generation_.fetch_add(1, std::memory_order_release);
}

}  // namespace unigate::gateway
