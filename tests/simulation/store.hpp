// A database in memory with what the gateway's Store promises: compare-and-set on (state, fence),
// unique client keys, a log row in the same commit; and with what a database may do: be slow,
// refuse, fail, or commit and lose the word of it. Processes come and go, it stays.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/operation.hpp"
#include "simulation/world.hpp"

namespace unigate::simulation {

using engine::State;

struct LogRow {
  State from = State::received;
  State to = State::received;
  std::int64_t fence = 0;
};

// What core/store keeps of an operation, as far as money depends on it.
struct Row {
  std::string id;
  std::string clientKey;  // empty: released
  std::string wasKey;     // the client's key, also after its release
  std::string fingerprint;
  std::size_t kind = 0;
  std::string account;
  std::int64_t amount = 0;
  std::string providerKey;
  State state = State::intent;
  std::int32_t attempt = 1;
  std::int64_t fence = 1;
  std::int64_t epoch = 0;
  std::string owner;
  bool ended = false;  // an end or a "don't know" was written: the five below count
  bool answered = false;
  bool askOnly = false;
  std::int32_t openAnswers = 0;
  std::int64_t unansweredAtMs = 0;
  std::int64_t unansweredUs = 0;
  bool provenNotExecuted = false;
  int responseStatus = 0;
  std::string responseBody;
  std::int64_t createdAtMs = 0;
  std::int64_t updatedAtMs = 0;
  std::int64_t sentAtMs = 0;
  std::int64_t nextResolveAtMs = 0;
  std::vector<LogRow> log;
};

// One change of state; `row` holds the values that it writes.
struct Change {
  Row row;
  State fromState = State::received;
  std::int64_t fromFence = 0;
  bool releaseClientKey = false;
};

enum class Written { applied, lostRace, notWritten, notKnown };

struct IntentResult {
  Written written = Written::applied;
  bool inserted = false;
  Row existing;
};

struct StoreFaults {
  std::int64_t slowPerMille = 0;     // a commit takes up to some seconds
  std::int64_t failPerMille = 0;     // a commit fails, and that is certain
  std::int64_t lostAckPerMille = 0;  // committed or not, the word of it is lost
  bool down = false;                 // takes nothing, reads nothing
};

class Store {
 public:
  explicit Store(World& world) : world_(world) {}

  StoreFaults faults;
  bool ignoreFence = false;  // mutant
  // Called between a commit and the word of it.
  std::function<void(const std::string& owner)> atCommit;

  // False: nothing was queued and `done` is never called. Else it is called once, after the commit.
  // The caller sees to it that a dead process is not called.
  bool insertIntent(Row row, std::function<void(IntentResult)> done);
  bool transition(Change change, std::function<void(Written)> done);
  bool beat(const std::string& worker,
            std::function<void(std::int64_t epoch, std::map<std::string, std::int64_t>)> done);

  // Null when it can't be read or isn't there; see readable().
  const Row* byId(const std::string& id) const;
  const Row* byKey(const std::string& clientKey) const;
  bool readable() const { return !faults.down; }
  // Neither terminal nor escalated, in the order of their making.
  std::vector<const Row*> open() const;
  std::int64_t epoch() const { return data_.epoch; }

  // A backup, and a restore from it that marks a new epoch. Operations that were made after it are
  // lost for us.
  void backUp();
  bool hasBackup() const { return backedUpUs_ >= 0; }
  void restore();

  // For the invariants.
  const std::map<std::string, Row>& rows() const { return data_.rows; }
  bool everCommitted(const std::string& id) const { return committedAtUs_.count(id) > 0; }
  std::int64_t committedAtUs(const std::string& id) const { return committedAtUs_.at(id); }
  const std::map<std::string, Row>& lost() const { return lost_; }
  // Answers of this span of true time may be forgotten; -1: nothing was restored.
  std::int64_t forgottenFromUs() const { return restoredUs_ < 0 ? -1 : backedUpUs_; }
  std::int64_t forgottenToUs() const { return restoredUs_; }
  // Whether it was made before a backup that has been restored: it may only be asked for.
  bool onlyToBeAskedFor(const std::string& id) const {
    return restoredUs_ >= 0 && backup_.rows.count(id) > 0;
  }

 private:
  struct Data {
    std::map<std::string, Row> rows;
    std::map<std::string, std::string> idOfKey;
    std::set<std::string> open;
    std::map<std::string, std::int64_t> beats;
    std::int64_t epoch = 1;
  };
  struct Commit {
    std::int64_t atUs;
    std::int64_t toldUs;
    bool fails;
    bool lost;
    std::int64_t epoch;  // a commit that was under way when the database was restored is lost
  };
  Commit draw();
  bool fails(const Commit& commit) const {
    return commit.fails || faults.down || commit.epoch != data_.epoch;
  }
  IntentResult insertNow(const Row& row);
  Written transitionNow(const Change& change);

  World& world_;
  Data data_;
  Data backup_;
  std::map<std::string, Row> lost_;
  std::map<std::string, std::int64_t> committedAtUs_;
  std::int64_t backedUpUs_ = -1;
  std::int64_t restoredUs_ = -1;
};

}  // namespace unigate::simulation
