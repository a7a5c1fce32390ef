// Razorpay's status words in the unified model. A word that is not here is processing or unknown.
#pragma once

#include <array>
#include <string_view>

#include "wire.hpp"

namespace razorpay {

inline constexpr std::array<sdk::StatusName<sdk::PaymentStatus>, 6> kPaymentWords = {{
    {"created", sdk::PaymentStatus::Processing},
    {"pending", sdk::PaymentStatus::Processing},
    {"authorized", sdk::PaymentStatus::RequiresCapture},
    {"captured", sdk::PaymentStatus::Succeeded},
    {"refunded", sdk::PaymentStatus::Succeeded},
    {"failed", sdk::PaymentStatus::Failed},
}};

inline constexpr std::array<sdk::StatusName<sdk::PaymentStatus>, 3> kOrderWords = {{
    {"created", sdk::PaymentStatus::RequiresPaymentMethod},
    {"attempted", sdk::PaymentStatus::RequiresPaymentMethod},
    {"paid", sdk::PaymentStatus::Succeeded},
}};

inline constexpr std::array<sdk::StatusName<sdk::RefundStatus>, 3> kRefundWords = {{
    {"pending", sdk::RefundStatus::Pending},
    {"processed", sdk::RefundStatus::Succeeded},
    {"failed", sdk::RefundStatus::Failed},
}};

inline constexpr std::array<sdk::StatusName<sdk::SubscriptionStatus>, 9> kSubscriptionWords = {{
    {"created", sdk::SubscriptionStatus::Pending},
    // The payer agreed; the first charge is still to come.
    {"authenticated", sdk::SubscriptionStatus::Active},
    {"active", sdk::SubscriptionStatus::Active},
    {"pending", sdk::SubscriptionStatus::PastDue},
    {"halted", sdk::SubscriptionStatus::Unpaid},
    {"paused", sdk::SubscriptionStatus::Paused},
    {"cancelled", sdk::SubscriptionStatus::Canceled},
    {"completed", sdk::SubscriptionStatus::Completed},
    {"expired", sdk::SubscriptionStatus::Expired},
}};

inline constexpr std::array<sdk::StatusName<sdk::InvoiceStatus>, 7> kInvoiceWords = {{
    {"draft", sdk::InvoiceStatus::Draft},
    {"issued", sdk::InvoiceStatus::Open},
    {"partially_paid", sdk::InvoiceStatus::PartiallyPaid},
    {"paid", sdk::InvoiceStatus::Paid},
    {"cancelled", sdk::InvoiceStatus::Void},
    {"expired", sdk::InvoiceStatus::Expired},
    {"deleted", sdk::InvoiceStatus::Void},
}};

inline constexpr std::array<sdk::StatusName<sdk::PaymentLinkStatus>, 5> kLinkWords = {{
    {"created", sdk::PaymentLinkStatus::Active},
    {"partially_paid", sdk::PaymentLinkStatus::PartiallyPaid},
    {"paid", sdk::PaymentLinkStatus::Paid},
    {"cancelled", sdk::PaymentLinkStatus::Canceled},
    {"expired", sdk::PaymentLinkStatus::Expired},
}};

inline constexpr std::array<sdk::StatusName<sdk::PayoutStatus>, 9> kPayoutWords = {{
    {"queued", sdk::PayoutStatus::Pending},
    {"scheduled", sdk::PayoutStatus::Pending},
    {"pending", sdk::PayoutStatus::Pending},  // waits for an approver
    {"processing", sdk::PayoutStatus::Processing},
    {"processed", sdk::PayoutStatus::Succeeded},
    {"reversed", sdk::PayoutStatus::Reversed},
    {"cancelled", sdk::PayoutStatus::Canceled},
    {"rejected", sdk::PayoutStatus::Failed},
    {"failed", sdk::PayoutStatus::Failed},
}};

inline constexpr std::array<sdk::StatusName<sdk::PayoutStatus>, 6> kTransferWords = {{
    {"created", sdk::PayoutStatus::Processing},
    {"pending", sdk::PayoutStatus::Pending},
    {"processed", sdk::PayoutStatus::Succeeded},
    {"failed", sdk::PayoutStatus::Failed},
    {"reversed", sdk::PayoutStatus::Reversed},
    {"partially_reversed", sdk::PayoutStatus::Succeeded},
}};

inline constexpr std::array<sdk::StatusName<sdk::DisputeStatus>, 5> kDisputeWords = {{
    {"open", sdk::DisputeStatus::NeedsResponse},
    {"under_review", sdk::DisputeStatus::UnderReview},
    {"won", sdk::DisputeStatus::Won},
    {"lost", sdk::DisputeStatus::Lost},
    {"closed", sdk::DisputeStatus::Closed},
}};

inline constexpr std::array<sdk::StatusName<sdk::AccountStatus>, 8> kAccountWords = {{
    {"created", sdk::AccountStatus::Pending},
    {"under_review", sdk::AccountStatus::Pending},
    {"activated_kyc_pending", sdk::AccountStatus::Restricted},
    {"instantly_activated", sdk::AccountStatus::Restricted},
    {"needs_clarification", sdk::AccountStatus::Restricted},
    {"suspended", sdk::AccountStatus::Restricted},
    {"activated", sdk::AccountStatus::Active},
    {"rejected", sdk::AccountStatus::Rejected},
}};

}  // namespace razorpay
