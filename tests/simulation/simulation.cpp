#include "simulation/simulation.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "simulation/clients.hpp"

namespace unigate::simulation {

namespace {

// How long all may take to settle once faults have stopped: a minute, and the time that the engine
// waits before it believes that something is not there.
constexpr std::int64_t kSettledUs = 60 * kSecond + 20 * kSecond;

class Simulation {
 public:
  Simulation(std::uint64_t seed, Mutant mutant, bool verbose)
      : world_(seed, verbose),
        store_(world_),
        upstream_(world_),
        mutant_(mutant),
        clients_(world_, [this] { return pick(); }) {
    store_.ignoreFence = mutant == Mutant::fenceIgnored;
    upstream_.onSend = [this](const Request& request) {
      if (!store_.everCommitted(request.operationId))
        sentWithoutIntent_.push_back(request.operationId);
      if (store_.onlyToBeAskedFor(request.operationId))
        sentAfterRestore_.push_back(request.operationId);
    };
    store_.atCommit = [this](const std::string& owner) {
      if (world_.chance(killAtCommitPerMille_)) killNamed(owner);
      if (world_.chance(stopAtCommitPerMille_)) stopNamed(owner);
    };
  }

  SeedResult run() {
    setUp();
    world_.runUntil(troubleUs_);
    if (outageUs_ > 0) {
      ++counts_.outages;
      for (Slot& slot : slots_) kill(slot, outageUs_);
      world_.runUntil(troubleUs_ + outageUs_);
    }
    if (siegeUs_ > 0) siege();
    quiet();
    const std::int64_t calmUs = world_.nowUs();
    while (world_.nowUs() < calmUs + kSettledUs) {
      world_.runUntil(world_.nowUs() + kSecond);
      if (world_.nowUs() > calmUs + Upstream::kLongestUs && allQuiet()) break;
    }
    clients_.askAgain(store_);
    world_.runUntil(world_.nowUs() + kSecond);
    return result();
  }

 private:
  struct Slot {
    std::size_t host;
    Process* process = nullptr;
    std::int64_t startsAtUs = 0;
  };

  // One of some values: faults are rare in some seeds and the rule in others.
  std::int64_t rate() {
    constexpr std::int64_t kRates[] = {0, 0, 10, 50, 150, 350};
    return kRates[world_.between(0, 5)];
  }

  void setUp() {
    const std::int64_t workers = world_.between(1, 3);
    alone_ = workers == 1 && world_.chance(500);
    hosts_.push_back(std::make_unique<HostClock>(world_, world_.between(kSecond, 90 * kHour)));
    hosts_.push_back(std::make_unique<HostClock>(world_, world_.between(kSecond, 90 * kHour)));
    if (world_.chance(300)) hosts_[1]->jump(world_.between(-2'000, 2'000));
    for (std::int64_t i = 0; i < workers; ++i) {
      slots_.push_back({workers > 1 ? static_cast<std::size_t>(world_.between(0, 1)) : 0});
    }
    for (Slot& slot : slots_) start(slot);
    troubleUs_ = world_.between(8, 75) * kSecond;
    drawFaults();
    drawAccidents();
    const auto focus = static_cast<std::size_t>(world_.between(0, kKinds.size() - 1));
    clients_.begin(world_.between(2, 14), troubleUs_ - 2 * kSecond,
                   world_.chance(400) ? &focus : nullptr);
  }

  void drawFaults() {
    UpstreamFaults& net = upstream_.faults;
    net.notSentPerMille = rate();
    net.lostRequestPerMille = rate();
    net.lostAnswerPerMille = rate();
    net.delayedPerMille = rate();
    net.doubledPerMille = rate();
    net.limitedPerMille = rate();
    net.errorPerMille = rate();
    net.slowPerMille = rate();
    net.declinePerMille = world_.chance(700) ? 50 : 400;
    store_.faults.slowPerMille = rate() / 2;
    store_.faults.failPerMille = rate() / 4;
    store_.faults.lostAckPerMille = rate() / 4;
    killAtCommitPerMille_ = world_.chance(400) ? world_.between(1, 40) : 0;
    stopAtCommitPerMille_ = world_.chance(200) ? world_.between(1, 40) : 0;
  }

