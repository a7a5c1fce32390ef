// All that belongs to one Stripe account: its objects, balances and idempotency keys. Accounts see
// nothing of each other.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/documents.hpp"
#include "stripe/idempotency.hpp"
#include "stripe/ids.hpp"
#include "stripe/objects.hpp"

namespace simulators::stripe {

// Versions of one kind of object; index = order of creation.
template <typename T>
class Table {
 public:
  using Version = std::shared_ptr<const T>;

  // Stores the object under the next index.
  Version add(T object) {
    object.index = static_cast<Index>(versions_.size());
    versions_.push_back(std::make_shared<const T>(std::move(object)));
    return versions_.back();
  }
  // Replaces the stored version.
  Version put(T object) {
    auto& place = versions_[object.index];
    place = std::make_shared<const T>(std::move(object));
    return place;
  }
  const Version& at(Index index) const { return versions_[index]; }
  std::size_t size() const { return versions_.size(); }

 private:
  std::vector<Version> versions_;
};

// Something that happened. What it shows is kept as the version it was then, or as text.
struct Event {
  std::uint64_t number = 0;
  std::int64_t created = 0;
  std::string_view type;
  std::shared_ptr<const Payment> payment;
  std::shared_ptr<const Charge> charge;
  std::shared_ptr<const Refund> refund;
  std::shared_ptr<const std::string> object;
  std::uint64_t request = 0;  // 0: nobody asked for it
  std::string idempotencyKey;
};

// What an account owns in one currency. Captured money becomes available after two days.
struct Balance {
  std::int64_t available = 0;
  std::map<std::int64_t, std::int64_t> pending;  // amount by the second from which it is available

  void settle(std::int64_t now) {
    while (!pending.empty() && pending.begin()->first <= now) {
      available += pending.begin()->second;
      pending.erase(pending.begin());
    }
  }
  // Out of what is pending, the latest first, then out of what is available.
  void take(std::int64_t amount) {
    while (amount > 0 && !pending.empty()) {
      auto last = std::prev(pending.end());
      const auto part = std::min(amount, last->second);
      amount -= part;
      last->second -= part;
      if (last->second == 0) pending.erase(last);
    }
    available -= amount;
  }
  std::int64_t pendingSum() const {
    std::int64_t sum = 0;
    for (const auto& [from, amount] : pending) sum += amount;
    return sum;
  }
};

struct Account {
  static constexpr std::size_t kEventsMax = 10'000;

  Account(std::string id_, std::string keyLast4_, bool livemode_, std::uint64_t seed)
      : id(std::move(id_)),
        keyLast4(std::move(keyLast4_)),
        livemode(livemode_),
        requestSeed(seed),
        ids(seed ^ hashText(id)) {}

  std::string id;
  std::string keyLast4;
  bool livemode;
  std::uint64_t requestSeed;
  IdCodec ids;

  Table<Payment> payments;
  Table<Charge> charges;
  Table<Refund> refunds;
  Table<Customer> customers;
  Table<PaymentMethod> methods;
  std::map<std::string, Documents, std::less<>> documents;  // by kind: "price", "subscription"...
  std::map<std::string, Balance, std::less<>> balances;     // per currency, in smallest units
  std::deque<Event> events;                                 // the last kEventsMax, oldest first
  std::uint64_t lastEvent = 0;
  std::uint64_t lastDocument = 0;
  IdempotencyKeys idempotency;

  Documents& kind(std::string_view name) {
    const auto found = documents.find(name);
    return found != documents.end() ? found->second : documents[std::string(name)];
  }
  // Of a document: prefix and `length` characters.
  std::string newId(std::string_view prefix, std::size_t length = 24) {
    return std::string(prefix) + ids.derived("document", ++lastDocument, length);
  }
  std::string eventId(std::uint64_t number) const {
    return "evt_1" + ids.derived("event", number, 23);
  }

  std::string paymentId(Index index) const { return ids.encode(IdKind::kPayment, index); }
  std::string chargeId(Index index) const { return ids.encode(IdKind::kCharge, index); }
  std::string refundId(Index index) const { return ids.encode(IdKind::kRefund, index); }
  std::string customerId(Index index) const { return ids.encode(IdKind::kCustomer, index); }
  std::string methodId(Index index) const { return ids.encode(IdKind::kPaymentMethod, index); }

  std::shared_ptr<const Payment> findPayment(std::string_view id_) const;
  std::shared_ptr<const Charge> findCharge(std::string_view id_) const;
  std::shared_ptr<const Refund> findRefund(std::string_view id_) const;
  // Deleted ones too.
  std::shared_ptr<const Customer> findCustomer(std::string_view id_) const;
  std::shared_ptr<const PaymentMethod> findMethod(std::string_view id_) const;
};

// The account of a secret key: the id is a hash, since the key itself is never written anywhere.
std::string accountIdOf(std::string_view secretKey, std::string_view connectedAccount);

}  // namespace simulators::stripe
