#include "charge.hpp"

namespace example_pay {

using namespace unigate::sdk;
namespace json = unigate::json;

namespace {

constexpr std::array kStatuses = {
    StatusName<PaymentStatus>{"paid", PaymentStatus::Succeeded},
    StatusName<PaymentStatus>{"pending", PaymentStatus::Processing},
    StatusName<PaymentStatus>{"refused", PaymentStatus::Failed},
};

}  // namespace

bool isId(std::string_view id) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kPlain) == std::string_view::npos;
}

Result<Payment> chargeOf(json::View charge, bool live) {
  const auto amount = charge["amount"].int64();
  const auto currency = unigate::money::findCurrency(charge["currency"].stringOr(""));
  const std::string_view id = charge["id"].stringOr("");
  if (!isId(id) || !charge["status"].isString() || !amount || *amount < 0 || !currency) {
    return Error::badResponse("the answer is no charge");
  }
  Payment payment;
  payment.providerId = id;
  payment.status = mapStatus(kStatuses, charge["status"].stringOr(""));
  payment.amount = *amount;
  payment.currency = currency->code;
  payment.livemode = live;
  payment.createdUnixS = std::max<std::int64_t>(0, charge["created"].int64Or(0));
  if (payment.status == PaymentStatus::Succeeded) payment.amountCaptured = *amount;
  if (payment.status == PaymentStatus::Failed) {
    payment.failure = Failure{Category::CardDeclined, "refused", {}, "refused"};
  }
  return payment;
}

}  // namespace example_pay
