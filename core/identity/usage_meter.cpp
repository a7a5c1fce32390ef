#include "identity/usage_meter.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/usage.hpp"

namespace unigate::identity {

namespace {

// An organisation that made no call for so long is forgotten; its next call reads it again.
constexpr std::int64_t kQuietMs = 60'000;

// One organisation in the month under way.
struct Entry {
  std::int64_t month = 0;
  std::int64_t written = 0;  // of all processes, as last seen
  std::int64_t test = 0;     // counted, not written
  std::int64_t live = 0;
  std::int64_t underWay = 0;  // being written
  std::string plan;
  std::optional<std::int64_t> limit;
  std::int64_t calledAtMs = 0;
  bool changed = false;  // since the totals were last read
};

}  // namespace

struct UsageMeter::Impl {
  store::Store& store;
  std::unique_ptr<store::ReadSession> reader;
  const Plans& plans;
  const base::Clock& clock;
  UsageMeterSettings settings;

  std::mutex flushMutex;  // one flush at a time; of `reader`
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::unordered_map<std::string, Entry> entries;
  std::vector<store::UsageRow> leftOver;  // of months that have ended
  std::int64_t waiting = 0;
  bool stopping = false;
  std::thread thread;

  // What the database has. Without it the organisation begins at nothing and is read again soon.
  Entry load(const std::string& orgId, std::int64_t month, store::ReadSession& from) const {
    Entry entry;
    entry.month = month;
    entry.changed = true;
    entry.plan = plans.nameOf({});
    if (!plans.empty()) {
      if (const auto plan = store::planOf(from, orgId)) entry.plan = plans.nameOf(*plan);
      if (const auto rows = store::usageOf(from, orgId, month, month)) {
        for (const auto& row : *rows) entry.written += row.calls;
        entry.changed = false;
      }
    }
    entry.limit = plans.find(entry.plan).callsPerMonth;
    return entry;
  }

  void beginMonth(const std::string& orgId, Entry& entry, std::int64_t month) {
    if (entry.test > 0) leftOver.push_back({orgId, "test", entry.month, entry.test});
    if (entry.live > 0) leftOver.push_back({orgId, "live", entry.month, entry.live});
    entry.month = month;
    entry.written = entry.test = entry.live = entry.underWay = 0;
    entry.changed = true;
  }

  // What is to be written, taken out of the entries.
  std::vector<store::UsageRow> collect() {
    const std::lock_guard lock(mutex);
    std::vector<store::UsageRow> rows = std::move(leftOver);
    leftOver.clear();
    for (auto& [orgId, entry] : entries) {
      if (entry.test > 0) rows.push_back({orgId, "test", entry.month, entry.test});
      if (entry.live > 0) rows.push_back({orgId, "live", entry.month, entry.live});
      entry.underWay += entry.test + entry.live;
      entry.test = entry.live = 0;
    }
    return rows;
  }

  void settle(const std::vector<store::UsageRow>& rows, bool written) {
    const std::lock_guard lock(mutex);
    for (const store::UsageRow& row : rows) {
      const auto found = entries.find(row.orgId);
      const bool current = found != entries.end() && found->second.month == row.month;
      if (written) waiting -= row.calls;
      if (current) {
        found->second.underWay -= row.calls;
        if (written) found->second.written += row.calls;
        if (!written)
          (row.environment == "live" ? found->second.live : found->second.test) += row.calls;
      } else if (!written) {
        leftOver.push_back(row);
      }
    }
  }

  // Sees what others counted, and changed plans, of those who called since the last look.
  void refresh() {
    if (plans.empty()) return;
    std::vector<std::pair<std::string, std::int64_t>> looked;
    {
      const std::lock_guard lock(mutex);
      for (auto& [orgId, entry] : entries) {
        if (entry.changed) looked.emplace_back(orgId, entry.month);
        entry.changed = false;
      }
    }
    for (const auto& [orgId, month] : looked) {
      const Entry seen = load(orgId, month, *reader);
      const std::lock_guard lock(mutex);
      const auto found = entries.find(orgId);
      if (found == entries.end() || found->second.month != month) continue;
      found->second.plan = seen.plan;
      found->second.limit = seen.limit;
      found->second.written = std::max(found->second.written, seen.written);
      found->second.changed = found->second.changed || seen.changed;
    }
  }

  void forget() {
    const std::lock_guard lock(mutex);
    const std::int64_t before = clock.monotonicUs() / 1000 - kQuietMs;
    std::erase_if(entries, [before](const auto& each) {
      const Entry& entry = each.second;
      return entry.calledAtMs < before && entry.test + entry.live + entry.underWay == 0;
    });
  }

  void flush() {
    const std::lock_guard one(flushMutex);
    const auto rows = collect();
    const auto status = store::addUsage(store, rows);
    settle(rows, status.has_value());
    if (!status && settings.failed) settings.failed(status.error().detail);
    refresh();
    forget();
  }

  void serve() {
    for (bool last = false; !last;) {
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, std::chrono::milliseconds(settings.flushMs),
                      [this] { return stopping || waiting >= settings.flushCalls; });
        last = stopping;
      }
      flush();
    }
  }
};

UsageMeter::UsageMeter(store::Store& store, std::unique_ptr<store::ReadSession> reader,
                       const Plans& plans, const base::Clock& clock, UsageMeterSettings settings)
    : impl_(new Impl{store,
                     std::move(reader),
                     plans,
                     clock,
                     std::move(settings),
                     {},
                     {},
                     {},
                     {},
                     {},
                     0,
                     false,
                     {}}) {
  if (impl_->settings.flushMs > 0)
    impl_->thread = std::thread([impl = impl_.get()] { impl->serve(); });
}

UsageMeter::~UsageMeter() {
  if (!impl_->thread.joinable()) {
    impl_->flush();
    return;
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

base::Status UsageMeter::count(const std::string& orgId, const std::string& environment,
                               store::ReadSession& reader) {
  Impl& impl = *impl_;
  const std::int64_t nowMs = impl.clock.unixMs();
  const std::int64_t month = store::monthOf(nowMs);
  std::unique_lock lock(impl.mutex);
  auto found = impl.entries.find(orgId);
  if (found == impl.entries.end()) {
    lock.unlock();
    Entry loaded = impl.load(orgId, month, reader);
    lock.lock();
    found = impl.entries.emplace(orgId, std::move(loaded)).first;
  }
  Entry& entry = found->second;
  // A clock that was set back goes on with the month that it was in.
  if (entry.month < month) impl.beginMonth(orgId, entry, month);
  entry.calledAtMs = impl.clock.monotonicUs() / 1000;
  const std::int64_t used = entry.written + entry.underWay + entry.test + entry.live;
  if (entry.limit && used >= *entry.limit) {
    entry.changed = true;  // the plan may have been changed: look
    return base::fail(planLimitReached(entry.plan, "calls_per_month", *entry.limit, nowMs,
                                       store::startOfMonthMs(entry.month + 1)));
  }
  ++(environment == "live" ? entry.live : entry.test);
  entry.changed = true;
  const bool many = ++impl.waiting >= impl.settings.flushCalls;
  lock.unlock();
  if (many) impl.wake.notify_one();
  return {};
}

void UsageMeter::flush() {
  impl_->flush();
}

std::int64_t UsageMeter::waiting() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->waiting;
}

}  // namespace unigate::identity
