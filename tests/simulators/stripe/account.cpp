#include "stripe/account.hpp"

namespace simulators::stripe {
namespace {

template <typename T>
std::shared_ptr<const T> find(const Table<T>& table, const IdCodec& ids, IdKind kind,
                              std::string_view id) {
  const auto index = ids.decode(kind, id, table.size());
  return index ? table.at(*index) : nullptr;
}

}  // namespace

std::string_view statusName(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kRequiresPaymentMethod:
      return "requires_payment_method";
    case PaymentStatus::kRequiresConfirmation:
      return "requires_confirmation";
    case PaymentStatus::kRequiresAction:
      return "requires_action";
    case PaymentStatus::kRequiresCapture:
      return "requires_capture";
    case PaymentStatus::kSucceeded:
      return "succeeded";
    case PaymentStatus::kCanceled:
      break;
  }
  return "canceled";
}

std::shared_ptr<const Payment> Account::findPayment(std::string_view id_) const {
  return find(payments, ids, IdKind::kPayment, id_);
}
std::shared_ptr<const Charge> Account::findCharge(std::string_view id_) const {
  return find(charges, ids, IdKind::kCharge, id_);
}
std::shared_ptr<const Refund> Account::findRefund(std::string_view id_) const {
  return find(refunds, ids, IdKind::kRefund, id_);
}
std::shared_ptr<const Customer> Account::findCustomer(std::string_view id_) const {
  return find(customers, ids, IdKind::kCustomer, id_);
}
std::shared_ptr<const PaymentMethod> Account::findMethod(std::string_view id_) const {
  return find(methods, ids, IdKind::kPaymentMethod, id_);
}

std::string accountIdOf(std::string_view secretKey, std::string_view connectedAccount) {
  const auto hash = hashText(connectedAccount, hashText(secretKey));
  return "acct_1" + base62(hash, 11) + base62(mixBits(hash), 4);
}

}  // namespace simulators::stripe
