// All that belongs to one Stripe account: its objects, balances and idempotency keys. Accounts see
// nothing of each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

struct Account {
  Account(std::string id_, std::string keyLast4_, bool livemode_, std::uint64_t seed)
      : id(std::move(id_)), keyLast4(std::move(keyLast4_)), livemode(livemode_), ids(seed) {}

  std::string id;
  std::string keyLast4;
  bool livemode;
  IdCodec ids;

  Table<Payment> payments;
  Table<Charge> charges;
  Table<Refund> refunds;
  Table<Customer> customers;
  Table<PaymentMethod> methods;
  std::map<std::string, std::int64_t, std::less<>> balances;  // per currency, in smallest units
  IdempotencyKeys idempotency;

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
