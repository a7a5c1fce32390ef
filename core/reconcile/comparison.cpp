#include "reconcile/comparison.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/ids.hpp"

namespace unigate::reconcile {

namespace {

using Standing = Entry::Standing;

constexpr std::string_view kOperationPrefix = "txn_";

bool carriesOurMark(const Movement& movement) {
  return base::isId(kOperationPrefix, movement.operationId);
}

bool isOver(Phase phase) {
  return phase == Phase::failed || phase == Phase::canceled;
}

// Whether the provider must have something of it.
bool mustBeThere(const Entry& entry) {
  if (entry.standing != Standing::settled || !entry.expected) return false;
  const Phase phase = phaseOf(entry.status);
  // A payment that nobody has paid need not show in a list of movements.
  if (entry.kind == Kind::payment) return phase == Phase::authorized || phase == Phase::done;
  return !isOver(phase);
}

// What moved, in minor units; 0: nothing.
template <typename Side>
std::int64_t moved(const Side& side) {
  if (side.kind == Kind::message || side.currency.empty()) return 0;
  if (side.kind == Kind::payment) return side.captured;
  return phaseOf(side.status) == Phase::done ? side.amount : 0;
}

class Comparer {
 public:
  explicit Comparer(const Books& books) : books_(books), taken_(books.theirs.size(), false) {}

  Findings run() {
    index();
    for (std::size_t i = 0; i < books_.ours.size(); ++i) match(i);
    for (std::size_t i = 0; i < books_.ours.size(); ++i) judge(i);
    for (std::size_t i = 0; i < books_.theirs.size(); ++i) {
      if (!taken_[i]) leftOver(i);
    }
    compareRefunded();
    for (auto& [key, total] : totals_) findings_.totals.push_back(std::move(total));
    return std::move(findings_);
  }

 private:
  // Kind and id in one text: ids of different kinds may be alike.
  static std::string keyOf(Kind kind, std::string_view id) {
    std::string key(toText(kind));
    key += '/';
    key += id;
    return key;
  }

  void index() {
    for (std::size_t i = 0; i < books_.theirs.size(); ++i) {
      const Movement& movement = books_.theirs[i];
      byProviderId_.emplace(keyOf(movement.kind, movement.providerId), i);
      if (!movement.operationId.empty())
        byOperation_[keyOf(movement.kind, movement.operationId)].push_back(i);
    }
    pairs_.assign(books_.ours.size(), kNone);
    for (std::size_t i = 0; i < books_.ours.size(); ++i) {
      byResource_.emplace(books_.ours[i].resourceId, i);
      // What an entry names by the provider's own id is its own, whatever its mark says.
      const auto found = byProviderId_.find(keyOf(books_.ours[i].kind, books_.ours[i].providerId));
      if (books_.ours[i].providerId.empty() || found == byProviderId_.end()) continue;
      if (taken_[found->second]) continue;
      pairs_[i] = found->second;
      taken_[found->second] = true;
    }
  }

  // By our reference, where the provider's own id did not tell. Of several that bear it, the one
  // that is not over counts, and the others are duplicates.
  void match(std::size_t entry) {
    const Entry& ours = books_.ours[entry];
    if (ours.operationId.empty()) return;
    const auto found = byOperation_.find(keyOf(ours.kind, ours.operationId));
    if (found == byOperation_.end()) return;
    std::vector<std::size_t> free;
    for (const std::size_t each : found->second) {
      if (!taken_[each]) free.push_back(each);
    }
    std::stable_partition(free.begin(), free.end(), [&](std::size_t each) {
      return !isOver(phaseOf(books_.theirs[each].status));
    });
    for (const std::size_t each : free) {
      taken_[each] = true;
      if (pairs_[entry] == kNone) {
        pairs_[entry] = each;
      } else if (!isOver(phaseOf(books_.theirs[each].status))) {
        add(DifferenceKind::duplicate, "provider_id", entry, each,
            "The provider has this operation twice.");
        count(books_.theirs[each], false);
      }
    }
  }

