// What Stripe's refusals mean for the gateway. Used for every answer that is not 2xx.
#pragma once

#include <string_view>
#include <vector>

#include "wire.hpp"

namespace stripe {

// What one of Stripe's error codes means.
struct CodeMeaning {
  sdk::Category category = sdk::Category::ProviderError;
  sdk::Outcome outcome = sdk::Outcome::Declined;
  sdk::Retry retry = sdk::Retry::Never;
};

// One row of the documentation of the errors: an `error.code`, or an issuer's `decline_code`, which
// the note says.
struct ErrorRow {
  std::string_view providerCode;
  sdk::Category category = sdk::Category::ProviderError;
  sdk::Outcome outcome = sdk::Outcome::Declined;
  sdk::Retry retry = sdk::Retry::Never;
  std::string_view note;
};

// All codes that this adapter knows, sorted, the decline codes last.
std::vector<ErrorRow> errorRows();

// Meaning of an `error.code` (docs.stripe.com/error-codes); empty for one that is not in the table.
std::optional<CodeMeaning> meaningOfCode(std::string_view code);

// Category of an issuer's `decline_code` (docs.stripe.com/declines/codes). CardDeclined for others.
sdk::Category categoryOfDecline(std::string_view declineCode);

// The meaning of an answer that is not 2xx. A failed intent in it becomes the resource, if it is of
// the `kind` that the operation is about.
sdk::Error errorOf(const sdk::HttpResponse& response, std::string_view kind = {});

// Why the last attempt of a payment failed, from its `last_payment_error`.
sdk::Failure failureOf(json::View lastPaymentError);

// The same as an error that says: declined.
sdk::Error declinedBy(const sdk::Failure& failure);

}  // namespace stripe
