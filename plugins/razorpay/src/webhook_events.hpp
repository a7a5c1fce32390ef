// Razorpay's event names in the unified model. The manifest lists the same; a test compares them.
#pragma once

#include <array>
#include <string_view>

namespace razorpay {

struct EventName {
  std::string_view razorpay;
  std::string_view unified;
  std::string_view resourceKind;
};

inline constexpr std::array kEventNames = {
    EventName{"payment.authorized", "payment.authorized", "payment"},
    EventName{"payment.captured", "payment.succeeded", "payment"},
    EventName{"payment.failed", "payment.failed", "payment"},
    // Fires as well as payment.captured: the money is counted once.
    EventName{"order.paid", "payment.updated", "payment"},
    EventName{"refund.created", "refund.created", "refund"},
    EventName{"refund.processed", "refund.succeeded", "refund"},
    EventName{"refund.failed", "refund.failed", "refund"},
    EventName{"refund.speed_changed", "refund.updated", "refund"},
    EventName{"payment.dispute.created", "dispute.created", "dispute"},
    EventName{"payment.dispute.under_review", "dispute.under_review", "dispute"},
    EventName{"payment.dispute.action_required", "dispute.action_required", "dispute"},
    EventName{"payment.dispute.won", "dispute.won", "dispute"},
    EventName{"payment.dispute.lost", "dispute.lost", "dispute"},
    EventName{"payment.dispute.closed", "dispute.closed", "dispute"},
    EventName{"subscription.authenticated", "subscription.authenticated", "subscription"},
    EventName{"subscription.activated", "subscription.activated", "subscription"},
    EventName{"subscription.charged", "subscription.charged", "subscription"},
    EventName{"subscription.pending", "subscription.past_due", "subscription"},
    EventName{"subscription.halted", "subscription.unpaid", "subscription"},
    EventName{"subscription.paused", "subscription.paused", "subscription"},
    EventName{"subscription.resumed", "subscription.resumed", "subscription"},
    EventName{"subscription.cancelled", "subscription.canceled", "subscription"},
    EventName{"subscription.completed", "subscription.completed", "subscription"},
    EventName{"subscription.updated", "subscription.updated", "subscription"},
    EventName{"invoice.paid", "invoice.paid", "invoice"},
    EventName{"invoice.partially_paid", "invoice.partially_paid", "invoice"},
    EventName{"invoice.expired", "invoice.expired", "invoice"},
    EventName{"payment_link.paid", "payment_link.paid", "payment_link"},
    EventName{"payment_link.partially_paid", "payment_link.partially_paid", "payment_link"},
    EventName{"payment_link.cancelled", "payment_link.canceled", "payment_link"},
    EventName{"payment_link.expired", "payment_link.expired", "payment_link"},
    EventName{"transfer.processed", "transfer.succeeded", "payout"},
    EventName{"transfer.failed", "transfer.failed", "payout"},
    EventName{"settlement.processed", "settlement.processed", "settlement"},
    EventName{"payout.pending", "payout.pending", "payout"},
    EventName{"payout.queued", "payout.queued", "payout"},
    EventName{"payout.initiated", "payout.processing", "payout"},
    EventName{"payout.processed", "payout.succeeded", "payout"},
    EventName{"payout.updated", "payout.updated", "payout"},
    EventName{"payout.reversed", "payout.reversed", "payout"},
    EventName{"payout.failed", "payout.failed", "payout"},
    EventName{"payout.rejected", "payout.failed", "payout"},
    EventName{"account.activated", "account.updated", "account"},
    EventName{"account.activated_kyc_pending", "account.updated", "account"},
    EventName{"account.app.authorization_revoked", "account.updated", "account"},
    EventName{"account.funds_hold", "account.updated", "account"},
    EventName{"account.funds_unhold", "account.updated", "account"},
    EventName{"account.instantly_activated", "account.updated", "account"},
    EventName{"account.needs_clarification", "account.updated", "account"},
    EventName{"account.payments_enabled", "account.updated", "account"},
    EventName{"account.rejected", "account.updated", "account"},
    EventName{"account.suspended", "account.updated", "account"},
    EventName{"account.under_review", "account.updated", "account"},
    EventName{"product.payment_gateway.activated", "account.updated", "account"},
    EventName{"product.payment_gateway.activated_kyc_pending", "account.updated", "account"},
    EventName{"product.payment_gateway.instantly_activated", "account.updated", "account"},
    EventName{"product.payment_gateway.needs_clarification", "account.updated", "account"},
    EventName{"product.payment_gateway.rejected", "account.updated", "account"},
    EventName{"product.payment_gateway.under_review", "account.updated", "account"},
    EventName{"product.payment_link.rejected", "account.updated", "account"},
    EventName{"product.payment_links.activated", "account.updated", "account"},
    EventName{"product.payment_links.activated_kyc_pending", "account.updated", "account"},
    EventName{"product.payment_links.needs_clarification", "account.updated", "account"},
    EventName{"product.payment_links.under_review", "account.updated", "account"},
    EventName{"product.route.activated", "account.updated", "account"},
    EventName{"product.route.needs_clarification", "account.updated", "account"},
    EventName{"product.route.under_review", "account.updated", "account"},
};

}  // namespace razorpay