  void judge(std::size_t entry) {
    const Entry& ours = books_.ours[entry];
    const std::size_t at = pairs_[entry];
    if (ours.standing == Standing::inFlight || ours.standing == Standing::escalated) {
      findings_.pending.push_back(entry);
      doubtRefundsOf(ours.parentId);
      doubtRefundsOf(ours.resourceId);
      return;
    }
    if (ours.standing == Standing::settled && (at != kNone || mustBeThere(ours))) count(ours, true);
    if (at == kNone) {
      if (!mustBeThere(ours)) return;
      add(DifferenceKind::missing, "provider_id", entry, kNone,
          "Our books say that it was done; the provider does not have it.");
      return;
    }
    count(books_.theirs[at], false);
    if (judgePair(ours, entry, at)) ++findings_.agreed;
  }

  // True when both sides agree.
  bool judgePair(const Entry& ours, std::size_t entry, std::size_t at) {
    const Movement& theirs = books_.theirs[at];
    const std::size_t before = findings_.differences.size();
    const Phase phase = phaseOf(ours.status);
    const States states = compareStates(ours.kind, phase, phaseOf(theirs.status));
    if (ours.standing == Standing::settled) {
      if (ours.currency != theirs.currency) {
        add(DifferenceKind::currency, "currency", entry, at, "The currencies differ.");
      } else if (ours.amount != theirs.amount) {
        add(DifferenceKind::amount, "amount", entry, at, "The amounts differ.");
      } else if (states == States::same) {
        judgeCaptured(ours, theirs, entry, at);
      }
    }
    if (states == States::apart) {
      add(DifferenceKind::state, "status", entry, at,
          ours.standing == Standing::refused
              ? "The client was told that it failed; the provider says that it did not."
              : "Both sides can't be right about its state.");
    }
    if (findings_.differences.size() != before) return false;
    if (states == States::same) return true;
    findings_.behind.push_back({entry, at});
    doubtRefundsOf(ours.parentId);
    return false;
  }

  void judgeCaptured(const Entry& ours, const Movement& theirs, std::size_t entry, std::size_t at) {
    if (ours.kind != Kind::payment) return;
    if (ours.captured != theirs.captured) {
      add(DifferenceKind::amount, "amount_captured", entry, at, "What was captured differs.");
    } else if (ours.capturedByOperations && *ours.capturedByOperations != theirs.captured) {
      add(DifferenceKind::amount, "amount_captured", entry, at,
          "The captures that our operations made come to another sum.");
    } else if (phaseOf(ours.status) == Phase::done) {
      paid_.push_back({entry, at});
    }
  }

  // A movement that no entry took.
  void leftOver(std::size_t at) {
    const Movement& theirs = books_.theirs[at];
    if (carriesOurMark(theirs) && !theirs.indirect) {
      if (isOver(phaseOf(theirs.status))) return;
      count(theirs, false);
      doubtRefundsOf(theirs.parentId);
      add(DifferenceKind::extra, "operation", kNone, at,
          "It bears a reference of ours that our books don't have.");
      return;
    }
    if (theirs.kind == Kind::refund && !theirs.parentId.empty()) {
      if (isOver(phaseOf(theirs.status)) || isRelease(theirs)) return;
      count(theirs, false);
      doubtRefundsOf(theirs.parentId);
      add(DifferenceKind::extra, "payment", kNone, at,
          "A refund of one of our payments that no operation of ours made.");
      return;
    }
    findings_.foreign.push_back(at);
  }

  // What was authorised and not captured shows as a refund at some providers, though no money came
  // back. Once for each payment.
  bool isRelease(const Movement& refund) {
    const auto payment = byResource_.find(refund.parentId);
    if (payment == byResource_.end()) return false;
    const Entry& ours = books_.ours[payment->second];
    const std::int64_t rest = ours.amount - ours.captured;
    if (rest <= 0 || refund.amount != rest || refund.currency != ours.currency) return false;
    return released_.insert(refund.parentId).second;
  }

