// The limits of one reconciliation. Beside base/limits.hpp, for nobody else knows them.
#pragma once

#include <cstddef>

namespace unigate::reconcile::limits {

// Of a provider's list, and movements in all: beyond them the range must be shorter.
inline constexpr std::size_t kPagesMax = 20'000;
inline constexpr std::size_t kMovementsMax = 1'000'000;
// Single questions about what differs at first sight.
inline constexpr std::size_t kLooksMax = 20'000;
// Shown in a report; more are counted.
inline constexpr std::size_t kDifferencesShownMax = 1'000;
inline constexpr std::size_t kOthersShownMax = 100;

}  // namespace unigate::reconcile::limits
