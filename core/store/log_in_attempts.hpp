// Log-ins that were tried, counted for each address and each user, so that guessing slows down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace unigate::store {

// So many tries are free; from then on each one blocks for twice as long as the one before.
struct AttemptLimit {
  std::string subject;
  std::int64_t free = 5;
  std::int64_t firstBlockMs = 1'000;
  std::int64_t blockMsMax = 15 * 60 * 1000;
};
// Counts a try for each; 429 while one of them is blocked, and then none is counted.
base::Status takeAttempt(Store& store, const std::vector<AttemptLimit>& limits, std::int64_t nowMs);
// It was no guess: the first ones are forgotten, the others are told one less.
base::Status forgiveAttempt(Store& store, const std::vector<std::string>& forgotten,
                            const std::vector<std::string>& oneLess);

}  // namespace unigate::store
