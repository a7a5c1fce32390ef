#include "simulation/gateway.hpp"

#include <algorithm>
#include <utility>

#include "simulation/run.hpp"

namespace unigate::simulation {

namespace {

// As in core/gateway/gateway.cpp and core/store/worker_lease.hpp.
constexpr std::int64_t kResolverTickUs = 200 * kMs;
constexpr std::int64_t kAbandonedRetryUs = 1 * kSecond;
constexpr std::int64_t kSweepUs = 30 * kSecond;
constexpr std::int64_t kBeatUs = 1 * kSecond;
constexpr std::int64_t kLeaseUs = 6 * kSecond;
constexpr std::int64_t kMarginUs = 2 * kSecond;

}  // namespace

Reply answerExisting(const Row& existing, const std::string& fingerprint) {
  if (existing.fingerprint != fingerprint) return {Told::reused, 422, "", "", false};
  if (existing.responseStatus == 0) return {Told::inUse, 409, existing.id, "", false};
  const Told told = existing.responseStatus == 201   ? Told::succeeded
                    : existing.responseStatus == 202 ? Told::processing
                    : existing.responseStatus == 402 ? Told::declined
                                                     : Told::notExecuted;
  return {told, existing.responseStatus, existing.id, existing.responseBody, true};
}

Process::Process(Parts parts, const HostClock& host, std::string id, bool alone)
    : parts_(parts), host_(host), clock_(host), id_(std::move(id)), alone_(alone) {}

void Process::start() {
  parts_.world.note("process starts", id_);
  beat();
}

void Process::kill() {
  parts_.world.note("process killed", id_);
  alive_ = false;
  waiting_.clear();
}

void Process::stopFor(std::int64_t us) {
  parts_.world.note("process stopped", id_, us);
  stoppedUntilUs_ = std::max(stoppedUntilUs_, parts_.world.nowUs() + us);
  parts_.world.at(stoppedUntilUs_, [this] {
    if (!alive_ || parts_.world.nowUs() < stoppedUntilUs_) return;
    parts_.world.note("process goes on", id_);
    while (!waiting_.empty() && alive_) {
      auto event = std::move(waiting_.front());
      waiting_.pop_front();
      event();
    }
  });
}

void Process::receive(std::function<void()> event) {
  if (!alive_) return;
  if (parts_.world.nowUs() < stoppedUntilUs_ || !waiting_.empty())
    return waiting_.push_back(std::move(event));
  event();
}

void Process::after(std::int64_t us, std::function<void()> event) {
  parts_.world.after(us, [this, event = std::move(event)] { receive(event); });
}

// ---- the lease ----

void Process::beat() {
  const std::int64_t beganUs = clock_.monotonicUs();
  parts_.store.beat(
      id_, [this, beganUs](std::int64_t epoch, std::map<std::string, std::int64_t> all) {
        receive([this, beganUs, epoch, all = std::move(all)] { noteBeat(beganUs, epoch, all); });
      });
  after(kBeatUs, [this] { beat(); });
}

void Process::noteBeat(std::int64_t beganUs, std::int64_t epoch,
                       const std::map<std::string, std::int64_t>& beats) {
  if (begun_ && epoch != epoch_) epochChanged_ = true;
  for (const auto& [id, count] : beats) {
    Seen& seen = others_[id];
    if (seen.beat != count) seen = {count, clock_.monotonicUs()};
  }
  lastBeatUs_ = std::max(lastBeatUs_, beganUs);
  if (begun_) return;
  begun_ = true;
  epoch_ = epoch;
  tick();
}

bool Process::held() const {
  return begun_ && !epochChanged_ && clock_.monotonicUs() - lastBeatUs_ < kLeaseUs - kMarginUs;
}

bool Process::drivenElsewhere(const std::string& owner) const {
  if (owner == id_ || alone_) return false;
  const auto found = others_.find(owner);
  return found != others_.end() && clock_.monotonicUs() - found->second.changedUs < kLeaseUs;
}

// ---- the resolver ----

void Process::tick() {
  sweep();
  const std::int64_t now = clock_.unixMs();
  for (const Row* row : parts_.store.open()) {
    if (row->nextResolveAtMs != 0 && row->nextResolveAtMs <= now) resolve(*row);
  }
  after(kResolverTickUs, [this] { tick(); });
}

// What an earlier process left behind, and what was last written at a time that has yet to come:
// then the clock was set back, and the time to look again means nothing.
void Process::sweep() {
  if (clock_.monotonicUs() < nextSweepUs_ || !parts_.store.readable()) return;
  nextSweepUs_ = clock_.monotonicUs() + kSweepUs;
  for (const Row* row : parts_.store.open()) {
    if (row->nextResolveAtMs == 0 || row->updatedAtMs > clock_.unixMs()) resolve(*row);
  }
  // What another process drives will be looked at as soon as that may have died.
  for (const Row* row : parts_.store.open()) {
    if (drivenElsewhere(row->owner)) nextSweepUs_ = clock_.monotonicUs() + kLeaseUs;
  }
}

void Process::resolve(const Row& row) {
  if (live_.count(row.id) > 0 || takenUp_.count(row.id) > 0) return;
  if (!held() || drivenElsewhere(row.owner)) return;
  const std::string id = row.id;
  takenUp_.insert(id);
  ++parts_.shared.takeUps;
  if (row.owner != id_) ++parts_.shared.takeOvers;
  resolveOperation(*this, row, [this, id] { takenUp_.erase(id); });
}

void Process::abandoned(const std::string& operationId) {
  after(kAbandonedRetryUs, [this, operationId] {
    if (!parts_.store.readable() || !held()) return abandoned(operationId);
    const Row* row = parts_.store.byId(operationId);
    if (row != nullptr && !engine::isTerminal(row->state) && row->state != State::escalated)
      resolve(*row);
  });
}

void Process::handle(ClientRequest request, ReplyFn reply) {
  receive([this, request = std::move(request), reply = std::move(reply)] {
    runOperation(*this, request, reply);
  });
}

}  // namespace unigate::simulation
