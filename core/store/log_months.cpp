#include "store/log_months.hpp"

#include <chrono>

#include "store/statement.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

// Rows that SQLite deletes in one go: others wait for the transaction.
constexpr std::int64_t kRowsMax = 10'000;

class LogUpkeep final : public WriteJob {
 public:
  explicit LogUpkeep(std::int64_t retentionMonths) : retentionMonths_(retentionMonths) {}

  void run(WriteConnection& connection) override {
    connection.forTenant(kAllTenants);
    auto& session = connection.session();
    const std::int64_t month = monthOf(connection.clock().unixMs());
    if (dialect::engineOf(session) == Engine::postgres) {
      call(session, "unigate_add_log_month", month);
      call(session, "unigate_add_log_month", month + 1);
      if (retentionMonths_ > 0)
        call(session, "unigate_drop_log_months", month - retentionMonths_);
    } else if (retentionMonths_ > 0) {
      std::int64_t before = startOfMonthMs(month - retentionMonths_);
      std::int64_t rows = kRowsMax;
      Statement(session,
                "DELETE FROM transaction_logs WHERE rowid IN (SELECT rowid FROM transaction_logs"
                " WHERE at < :before LIMIT :rows)")
          .in("before", before)
          .in("rows", rows)
          .ready()
          .run();
    }
  }
  // What fails now is tried again in an hour; rows of a month without a partition have a place.
  void settle(base::Status) override {}
  void run() override {}

 private:
  static void call(soci::session& session, const std::string& function, std::int64_t month) {
    Statement(session, "SELECT " + function + "(CAST(:month AS BIGINT))")
        .in("month", month)
        .ready()
        .forEach([] {});
  }

  std::int64_t retentionMonths_;
};

}  // namespace

std::unique_ptr<WriteJob> makeLogUpkeep(std::int64_t retentionMonths) {
  return std::make_unique<LogUpkeep>(retentionMonths);
}

std::int64_t monthOf(std::int64_t unixMs) {
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(unixMs)));
  const std::chrono::year_month_day date(day);
  return static_cast<std::int64_t>(static_cast<int>(date.year())) * 12 +
         static_cast<unsigned>(date.month()) - 1;
}

std::int64_t startOfMonthMs(std::int64_t month) {
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(month / 12)),
      std::chrono::month(static_cast<unsigned>(month % 12) + 1), std::chrono::day(1));
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::sys_days(date).time_since_epoch())
      .count();
}

}  // namespace unigate::store
