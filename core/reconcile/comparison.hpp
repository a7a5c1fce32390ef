// Finds where a provider's movements and our books differ. Pure; called by the gateway's
// reconciler, twice for each run: what differs at the first sight is read anew on both sides, and
// only what differs then is told.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "reconcile/books.hpp"

namespace unigate::reconcile {

enum class DifferenceKind { missing, extra, amount, currency, state, duplicate };
inline constexpr std::size_t kDifferenceKinds = 6;

std::string_view toText(DifferenceKind kind);

inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

struct Difference {
  DifferenceKind kind = DifferenceKind::missing;
  std::string_view field;        // which one differs, as the API calls it
  std::size_t entry = kNone;     // index in Books::ours
  std::size_t movement = kNone;  // index in Books::theirs
  std::string_view why;          // a sentence for people
};

// One entry with its movement.
struct Pair {
  std::size_t entry = kNone;
  std::size_t movement = kNone;
};

// Money that moved of one kind in one currency, as both sides count it. What is foreign and what
// is pending is in neither.
struct Total {
  Kind kind = Kind::payment;
  std::string currency;
  std::int64_t ourCount = 0;
  std::int64_t ourAmount = 0;
  std::int64_t theirCount = 0;
  std::int64_t theirAmount = 0;
};

struct Findings {
  std::vector<Difference> differences;
  std::vector<std::size_t> pending;  // entries that an operation is open on
  // Ours waits and the provider has gone on, as it does by itself: no difference, the news has not
  // come yet.
  std::vector<Pair> behind;
  // Movements that no operation of ours made: indices. Not counted as differences.
  std::vector<std::size_t> foreign;
  std::vector<Total> totals;  // by kind, then currency
  std::size_t agreed = 0;     // entries whose movement is as it should be
};

Findings compare(const Books& books);

// What the states of both sides mean to each other.
enum class States { same, behind, apart };
States compareStates(Kind kind, Phase ours, Phase theirs);

}  // namespace unigate::reconcile
