#include "reconcile/books.hpp"

#include <algorithm>
#include <array>

namespace unigate::reconcile {

namespace {

constexpr std::array kKinds = {Kind::payment, Kind::refund, Kind::payout, Kind::message};

struct Word {
  std::string_view status;
  Phase phase;
};
// A word that is not here is open: it may still become anything.
constexpr std::array kWords = {
    Word{"requires_capture", Phase::authorized},
    Word{"succeeded", Phase::done},
    Word{"failed", Phase::failed},
    Word{"canceled", Phase::canceled},
    Word{"reversed", Phase::reversed},
    Word{"sent", Phase::authorized},
    Word{"delivered", Phase::done},
    Word{"received", Phase::done},
};

}  // namespace

std::string_view toText(Kind kind) {
  switch (kind) {
    case Kind::payment:
      return "payment";
    case Kind::refund:
      return "refund";
    case Kind::payout:
      return "payout";
    case Kind::message:
      break;
  }
  return "message";
}

std::optional<Kind> kindFromText(std::string_view text) {
  const auto* const found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](Kind kind) { return toText(kind) == text; });
  return found == kKinds.end() ? std::nullopt : std::optional(*found);
}

Phase phaseOf(std::string_view status) {
  const auto* const found = std::find_if(kWords.begin(), kWords.end(),
                                         [&](const Word& word) { return word.status == status; });
  return found == kWords.end() ? Phase::open : found->phase;
}

}  // namespace unigate::reconcile
