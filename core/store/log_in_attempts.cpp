#include "store/log_in_attempts.hpp"

#include <algorithm>

#include "store/early_refusal.hpp"
#include "store/statement.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

constexpr std::int64_t kAttemptWindowMs = 3'600'000;
constexpr std::int64_t kAttemptKeptMs = 24 * 3'600'000;
constexpr int kDoublingsMax = 30;

}  // namespace

base::Status takeAttempt(Store& store, const std::vector<AttemptLimit>& limits,
                         std::int64_t nowMs) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    std::vector<std::int64_t> counts;
    for (const AttemptLimit& limit : limits) {
      std::int64_t failures = 0;
      std::int64_t lastAt = 0;
      std::int64_t blockedUntil = 0;
      Statement select(connection.session(),
                       "SELECT failures, last_at, blocked_until FROM login_attempts"
                       " WHERE subject = :subject" +
                           dialect::forUpdate(dialect::engineOf(connection.session())));
      select.out(failures).out(lastAt).out(blockedUntil);
      select.in("subject", limit.subject).ready().one([] {});
      if (blockedUntil > nowMs) {
        throw Refusal{{429,
                       "too_many_attempts",
                       "Too many log-ins were tried; wait before the next.",
                       "",
                       true,
                       (blockedUntil - nowMs + 999) / 1000,
                       {}}};
      }
      counts.push_back((lastAt < nowMs - kAttemptWindowMs ? 0 : failures) + 1);
    }
    std::int64_t before = nowMs - kAttemptKeptMs;
    Statement(connection.session(), "DELETE FROM login_attempts WHERE last_at < :before")
        .in("before", before)
        .ready()
        .run();
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const AttemptLimit& limit = limits[i];
      std::int64_t until = 0;
      if (counts[i] > limit.free) {
        const auto doublings = std::min<std::int64_t>(counts[i] - limit.free - 1, kDoublingsMax);
        until = nowMs + std::min(limit.blockMsMax, limit.firstBlockMs << doublings);
      }
      Statement upsert(connection.session(),
                       "INSERT INTO login_attempts (subject, failures, last_at, blocked_until)"
                       " VALUES (:subject, :failures, :now, :until) ON CONFLICT (subject)"
                       " DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at,"
                       " blocked_until = excluded.blocked_until");
      upsert.in("subject", limit.subject)
          .in("failures", counts[i])
          .in("now", nowMs)
          .in("until", until)
          .ready()
          .run();
    }
  });
}

base::Status forgiveAttempt(Store& store, const std::vector<std::string>& forgotten,
                            const std::vector<std::string>& oneLess) {
  return writeUnlessRefused(store, [&](WriteConnection& connection) {
    connection.forTenant(kAllTenants);
    for (const std::string& subject : forgotten) {
      Statement(connection.session(), "DELETE FROM login_attempts WHERE subject = :subject")
          .in("subject", subject)
          .ready()
          .run();
    }
    for (const std::string& subject : oneLess) {
      Statement(connection.session(),
                "UPDATE login_attempts SET failures = failures - 1, blocked_until = 0"
                " WHERE subject = :subject AND failures > 0")
          .in("subject", subject)
          .ready()
          .run();
    }
  });
}

}  // namespace unigate::store
