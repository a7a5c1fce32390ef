#include "simulation/store.hpp"

#include <algorithm>
#include <utility>

namespace unigate::simulation {

namespace {

bool isOpen(State state) {
  return !engine::isTerminal(state) && state != State::escalated;
}

}  // namespace

Store::Commit Store::draw() {
  Commit commit{};
  const bool slow = world_.chance(faults.slowPerMille);
  commit.atUs =
      world_.nowUs() + (slow ? world_.between(kMs, 4 * kSecond) : world_.between(200, 3 * kMs));
  commit.toldUs = commit.atUs + (slow ? world_.between(0, 2 * kSecond) : world_.between(50, kMs));
  commit.fails = world_.chance(faults.failPerMille);
  commit.lost = world_.chance(faults.lostAckPerMille);
  if (commit.lost) commit.fails = world_.chance(500);
  commit.epoch = data_.epoch;
  return commit;
}

bool Store::insertIntent(Row row, std::function<void(IntentResult)> done) {
  if (faults.down) return false;
  const Commit commit = draw();
  world_.at(commit.atUs, [this, commit, row = std::move(row), done = std::move(done)]() mutable {
    IntentResult result;
    if (fails(commit)) {
      result.written = commit.lost ? Written::notKnown : Written::notWritten;
    } else {
      result = insertNow(row);
      if (commit.lost) result.written = Written::notKnown;
    }
    world_.at(commit.toldUs,
              [result = std::move(result), done = std::move(done)] { done(result); });
    if (atCommit) atCommit(row.owner);
  });
  return true;
}

IntentResult Store::insertNow(const Row& row) {
  const auto taken = data_.idOfKey.find(row.clientKey);
  if (taken != data_.idOfKey.end()) return {Written::applied, false, data_.rows.at(taken->second)};
  Row& stored = data_.rows[row.id] = row;
  stored.log.push_back({State::received, State::intent, row.fence});
  data_.idOfKey[row.clientKey] = row.id;
  data_.open.insert(row.id);
  committedAtUs_[row.id] = world_.nowUs();
  world_.note("committed intent", row.id, row.amount);
  return {Written::applied, true, {}};
}

bool Store::transition(Change change, std::function<void(Written)> done) {
  if (faults.down) return false;
  const Commit commit = draw();
  world_.at(commit.atUs, [this, commit, change = std::move(change), done = std::move(done)] {
    Written written = Written::notWritten;
    if (!fails(commit)) written = transitionNow(change);
    if (commit.lost) written = Written::notKnown;
    world_.at(commit.toldUs, [written, done] { done(written); });
    if (atCommit) atCommit(change.row.owner);
  });
  return true;
}

Written Store::transitionNow(const Change& change) {
  const auto found = data_.rows.find(change.row.id);
  if (found == data_.rows.end()) return Written::lostRace;
  Row& row = found->second;
  const bool expected =
      ignoreFence || (row.state == change.fromState && row.fence == change.fromFence);
  if (!expected || engine::isTerminal(row.state)) {
    world_.note("lost the race", row.id, change.fromFence, row.fence);
    return Written::lostRace;
  }
  std::vector<LogRow> log = std::move(row.log);
  log.push_back({row.state, change.row.state, change.row.fence});
  const std::string key = row.clientKey;
  row = change.row;
  row.log = std::move(log);
  row.clientKey = change.releaseClientKey ? std::string() : key;
  if (change.releaseClientKey && !key.empty()) data_.idOfKey.erase(key);
  if (!isOpen(row.state)) data_.open.erase(row.id);
  world_.note(engine::toString(row.state), row.id, row.attempt, row.fence);
  return Written::applied;
}

bool Store::beat(const std::string& worker,
                 std::function<void(std::int64_t, std::map<std::string, std::int64_t>)> done) {
  if (faults.down) return false;
  const Commit commit = draw();
  world_.at(commit.atUs, [this, commit, worker, done = std::move(done)] {
    if (fails(commit)) return;
    ++data_.beats[worker];
    if (commit.lost) return;
    world_.at(commit.toldUs,
              [epoch = data_.epoch, beats = data_.beats, done] { done(epoch, beats); });
  });
  return true;
}

const Row* Store::byId(const std::string& id) const {
  const auto found = data_.rows.find(id);
  return found == data_.rows.end() || faults.down ? nullptr : &found->second;
}

const Row* Store::byKey(const std::string& clientKey) const {
  const auto found = data_.idOfKey.find(clientKey);
  return found == data_.idOfKey.end() ? nullptr : byId(found->second);
}

std::vector<const Row*> Store::open() const {
  std::vector<const Row*> rows;
  if (faults.down) return rows;
  for (const std::string& id : data_.open) rows.push_back(&data_.rows.at(id));
  return rows;
}

void Store::backUp() {
  backup_ = data_;
  backedUpUs_ = world_.nowUs();
  world_.note("backed up", "", static_cast<std::int64_t>(data_.rows.size()));
}

void Store::restore() {
  for (const auto& [id, row] : data_.rows) {
    if (backup_.rows.count(id) == 0) lost_[id] = row;
  }
  const std::int64_t epoch = data_.epoch;
  data_ = backup_;
  data_.epoch = epoch + 1;
  restoredUs_ = world_.nowUs();
  world_.note("restored", "", data_.epoch, static_cast<std::int64_t>(lost_.size()));
}

}  // namespace unigate::simulation
