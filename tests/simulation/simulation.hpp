// One seed: gateways, database, providers and clients, some seconds of faults, then quiet, then the
// invariants. The engine is the product's own; all around it is made up, but does with the engine's
// decisions what core/gateway does.
#pragma once

#include <cstdint>
#include <vector>

#include "simulation/gateway.hpp"
#include "simulation/invariants.hpp"

namespace unigate::simulation {

struct Counts {
  std::int64_t operations = 0;
  std::int64_t movements = 0;
  std::int64_t answers = 0;
  std::int64_t crashes = 0;
  std::int64_t stops = 0;
  std::int64_t lostAnswers = 0;
  std::int64_t duplicates = 0;
  std::int64_t resends = 0;
  std::int64_t clockJumps = 0;
  std::int64_t outages = 0;
  std::int64_t sieges = 0;
  std::int64_t restores = 0;
  std::int64_t takeUps = 0;
  std::int64_t takeOvers = 0;
  std::int64_t escalated = 0;
  std::int64_t events = 0;

  void add(const Counts& other);
};

struct SeedResult {
  Counts counts;
  std::vector<Violation> violations;
  std::uint64_t logHash = 0;
};

// `verbose` prints the event log.
SeedResult runSeed(std::uint64_t seed, Mutant mutant, bool verbose);

}  // namespace unigate::simulation
