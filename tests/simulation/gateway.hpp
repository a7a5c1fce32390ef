// A gateway process: the resolver and the lease of core/gateway and core/store, over the simulated
// database, network and clocks. It can be killed or stopped at any event. run.hpp has what it does
// with one operation.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/forward_clock.hpp"
#include "engine/retry_budget.hpp"
#include "simulation/store.hpp"
#include "simulation/upstream.hpp"
#include "simulation/world.hpp"

namespace unigate::simulation {

// Faults of the gateway that the simulation must find; built in here, not into the product.
enum class Mutant {
  none,
  intentSkipped,        // sends without waiting for the intent
  fenceIgnored,         // the store compares neither state nor fence
  keyRemade,            // another provider key for each attempt
  responseNotStored,    // the state is committed without the response
  resendOutsideWindow,  // the window of the provider's key is not looked at
  leaseIgnored,         // sends whether it still holds its lease or not, however late
  epochIgnored,         // does not notice a restore from a backup
  clockTrusted,         // takes the wall clock's word for the age of an operation
};

// Counted over all processes of a run.
struct Shared {
  std::int64_t operations = 0;
  std::int64_t takeUps = 0;    // of what was found open
  std::int64_t takeOvers = 0;  // of those, what another process had driven
};

struct ClientRequest {
  std::string key;
  std::string fingerprint;
  std::size_t kind = 0;
  std::string account;
  std::int64_t amount = 0;
};

enum class Told { succeeded, declined, notExecuted, processing, unknown, inUse, reused };

struct Reply {
  Told told = Told::unknown;
  int status = 503;
  std::string operationId;  // empty: none was named
  std::string body;
  bool replayed = false;
};
using ReplyFn = std::function<void(Reply)>;

// The answer for a key that is taken, as core/gateway has it.
Reply answerExisting(const Row& existing, const std::string& fingerprint);

class Process {
 public:
  struct Parts {
    World& world;
    Store& store;
    Upstream& upstream;
    Mutant mutant;
    Shared& shared;
  };

  // `alone`: the database is locked by this process (SQLite), so nobody else drives.
  Process(Parts parts, const HostClock& host, std::string id, bool alone);

  void start();
  void kill();
  // Stopped, with all that comes for it waiting, until that long has passed.
  void stopFor(std::int64_t us);
  bool alive() const { return alive_; }
  bool accepting() const { return alive_ && begun_; }
  void handle(ClientRequest request, ReplyFn reply);

  // ---- for its runs ----

  const std::string& id() const { return id_; }
  const base::Clock& clock() const {
    return parts_.mutant == Mutant::clockTrusted ? host_ : clock_;
  }
  Parts& parts() { return parts_; }
  std::int64_t epoch() const { return epoch_; }
  engine::RetryBudget* budgetOf(const std::string& provider) { return &budgets_[provider]; }
  std::set<std::string>& live() { return live_; }
  // Whether it may send for what it drives.
  bool held() const;
  // What happens to it: at once, later when it is stopped, never when it is dead.
  void receive(std::function<void()> event);
  void after(std::int64_t us, std::function<void()> event);
  // Nobody drives that any more: it is taken up again soon.
  void abandoned(const std::string& operationId);

 private:
  struct Seen {
    std::int64_t beat = -1;
    std::int64_t changedUs = 0;
  };

  void beat();
  void noteBeat(std::int64_t beganUs, std::int64_t epoch,
                const std::map<std::string, std::int64_t>& beats);
  bool drivenElsewhere(const std::string& owner) const;
  void tick();
  void sweep();
  void resolve(const Row& row);

  Parts parts_;
  const base::Clock& host_;
  const engine::ForwardClock clock_;
  const std::string id_;
  const bool alone_;
  bool alive_ = true;
  bool begun_ = false;
  bool epochChanged_ = false;
  std::int64_t stoppedUntilUs_ = 0;
  std::deque<std::function<void()>> waiting_;
  std::int64_t epoch_ = 0;
  std::int64_t lastBeatUs_ = 0;
  std::int64_t nextSweepUs_ = 0;
  std::map<std::string, Seen> others_;
  std::map<std::string, engine::RetryBudget> budgets_;
  std::set<std::string> live_;
  std::set<std::string> takenUp_;
};

}  // namespace unigate::simulation