  void doubtRefundsOf(const std::string& paymentId) {
    if (!paymentId.empty()) refundsInDoubt_.insert(paymentId);
  }

  // The refunds of a payment in sum, where each of them is as it should be.
  void compareRefunded() {
    for (const Difference& each : findings_.differences) {
      if (each.entry != kNone) doubtRefundsOf(books_.ours[each.entry].parentId);
      if (each.movement != kNone) doubtRefundsOf(books_.theirs[each.movement].parentId);
    }
    for (const Pair& pair : paid_) {
      const Entry& ours = books_.ours[pair.entry];
      const Movement& theirs = books_.theirs[pair.movement];
      if (!ours.refunded || !theirs.refunded || *ours.refunded == *theirs.refunded) continue;
      if (refundsInDoubt_.count(ours.resourceId) > 0) continue;
      add(DifferenceKind::amount, "amount_refunded", pair.entry, pair.movement,
          "What was paid back differs, though every refund is as it should be.");
      --findings_.agreed;
    }
  }

  template <typename Side>
  void count(const Side& side, bool isOurs) {
    const std::int64_t amount = moved(side);
    if (amount == 0) return;
    Total& total = totals_[{side.kind, side.currency}];
    total.kind = side.kind;
    total.currency = side.currency;
    ++(isOurs ? total.ourCount : total.theirCount);
    std::int64_t& sum = isOurs ? total.ourAmount : total.theirAmount;
    std::int64_t more = 0;
    // Beyond 64 bits the sum stays at its most: no book holds that much.
    sum = __builtin_add_overflow(sum, amount, &more) ? std::numeric_limits<std::int64_t>::max()
                                                     : more;
  }

  void add(DifferenceKind kind, std::string_view field, std::size_t entry, std::size_t movement,
           std::string_view why) {
    findings_.differences.push_back({kind, field, entry, movement, why});
  }

  const Books& books_;
  Findings findings_;
  std::vector<bool> taken_;         // movements that belong to an entry
  std::vector<std::size_t> pairs_;  // movement of each entry
  std::vector<Pair> paid_;          // payments that agree but for their refunds
  std::unordered_map<std::string, std::size_t> byProviderId_;
  std::unordered_map<std::string, std::vector<std::size_t>> byOperation_;
  std::unordered_map<std::string, std::size_t> byResource_;
  std::set<std::string> refundsInDoubt_;  // our payments
  std::set<std::string> released_;        // our payments
  std::map<std::pair<Kind, std::string>, Total> totals_;
};

States comparePayments(Phase ours, Phase theirs) {
  switch (ours) {
    case Phase::open:
      return States::behind;
    case Phase::authorized:
      // Holds expire by themselves; money that was taken needs an operation of ours.
      return isOver(theirs) ? States::behind : States::apart;
    case Phase::failed:
      // A declined payment often stays open at the provider; no money moved on either side.
      return theirs == Phase::open || theirs == Phase::canceled ? States::same : States::apart;
    case Phase::canceled:
      return theirs == Phase::failed ? States::same : States::apart;
    case Phase::done:
    case Phase::reversed:
      break;
  }
  return States::apart;
}

}  // namespace

std::string_view toText(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::missing:
      return "missing";
    case DifferenceKind::extra:
      return "extra";
    case DifferenceKind::amount:
      return "amount";
    case DifferenceKind::currency:
      return "currency";
    case DifferenceKind::state:
      return "state";
    case DifferenceKind::duplicate:
      break;
  }
  return "duplicate";
}

States compareStates(Kind kind, Phase ours, Phase theirs) {
  if (ours == theirs) return States::same;
  if (kind == Kind::payment) return comparePayments(ours, theirs);
  if (ours == Phase::open) return States::behind;
  if (isOver(ours) && isOver(theirs)) return States::same;
  // A message that has left arrives, or not.
  const bool onItsWay = kind == Kind::message && ours == Phase::authorized;
  return onItsWay && theirs != Phase::open ? States::behind : States::apart;
}

Findings compare(const Books& books) {
  return Comparer(books).run();
}

}  // namespace unigate::reconcile
