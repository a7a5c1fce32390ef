// The invariants of money safety, checked on what a whole simulated run left behind. Called once
// for each seed, when all is quiet.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "simulation/clients.hpp"
#include "simulation/store.hpp"
#include "simulation/upstream.hpp"

namespace unigate::simulation {

constexpr std::size_t kInvariants = 12;

struct Evidence {
  const Store& store;
  const Upstream& upstream;
  const Clients& clients;
  const std::vector<std::string>& sentWithoutIntent;  // operations
  const std::vector<std::string>& sentAfterRestore;   // operations of before it
};

struct Violation {
  std::size_t invariant;  // 1 to 12
  std::string what;
};

// What each says, in a word, and whether it can be checked here at all.
struct Invariant {
  const char* name;
  bool expressible;
};
const std::array<Invariant, kInvariants>& invariants();

std::vector<Violation> check(const Evidence& evidence);

}  // namespace unigate::simulation