  // What happens at a time of its own.
  void drawAccidents() {
    const auto some = [this](std::int64_t most, const std::function<void()>& accident) {
      for (std::int64_t left = world_.between(0, most); left > 0; --left)
        world_.after(world_.between(0, troubleUs_), accident);
    };
    some(3, [this] { kill(anySlot(), world_.between(200 * kMs, 6 * kSecond)); });
    some(2, [this] { stop(anySlot()); });
    some(2, [this] { storeGoesDown(); });
    // Nobody can tell that a clock was set while nobody looked, but by a margin. So either all may
    // be down for long, or clocks may leap.
    if (world_.chance(250)) {
      some(6, [this] { leap(); });
      if (world_.chance(12)) siegeUs_ = world_.between(150, 260) * 60 * kSecond;
    } else {
      some(1, [this] { slip(); });
      if (world_.chance(250)) drawOutage();
    }
    if (!world_.chance(150)) return;
    const std::int64_t backupUs = world_.between(kSecond, troubleUs_ - 3 * kSecond);
    world_.after(backupUs, [this] { store_.backUp(); });
    world_.after(world_.between(backupUs, troubleUs_), [this] { restore(); });
  }

  // All processes are down for a good part of some key's life, or for longer than that.
  void drawOutage() {
    std::int64_t windowMs = 0;
    while (windowMs == 0)
      windowMs = kKinds[static_cast<std::size_t>(world_.between(0, kKinds.size() - 1))].windowMs;
    outageUs_ = windowMs * world_.between(300, 1'500);  // per mille of it, in microseconds
  }

  // ---- processes ----

  Slot& anySlot() {
    return slots_[static_cast<std::size_t>(
        world_.between(0, static_cast<std::int64_t>(slots_.size()) - 1))];
  }

  void start(Slot& slot) {
    if (slot.process != nullptr && slot.process->alive()) return;
    processes_.push_back(std::make_unique<Process>(
        Process::Parts{world_, store_, upstream_, mutant_, shared_}, *hosts_[slot.host],
        "wrk_" + std::to_string(processes_.size() + 1), alone_));
    slot.process = processes_.back().get();
    slot.process->start();
  }

  void kill(Slot& slot, std::int64_t downUs) {
    if (slot.process != nullptr && slot.process->alive()) {
      ++counts_.crashes;
      slot.process->kill();
      clients_.lost(slot.process);
    }
    slot.startsAtUs = std::max(slot.startsAtUs, world_.nowUs() + downUs);
    world_.at(slot.startsAtUs, [this, &slot] {
      if (world_.nowUs() >= slot.startsAtUs) start(slot);
    });
  }

  void killNamed(const std::string& id) {
    for (Slot& slot : slots_) {
      if (slot.process != nullptr && slot.process->alive() && slot.process->id() == id)
        kill(slot, world_.between(200 * kMs, 6 * kSecond));
    }
  }

  void stopNamed(const std::string& id) {
    for (Slot& slot : slots_) {
      if (slot.process != nullptr && slot.process->id() == id) stop(slot);
    }
  }

  void stop(Slot& slot) {
    if (slot.process == nullptr || !slot.process->alive()) return;
    ++counts_.stops;
    slot.process->stopFor(std::min(world_.between(kSecond, 60 * kSecond),
                                   std::max<std::int64_t>(troubleUs_ - world_.nowUs(), 0)));
  }

  Process* pick() {
    std::vector<Process*> ready;
    for (const Slot& slot : slots_) {
      if (slot.process != nullptr && slot.process->accepting()) ready.push_back(slot.process);
    }
    if (ready.empty()) return nullptr;
    return ready[static_cast<std::size_t>(
        world_.between(0, static_cast<std::int64_t>(ready.size()) - 1))];
  }

  // ---- accidents ----

  void storeGoesDown() {
    world_.note("the store goes down", "");
    store_.faults.down = true;
    world_.after(world_.between(200 * kMs, 8 * kSecond), [this] {
      world_.note("the store is back", "");
      store_.faults.down = false;
    });
  }

  HostClock& anyHost() { return *hosts_[static_cast<std::size_t>(world_.between(0, 1))]; }

  void leap() {
    constexpr std::int64_t kReachesMs[] = {5'000, 60'000, 2 * kHourMs, 40 * kHourMs};
    const std::int64_t reach = kReachesMs[world_.between(0, 3)];
    jump(world_.between(-reach, reach));
  }

  // For longer than the shortest keys live no answer comes, though requests arrive, while clocks
  // are set and now and then a process dies.
  void siege() {
    ++counts_.sieges;
    world_.note("no answer comes any more", "", siegeUs_);
    upstream_.faults = {};
    upstream_.faults.lostAnswerPerMille = 1'000;
    const auto some = [this](std::int64_t most, const std::function<void()>& accident) {
      for (std::int64_t left = world_.between(0, most); left > 0; --left)
        world_.after(world_.between(0, siegeUs_), accident);
    };
    // What it is about: keys that end their life meanwhile.
    std::size_t brief = 0;
    while (kKinds[brief].windowMs != 3 * kHourMs) ++brief;
    clients_.begin(3, 60 * kSecond, &brief);
    some(4, [this] { leap(); });
    some(2, [this] { kill(anySlot(), world_.between(200 * kMs, 6 * kSecond)); });
    world_.runUntil(world_.nowUs() + siegeUs_);
  }

  void slip() { jump(world_.between(-20'000, 20'000)); }

  void jump(std::int64_t ms) {
    ++counts_.clockJumps;
    world_.note("a clock is set", "", ms);
    anyHost().jump(ms);
  }

  void restore() {
    if (!store_.hasBackup()) return;
    ++counts_.restores;
    const std::int64_t downUs = world_.between(200 * kMs, 5 * kSecond);
    for (Slot& slot : slots_) kill(slot, downUs);
    store_.restore();
  }

  // ---- the end ----

  void quiet() {
    world_.note("faults stop", "");
    const std::int64_t declines = upstream_.faults.declinePerMille;
    upstream_.faults = {};
    upstream_.faults.declinePerMille = declines;
    store_.faults = {};
    killAtCommitPerMille_ = 0;
    stopAtCommitPerMille_ = 0;
    // One process is enough; the others may stay dead.
    for (Slot& slot : slots_) {
      if (&slot == &slots_.front() || world_.chance(700)) start(slot);
    }
  }

  bool allQuiet() const { return store_.open().empty() && clients_.settled(); }

  SeedResult result() {
    SeedResult result;
    result.violations = check({store_, upstream_, clients_, sentWithoutIntent_, sentAfterRestore_});
    for (const auto& [id, row] : store_.rows())
      counts_.escalated += row.state == State::escalated ? 1 : 0;
    counts_.operations = static_cast<std::int64_t>(store_.rows().size() + store_.lost().size());
    counts_.movements = static_cast<std::int64_t>(upstream_.ledger().size());
    counts_.answers = static_cast<std::int64_t>(clients_.answers().size());
    counts_.lostAnswers = upstream_.counts().lostAnswers;
    counts_.duplicates = upstream_.counts().doubled;
    counts_.resends = upstream_.counts().resent;
    counts_.takeUps = shared_.takeUps;
    counts_.takeOvers = shared_.takeOvers;
    counts_.events = static_cast<std::int64_t>(world_.events());
    result.counts = counts_;
    result.logHash = world_.logHash();
    return result;
  }

  World world_;
  Store store_;
  Upstream upstream_;
  Mutant mutant_;
  Clients clients_;
  Shared shared_;
  Counts counts_;
  std::vector<std::unique_ptr<HostClock>> hosts_;
  std::vector<Slot> slots_;
  std::vector<std::unique_ptr<Process>> processes_;  // the dead ones too: events may refer to them
  std::vector<std::string> sentWithoutIntent_;
  std::vector<std::string> sentAfterRestore_;
  std::int64_t troubleUs_ = 0;
  std::int64_t outageUs_ = 0;
  std::int64_t siegeUs_ = 0;
  std::int64_t killAtCommitPerMille_ = 0;
  std::int64_t stopAtCommitPerMille_ = 0;
  bool alone_ = false;
};

}  // namespace

void Counts::add(const Counts& other) {
  operations += other.operations;
  movements += other.movements;
  answers += other.answers;
  crashes += other.crashes;
  stops += other.stops;
  lostAnswers += other.lostAnswers;
  duplicates += other.duplicates;
  resends += other.resends;
  clockJumps += other.clockJumps;
  outages += other.outages;
  sieges += other.sieges;
  restores += other.restores;
  takeUps += other.takeUps;
  takeOvers += other.takeOvers;
  escalated += other.escalated;
  events += other.events;
}

SeedResult runSeed(std::uint64_t seed, Mutant mutant, bool verbose) {
  return Simulation(seed, mutant, verbose).run();
}

}  // namespace unigate::simulation
