#include "status.hpp"

#include <array>

namespace stripe {

namespace {

using sdk::PaymentStatus;
using sdk::RefundStatus;

constexpr std::array kPaymentStatuses = {
    sdk::StatusName<PaymentStatus>{"requires_payment_method", PaymentStatus::RequiresPaymentMethod},
    sdk::StatusName<PaymentStatus>{"requires_confirmation", PaymentStatus::RequiresConfirmation},
    sdk::StatusName<PaymentStatus>{"requires_action", PaymentStatus::RequiresAction},
    sdk::StatusName<PaymentStatus>{"processing", PaymentStatus::Processing},
    sdk::StatusName<PaymentStatus>{"requires_capture", PaymentStatus::RequiresCapture},
    sdk::StatusName<PaymentStatus>{"succeeded", PaymentStatus::Succeeded},
    sdk::StatusName<PaymentStatus>{"canceled", PaymentStatus::Canceled},
};

constexpr std::array kRefundStatuses = {
    sdk::StatusName<RefundStatus>{"pending", RefundStatus::Pending},
    sdk::StatusName<RefundStatus>{"requires_action", RefundStatus::Pending},
    sdk::StatusName<RefundStatus>{"succeeded", RefundStatus::Succeeded},
    sdk::StatusName<RefundStatus>{"failed", RefundStatus::Failed},
    sdk::StatusName<RefundStatus>{"canceled", RefundStatus::Canceled},
};

}  // namespace

PaymentStatus paymentStatus(std::string_view word, bool lastAttemptFailed) {
  const PaymentStatus status = sdk::mapStatus(kPaymentStatuses, word);
  return status == PaymentStatus::RequiresPaymentMethod && lastAttemptFailed ? PaymentStatus::Failed
                                                                             : status;
}

RefundStatus refundStatus(std::string_view word) {
  return sdk::mapStatus(kRefundStatuses, word);
}

}  // namespace stripe
