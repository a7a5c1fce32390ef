// The tables of Razorpay's error codes, reasons and descriptions. Sources: errors.md,
// errors/payments/*.md, errors/x/payout-status-details.md and the error lists of the API pages.
#include <algorithm>
#include <array>
#include <string>

#include "errors.hpp"

namespace razorpay {

namespace {

using sdk::Category;
using sdk::Outcome;
using sdk::Retry;

constexpr Outcome kDeclined = Outcome::Declined;
constexpr Outcome kNothing = Outcome::NotExecuted;
constexpr Outcome kUnknown = Outcome::Unknown;

constexpr ErrorRow kCodes[] = {
    {"BAD_REQUEST_ERROR", Category::InvalidRequest, kDeclined, Retry::NewRequest,
     "reason and description say more"},
    {"GATEWAY_ERROR", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "a bank or network between: the outcome is open"},
    {"SERVER_ERROR", Category::ProviderUnavailable, kUnknown, Retry::SameKey, "at any status"},
    {"SERVICE_UNAVAILABLE", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "at any status"},
};

// Reasons of refused requests, failed payments and failed payouts, sorted for a binary search.
constexpr ErrorRow kReasons[] = {
    {"amount_less_than_minimum_amount", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"amount_limit_exhausted", Category::LimitExceeded, kDeclined, Retry::NewRequest, "payout"},
    {"amount_limit_exhausted_neft", Category::LimitExceeded, kDeclined, Retry::NewRequest,
     "payout"},
    {"authentication_failed", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"authorisation_declined_by_psp", Category::CardDeclined, kDeclined, Retry::NewRequest, "UPI"},
    {"bank_account_closed", Category::InvalidRequest, kDeclined, Retry::NewRequest, "payout"},
    {"bank_account_frozen", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"bank_account_invalid", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"bank_technical_error", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"bank_window_closed", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_account_dormant", Category::ProviderError, kDeclined, Retry::NewRequest,
     "payout"},
    {"beneficiary_account_invalid", Category::InvalidRequest, kDeclined, Retry::NewRequest,
     "payout"},
    {"beneficiary_bank_confirmation_pending", Category::ProviderUnavailable, kUnknown,
     Retry::SameKey, "payout, no failure yet"},
    {"beneficiary_bank_down", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_bank_failure", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_bank_offline", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_bank_rejected", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_bank_technical_error", Category::ProviderError, kDeclined, Retry::NewRequest,
     "payout"},
    {"beneficiary_psp_offline", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"beneficiary_vpa_invalid", Category::InvalidRequest, kDeclined, Retry::NewRequest, "payout"},
    {"card_declined", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"card_disabled_for_online_payments", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"card_expired", Category::ExpiredCard, kDeclined, Retry::NewRequest, ""},
    {"card_not_enrolled", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"card_number_invalid", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"debit_instrument_blocked", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"debit_instrument_inactive", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"fee_recovery_pending", Category::InvalidState, kDeclined, Retry::Never, "payout"},
    {"gateway_degraded", Category::ProviderUnavailable, kDeclined, Retry::NewRequest, "payout"},
    {"gateway_down", Category::ProviderUnavailable, kDeclined, Retry::NewRequest, "payout"},
    {"gateway_technical_error", Category::ProviderUnavailable, kDeclined, Retry::NewRequest, ""},
    {"gateway_timeout", Category::ProviderUnavailable, kDeclined, Retry::NewRequest, "payout"},
    {"imps_not_allowed", Category::NotSupported, kDeclined, Retry::NewRequest, "payout"},
    {"incorrect_card_details", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"incorrect_card_expiry_date", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"incorrect_cvv", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"incorrect_otp", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"incorrect_pin", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"input_validation_failed", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"insufficient_funds", Category::InsufficientFunds, kDeclined, Retry::NewRequest, ""},
    {"international_transaction_not_allowed", Category::CardDeclined, kDeclined, Retry::NewRequest,
     ""},
    {"invalid_beneficiary", Category::InvalidRequest, kDeclined, Retry::NewRequest, "payout"},
    {"invalid_contact_number", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"invalid_ifsc_code", Category::InvalidRequest, kDeclined, Retry::NewRequest, "payout"},
    {"invalid_otp", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"invalid_vpa", Category::IncorrectCardData, kDeclined, Retry::NewRequest, "UPI"},
    {"linked_account_id_does_not_exist", Category::NotFound, kDeclined, Retry::Never, ""},
    {"low_balance", Category::InsufficientFunds, kDeclined, Retry::NewRequest, "payout"},
    {"no_linked_account_found", Category::InvalidRequest, kDeclined, Retry::NewRequest, "payout"},
    {"npci_beneficiary_timeout", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"otp_attempts_exceeded", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"otp_expired", Category::AuthenticationRequired, kDeclined, Retry::NewRequest, ""},
    {"partner_bank_pending", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "payout, no failure yet"},
    {"payment_cancelled", Category::CardDeclined, kDeclined, Retry::NewRequest,
     "by the payer, or the bank was down"},
    {"payment_collect_request_expired", Category::CardDeclined, kDeclined, Retry::NewRequest,
     "UPI"},
    {"payment_declined", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"payment_failed", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"payment_risk_check_failed", Category::FraudSuspected, kDeclined, Retry::NewRequest, ""},
    {"payment_timed_out", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"payout_bank_processing", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "payout, no failure yet"},
    {"payout_processed", Category::ProviderError, kDeclined, Retry::Never, "payout, no failure"},
    {"payout_rejected", Category::PermissionDenied, kDeclined, Retry::Never,
     "payout, by the approver"},
    {"pending_approval", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "payout, no failure yet"},
    {"pin_attempts_exceeded", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
    {"server_error", Category::ProviderError, kDeclined, Retry::NewRequest, "payment or payout"},
    {"server_error_temporary", Category::ProviderError, kDeclined, Retry::NewRequest, "payout"},
    {"syncing_balance", Category::ProviderUnavailable, kUnknown, Retry::SameKey,
     "payout, no failure yet"},
    {"transaction_daily_limit_exceeded", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"transaction_limit_exceeded", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"user_not_eligible", Category::CardDeclined, kDeclined, Retry::NewRequest, ""},
    {"user_not_registered", Category::IncorrectCardData, kDeclined, Retry::NewRequest, ""},
};

// Parts of descriptions in lower case. The first that is found decides, so the special ones come
// before the general ones.
constexpr ErrorRow kDescriptions[] = {
    // Keys. Ours is made of our operation: another request under it was an earlier attempt.
    {"different request with the same idempotency key", Category::IdempotencyConflict, kUnknown,
     Retry::Never, "an earlier attempt may have moved money"},
    {"same idempotency key is still in progress", Category::IdempotencyConflict, kUnknown,
     Retry::SameKey, ""},
    {"idempotency record", Category::ProviderUnavailable, kUnknown, Retry::SameKey, ""},
    {"idempotency key", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    // Trouble at Razorpay, some of it under status 400.
    {"internal server error", Category::ProviderUnavailable, kUnknown, Retry::SameKey, ""},
    {"merchant id not found in authentication", Category::ProviderUnavailable, kUnknown,
     Retry::SameKey, ""},
    {"facing some trouble", Category::ProviderUnavailable, kUnknown, Retry::SameKey, ""},
    {"facing trouble", Category::ProviderUnavailable, kUnknown, Retry::SameKey, ""},
    {"throttling", Category::RateLimited, kNothing, Retry::SameKey, ""},
    {"too many requests", Category::RateLimited, kNothing, Retry::SameKey, ""},
    // Who we are.
    {"authentication failed due to", Category::AuthenticationRequired, kDeclined, Retry::NewRequest,
     "of the payer"},
    {"authentication failed", Category::Unauthorized, kNothing, Retry::Never, ""},
    {"the api ", Category::Unauthorized, kNothing, Retry::Never, "key or secret is invalid"},
    {"access denied", Category::PermissionDenied, kDeclined, Retry::Never, "IP allow-list"},
    {"merchant is suspended", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    {"live mode is disabled", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    {"international activated", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    {"not allowed for this merchant", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    {"feature not enabled", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    {"locked for editing", Category::PermissionDenied, kDeclined, Retry::Never, ""},
    // What is not there.
    {"requested url was not found", Category::NotFound, kDeclined, Retry::Never,
     "or a feature that is not enabled"},
    {"no route matched", Category::NotFound, kDeclined, Retry::Never, ""},
    {"does not exist", Category::NotFound, kDeclined, Retry::Never, ""},
    {"doesn't exist", Category::NotFound, kDeclined, Retry::Never, ""},
    {"offer not found", Category::NotFound, kDeclined, Retry::Never, ""},
    {"is not a valid id", Category::NotFound, kDeclined, Retry::Never, ""},
    {"invalid input [id]", Category::NotFound, kDeclined, Retry::Never, ""},
    // What was done before.
    {"already exists", Category::Duplicate, kDeclined, Retry::Never, ""},
    {"already attempted", Category::Duplicate, kDeclined, Retry::Never, "reference_id was used"},
    {"already paid", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"already been captured", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"fully refunded already", Category::InvalidState, kDeclined, Retry::Never, ""},
    // What can't be done now.
    {"not cancellable", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"operation not allowed", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"action not allowed", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"cannot be cancelled", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"cannot cancel", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"can't update", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"cannot be updated", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"update can only be made", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"cannot be more than one", Category::InvalidState, kDeclined, Retry::Never, ""},
    {"not applicable", Category::InvalidState, kDeclined, Retry::Never, ""},
    // Money.
    {"insufficient balance", Category::InsufficientFunds, kDeclined, Retry::NewRequest, ""},
    {"sufficient balance", Category::InsufficientFunds, kDeclined, Retry::NewRequest, ""},
    {"must be at least inr", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"minimum amount", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"amount must be at least", Category::LimitExceeded, kDeclined, Retry::NewRequest, ""},
    {"greater than amount captured", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"sum of amount", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"capture amount must be equal", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    // What Razorpay can't do.
    {"not supported", Category::NotSupported, kDeclined, Retry::NewRequest, ""},
    {"supported only", Category::NotSupported, kDeclined, Retry::NewRequest, ""},
    {"should be inr", Category::NotSupported, kDeclined, Retry::NewRequest, ""},
    // The rest is about single fields.
    {"not required and should not be sent", Category::InvalidRequest, kDeclined, Retry::NewRequest,
     "an unknown field"},
    {"wrong input", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"is required", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"required when", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"invalid", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"not a valid", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"must ", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"should be", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"may only contain", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"enter a valid", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"cannot be lesser", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"no linked account details", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"not matching", Category::InvalidRequest, kDeclined, Retry::NewRequest, ""},
    {"\"count\"", Category::InvalidRequest, kDeclined, Retry::NewRequest, "nothing was found"},
};

constexpr bool ordered() {
  return std::is_sorted(
      std::begin(kReasons), std::end(kReasons),
      [](const ErrorRow& a, const ErrorRow& b) { return a.providerCode < b.providerCode; });
}
static_assert(ordered());

}  // namespace

std::vector<ErrorRow> errorRows() {
  std::vector<ErrorRow> rows(std::begin(kCodes), std::end(kCodes));
  rows.insert(rows.end(), std::begin(kReasons), std::end(kReasons));
  rows.insert(rows.end(), std::begin(kDescriptions), std::end(kDescriptions));
  return rows;
}

const ErrorRow* rowOfCode(std::string_view code) {
  for (const ErrorRow& row : kCodes) {
    if (row.providerCode == code) return &row;
  }
  return nullptr;
}

const ErrorRow* rowOfReason(std::string_view reason) {
  const ErrorRow* found = std::lower_bound(
      std::begin(kReasons), std::end(kReasons), reason,
      [](const ErrorRow& row, std::string_view wanted) { return row.providerCode < wanted; });
  return found != std::end(kReasons) && found->providerCode == reason ? found : nullptr;
}

const ErrorRow* rowOfDescription(std::string_view description) {
  const std::string text = money::lower(description);
  for (const ErrorRow& row : kDescriptions) {
    if (text.find(row.providerCode) != std::string::npos) return &row;
  }
  return nullptr;
}

}  // namespace razorpay
