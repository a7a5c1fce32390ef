// Stripe's event names in the unified model. The manifest lists the same; a test compares them.
#pragma once

#include <array>
#include <string_view>

namespace stripe {

struct EventName {
  std::string_view stripe;
  std::string_view unified;
  std::string_view resourceKind;
};

inline constexpr std::array kEventNames = {
    EventName{"payment_intent.created", "payment.created", "payment"},
    EventName{"payment_intent.succeeded", "payment.succeeded", "payment"},
    EventName{"payment_intent.payment_failed", "payment.failed", "payment"},
    EventName{"payment_intent.amount_capturable_updated", "payment.authorized", "payment"},
    EventName{"payment_intent.requires_action", "payment.requires_action", "payment"},
    EventName{"payment_intent.processing", "payment.processing", "payment"},
    EventName{"payment_intent.canceled", "payment.canceled", "payment"},
    EventName{"charge.refunded", "refund.updated", "payment"},
    EventName{"refund.created", "refund.created", "refund"},
    EventName{"refund.updated", "refund.updated", "refund"},
    EventName{"refund.failed", "refund.failed", "refund"},
    EventName{"charge.dispute.created", "dispute.created", "dispute"},
    EventName{"charge.dispute.updated", "dispute.updated", "dispute"},
    EventName{"charge.dispute.closed", "dispute.closed", "dispute"},
    EventName{"charge.dispute.funds_withdrawn", "dispute.funds_withdrawn", "dispute"},
    EventName{"charge.dispute.funds_reinstated", "dispute.funds_reinstated", "dispute"},
    EventName{"customer.created", "customer.created", "customer"},
    EventName{"customer.updated", "customer.updated", "customer"},
    EventName{"customer.deleted", "customer.deleted", "customer"},
    EventName{"customer.subscription.created", "subscription.created", "subscription"},
    EventName{"customer.subscription.updated", "subscription.updated", "subscription"},
    EventName{"customer.subscription.deleted", "subscription.canceled", "subscription"},
    EventName{"customer.subscription.paused", "subscription.paused", "subscription"},
    EventName{"customer.subscription.resumed", "subscription.resumed", "subscription"},
    EventName{"customer.subscription.trial_will_end", "subscription.trial_will_end",
              "subscription"},
    EventName{"invoice.paid", "invoice.paid", "invoice"},
    EventName{"invoice.payment_failed", "invoice.payment_failed", "invoice"},
    EventName{"invoice.finalized", "invoice.finalized", "invoice"},
    EventName{"invoice.voided", "invoice.voided", "invoice"},
    EventName{"invoice.payment_action_required", "invoice.payment_action_required", "invoice"},
    EventName{"checkout.session.completed", "checkout.completed", "payment_link"},
    EventName{"checkout.session.expired", "checkout.expired", "payment_link"},
    EventName{"checkout.session.async_payment_succeeded", "checkout.payment_succeeded",
              "payment_link"},
    EventName{"checkout.session.async_payment_failed", "checkout.payment_failed", "payment_link"},
    EventName{"payout.created", "payout.created", "payout"},
    EventName{"payout.paid", "payout.succeeded", "payout"},
    EventName{"payout.failed", "payout.failed", "payout"},
    EventName{"payout.canceled", "payout.canceled", "payout"},
    EventName{"transfer.created", "transfer.created", "payout"},
    EventName{"transfer.reversed", "transfer.reversed", "payout"},
    EventName{"account.updated", "account.updated", "account"},
    EventName{"payment_method.attached", "instrument.attached", "payment_method"},
    EventName{"payment_method.detached", "instrument.detached", "payment_method"},
};

}  // namespace stripe
