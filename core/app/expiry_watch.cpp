#include "app/expiry_watch.hpp"

#include <chrono>
#include <utility>

#include "onboarding/service_view.hpp"
#include "store/services.hpp"

namespace unigate::app {

namespace {

using telemetry::Field;

constexpr std::chrono::hours kEvery{1};
constexpr std::size_t kRowsMax = 10'000;

}  // namespace

ExpiryWatch::ExpiryWatch(std::unique_ptr<store::ReadSession> reader, const base::Clock& clock,
                         telemetry::Logger& log)
    : reader_(std::move(reader)), clock_(clock), log_(log), thread_([this] { serve(); }) {}

ExpiryWatch::~ExpiryWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ExpiryWatch::serve() {
  for (;;) {
    look();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, kEvery, [this] { return stopping_; })) return;
  }
}

void ExpiryWatch::look() {
  const std::int64_t now = clock_.unixMs();
  const auto rows = store::servicesExpiring(*reader_, now + onboarding::kExpiryAlarmMs, kRowsMax);
  if (!rows) return;  // the database is away: the next look tells
  std::int64_t expired = 0;
  for (const store::ServiceRecord& row : *rows) {
    const std::string alarm = onboarding::expiryAlarm(row.expiresAt, now);
    if (alarm == "expired") ++expired;
    if (!told_.insert(row.accountId + " " + std::to_string(row.expiresAt) + " " + alarm).second)
      continue;
    log_.log(telemetry::Level::warn, "credentials of a provider account end soon",
             {Field::id("account", row.accountId), Field::id("org", row.orgId),
              Field::name("provider", row.provider), Field::name("environment", row.environment),
              Field::name("alarm", alarm), Field::integer("expires_at_ms", row.expiresAt)});
  }
  expired_ = expired;
  expiring_ = static_cast<std::int64_t>(rows->size()) - expired;
}

}  // namespace unigate::app
