#include "store/worker_lease.hpp"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <future>
#include <utility>

#include "store/log_months.hpp"
#include "store/statement.hpp"
#include "store/write_connection.hpp"

namespace unigate::store {

namespace {

constexpr std::int64_t kUpkeepMs = 3'600'000;
// A row of a process that has been dead for so long, by this process's own watch, is taken away.
constexpr std::int64_t kForgetUs = 3'600LL * 1'000'000;
constexpr std::int64_t kOwnLeaseUs = (WorkerLease::kLeaseMs - WorkerLease::kMarginMs) * 1'000;

std::string hostName() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  return name;
}

std::int64_t numberOf(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Says that the worker lives, and reads who else does.
class BeatJob final : public WriteJob {
 public:
  using Done = std::function<void(base::Status, std::int64_t epoch,
                                  const std::map<std::string, std::int64_t>&)>;
  // `forgotten`: processes whose rows are to go. `alone`: all others' are.
  BeatJob(std::string workerId, bool alone, std::vector<std::string> forgotten, Done done)
      : workerId_(std::move(workerId)),
        alone_(alone),
        forgotten_(std::move(forgotten)),
        done_(std::move(done)) {}

  void run(WriteConnection& connection) override {
    auto& session = connection.session();
    connection.forTenant(kAllTenants);
    const std::int64_t now = connection.clock().unixMs();
    beats_.clear();
    epoch_ = 0;
    readEpoch(session);
    std::string id = workerId_;
    std::string host = hostName();
    std::int64_t at = now;
    std::int64_t process = ::getpid();
    if (alone_)
      Statement(session, "DELETE FROM workers WHERE id <> :id").in("id", id).ready().run();
    for (const std::string& gone : forgotten_)
      Statement(session, "DELETE FROM workers WHERE id = :id").in("id", gone).ready().run();
    Statement(session,
              "INSERT INTO workers (id, beat, epoch, host, process_id, started_at, seen_at)"
              " VALUES (:id, 1, :epoch, :host, :process_id, :at, :at2)"
              " ON CONFLICT (id) DO UPDATE SET beat = workers.beat + 1, seen_at = excluded.seen_at")
        .in("id", id)
        .in("epoch", epoch_)
        .in("host", host)
        .in("process_id", process)
        .in("at", at)
        .in("at2", at)
        .ready()
        .run();
    std::string other;
    std::int64_t beat = 0;
    Statement select(session, "SELECT id, beat FROM workers WHERE id <> :id");
    select.out(other).out(beat).in("id", id).ready();
    select.forEach([&] { beats_[other] = beat; });
  }
  void settle(base::Status status) override { status_ = std::move(status); }
  void run() override { done_(std::move(status_), epoch_, beats_); }

 private:
  void readEpoch(soci::session& session) {
    std::string value;
    Statement select(session, "SELECT value FROM meta WHERE key = 'epoch'");
    select.out(value).ready();
    select.one([&] { epoch_ = numberOf(value); });
  }

  std::string workerId_;
  bool alone_;
  std::vector<std::string> forgotten_;
  Done done_;
  base::Status status_;
  std::int64_t epoch_ = 0;
  std::map<std::string, std::int64_t> beats_;
};

// Takes the worker off the list: the others need not wait for its lease to end.
class GoJob final : public WriteJob {
 public:
  GoJob(std::string workerId, std::promise<void>& gone)
      : workerId_(std::move(workerId)), gone_(gone) {}
  void run(WriteConnection& connection) override {
    connection.forTenant(kAllTenants);
    Statement(connection.session(), "DELETE FROM workers WHERE id = :id")
        .in("id", workerId_)
        .ready()
        .run();
  }
  void settle(base::Status) override {}
  void run() override { gone_.set_value(); }

 private:
  std::string workerId_;
  std::promise<void>& gone_;
};

}  // namespace

WorkerLease::WorkerLease(std::string workerId, bool alone, std::int64_t logRetentionMonths,
                         GroupCommitWriter& writer, const base::Clock& clock)
    : workerId_(std::move(workerId)),
      alone_(alone),
      logRetentionMonths_(logRetentionMonths),
      writer_(writer),
      clock_(clock) {}

WorkerLease::~WorkerLease() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !underWay_; });
  }
  std::promise<void> gone;
  auto future = gone.get_future();
  if (writer_.healthy() && writer_.submit(std::make_unique<GoJob>(workerId_, gone))) future.wait();
}

