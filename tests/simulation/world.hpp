// True time, chance and the log of everything that happens in one simulated run: whatever else is
// in the simulation asks here. One thread; the same seed gives the same events in the same order.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace unigate::simulation {

constexpr std::int64_t kMs = 1'000;
constexpr std::int64_t kSecond = 1'000 * kMs;
constexpr std::int64_t kHour = 3'600 * kSecond;

class World {
 public:
  // `verbose` prints the log as it grows.
  World(std::uint64_t seed, bool verbose) : random_(seed), verbose_(verbose) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::int64_t nowUs() const { return nowUs_; }
  base::Random& random() { return random_; }
  // In [lowest, highest].
  std::int64_t between(std::int64_t lowest, std::int64_t highest);
  bool chance(std::int64_t perMille) { return between(1, 1'000) <= perMille; }

  void after(std::int64_t us, std::function<void()> event);
  void at(std::int64_t us, std::function<void()> event) { after(us - nowUs_, std::move(event)); }
  // Carries out all events up to then; time stands there afterwards.
  void runUntil(std::int64_t us);

  // A line of the event log.
  void note(std::string_view what, std::string_view subject, std::int64_t first = 0,
            std::int64_t second = 0);
  // Of the log so far (FNV-1a, 64 bits).
  std::uint64_t logHash() const { return hash_; }
  std::uint64_t events() const { return sequence_; }

 private:
  struct Event {
    std::int64_t atUs;
    std::uint64_t sequence;
    std::function<void()> run;
  };
  static bool later(const Event& a, const Event& b) {
    return a.atUs != b.atUs ? a.atUs > b.atUs : a.sequence > b.sequence;
  }
  void mix(std::string_view bytes);
  void mix(std::int64_t number);

  base::SeededRandom random_;
  bool verbose_;
  std::int64_t nowUs_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::vector<Event> events_;  // a heap
};

// A computer: its wall clock may be set, its monotonic clock goes on evenly (and counts the time
// that a process was stopped).
class HostClock final : public base::Clock {
 public:
  HostClock(const World& world, std::int64_t bootedUs) : world_(world), bootedUs_(bootedUs) {}

  std::int64_t unixMs() const override {
    return 1'790'000'000'000 + world_.nowUs() / 1'000 + offsetMs_;
  }
  std::int64_t monotonicUs() const override { return world_.nowUs() + bootedUs_; }
  void jump(std::int64_t ms) { offsetMs_ += ms; }

 private:
  const World& world_;
  std::int64_t bootedUs_;
  std::int64_t offsetMs_ = 0;
};

}  // namespace unigate::simulation
