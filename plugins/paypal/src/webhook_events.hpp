// PayPal's event names in the unified model. The manifest lists the same; a test compares them.
#pragma once

#include <array>
#include <string_view>

namespace paypal {

struct EventName {
  std::string_view paypal;
  std::string_view unified;
  std::string_view resourceKind;
};

inline constexpr std::array kEventNames = {
    EventName{"CHECKOUT.ORDER.APPROVED", "payment.approved", "payment"},
    EventName{"CHECKOUT.ORDER.COMPLETED", "checkout.completed", "payment"},
    EventName{"CHECKOUT.PAYMENT-APPROVAL.REVERSED", "payment.canceled", "payment"},
    EventName{"PAYMENT.AUTHORIZATION.CREATED", "payment.authorized", "payment"},
    EventName{"PAYMENT.AUTHORIZATION.VOIDED", "payment.canceled", "payment"},
    EventName{"PAYMENT.CAPTURE.COMPLETED", "payment.succeeded", "payment"},
    EventName{"PAYMENT.CAPTURE.PENDING", "payment.processing", "payment"},
    EventName{"PAYMENT.CAPTURE.DENIED", "payment.failed", "payment"},
    EventName{"PAYMENT.CAPTURE.DECLINED", "payment.failed", "payment"},
    EventName{"PAYMENT.CAPTURE.REFUNDED", "refund.succeeded", "refund"},
    EventName{"PAYMENT.CAPTURE.REVERSED", "dispute.funds_withdrawn", "payment"},
    EventName{"PAYMENT.SALE.COMPLETED", "payment.succeeded", "payment"},
    EventName{"PAYMENT.SALE.REFUNDED", "refund.succeeded", "refund"},
    EventName{"PAYMENT.SALE.REVERSED", "dispute.funds_withdrawn", "payment"},
    EventName{"CATALOG.PRODUCT.CREATED", "product.created", "product"},
    EventName{"CATALOG.PRODUCT.UPDATED", "product.updated", "product"},
    EventName{"BILLING.PLAN.CREATED", "plan.created", "plan"},
    EventName{"BILLING.PLAN.UPDATED", "plan.updated", "plan"},
    EventName{"BILLING.PLAN.ACTIVATED", "plan.activated", "plan"},
    EventName{"BILLING.PLAN.DEACTIVATED", "plan.deactivated", "plan"},
    EventName{"BILLING.PLAN.PRICING-CHANGE.ACTIVATED", "plan.updated", "plan"},
    EventName{"BILLING.SUBSCRIPTION.CREATED", "subscription.created", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.ACTIVATED", "subscription.activated", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.UPDATED", "subscription.updated", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.EXPIRED", "subscription.expired", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.CANCELLED", "subscription.canceled", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.SUSPENDED", "subscription.paused", "subscription"},
    EventName{"BILLING.SUBSCRIPTION.PAYMENT.FAILED", "subscription.payment_failed", "subscription"},
    EventName{"PAYMENT.PAYOUTSBATCH.PROCESSING", "payout.processing", "payout"},
    EventName{"PAYMENT.PAYOUTSBATCH.SUCCESS", "payout.updated", "payout"},
    EventName{"PAYMENT.PAYOUTSBATCH.DENIED", "payout.failed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "payout.succeeded", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "payout.processing", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.RETURNED", "payout.reversed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.REFUNDED", "payout.reversed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.FAILED", "payout.failed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.DENIED", "payout.failed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.HELD", "payout.processing", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.BLOCKED", "payout.failed", "payout"},
    EventName{"PAYMENT.PAYOUTS-ITEM.CANCELED", "payout.canceled", "payout"},
    EventName{"CUSTOMER.DISPUTE.CREATED", "dispute.created", "dispute"},
    EventName{"CUSTOMER.DISPUTE.UPDATED", "dispute.updated", "dispute"},
    EventName{"CUSTOMER.DISPUTE.RESOLVED", "dispute.closed", "dispute"},
};

}  // namespace paypal