base::Status WorkerLease::begin() {
  std::promise<base::Status> promise;
  auto future = promise.get_future();
  const auto beganUs = clock_.monotonicUs();
  auto job = std::make_unique<BeatJob>(workerId_, alone_, std::vector<std::string>(),
                                       [&](base::Status status, std::int64_t epoch,
                                           const std::map<std::string, std::int64_t>& beats) {
                                         if (status) {
                                           epoch_ = epoch;
                                           note(beganUs, epoch, beats);
                                         }
                                         promise.set_value(std::move(status));
                                       });
  if (auto queued = writer_.submit(std::move(job)); !queued) return queued;
  if (auto status = future.get(); !status) return status;
  thread_ = std::thread([this] { serve(); });
  return {};
}

void WorkerLease::serve() {
  std::unique_lock lock(mutex_);
  std::int64_t upkeepInMs = 0;
  while (!wake_.wait_for(lock, std::chrono::milliseconds(kBeatMs), [this] { return stopping_; })) {
    upkeepInMs -= kBeatMs;
    if (upkeepInMs <= 0 && writer_.submit(makeLogUpkeep(logRetentionMonths_)))
      upkeepInMs = kUpkeepMs;
    if (underWay_) continue;
    underWay_ = true;
    auto forgotten = longDead();
    lock.unlock();
    const auto beganUs = clock_.monotonicUs();
    auto job = std::make_unique<BeatJob>(
        workerId_, alone_, std::move(forgotten),
        [this, beganUs](base::Status status, std::int64_t epoch,
                        const std::map<std::string, std::int64_t>& beats) {
          if (status) note(beganUs, epoch, beats);
          const std::lock_guard inner(mutex_);
          underWay_ = false;
          wake_.notify_all();
        });
    const bool queued = writer_.submit(std::move(job)).has_value();
    lock.lock();
    if (!queued) underWay_ = false;
  }
}

std::vector<std::string> WorkerLease::longDead() const {
  std::vector<std::string> ids;
  const auto now = clock_.monotonicUs();
  for (const auto& [id, seen] : others_) {
    if (seen.dead && now - seen.changedUs >= kForgetUs) ids.push_back(id);
  }
  return ids;
}

// The own lease counts from before the beat was asked for: others may have seen it at once.
void WorkerLease::note(std::int64_t beganUs, std::int64_t epoch,
                       const std::map<std::string, std::int64_t>& beats) {
  const auto now = clock_.monotonicUs();
  if (epoch != epoch_) epochChanged_ = true;
  const std::lock_guard lock(mutex_);
  for (auto it = others_.begin(); it != others_.end();) {
    const bool listed = beats.count(it->first) > 0;
    if (!listed && !it->second.dead) ++othersGone_;
    it = listed ? std::next(it) : others_.erase(it);
  }
  for (const auto& [id, beat] : beats) {
    Seen& seen = others_[id];
    if (seen.beat != beat) {
      seen = {beat, now, false};
    } else if (!seen.dead && now - seen.changedUs >= kLeaseMs * 1'000) {
      seen.dead = true;
      ++othersGone_;
    }
  }
  if (now - lastBeatUs_.load() >= kOwnLeaseUs) heldFromUs_ = now;
  // Last: who holds the lease knows how the others are, and since when he holds it.
  lastBeatUs_ = beganUs;
}

bool WorkerLease::held() const {
  return !epochChanged_ && clock_.monotonicUs() - lastBeatUs_.load() < kOwnLeaseUs;
}

bool WorkerLease::heldSince(std::int64_t monotonicUs) const {
  return held() && monotonicUs >= heldFromUs_.load();
}

bool WorkerLease::drivenElsewhere(const std::string& owner) const {
  if (owner.empty() || owner == workerId_ || alone_) return false;
  const std::lock_guard lock(mutex_);
  const auto found = others_.find(owner);
  return found != others_.end() &&
         clock_.monotonicUs() - found->second.changedUs < kLeaseMs * 1'000;
}

std::string WorkerLease::lostForGood() const {
  return epochChanged_ ? "the database was restored from a backup while this process served it; "
                         "restart it"
                       : "";
}

}  // namespace unigate::store
