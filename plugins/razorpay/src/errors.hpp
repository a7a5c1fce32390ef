// What Razorpay's refusals mean for the gateway. Used for every answer that is not 2xx.
#pragma once

#include <string_view>
#include <vector>

#include "wire.hpp"

namespace razorpay {

// One row of the error table. `providerCode` is an `error.code`, an `error.reason` or a part of an
// `error.description`: most of Razorpay's refusals differ in the description alone.
struct ErrorRow {
  std::string_view providerCode;
  sdk::Category category = sdk::Category::ProviderError;
  sdk::Outcome outcome = sdk::Outcome::Declined;
  sdk::Retry retry = sdk::Retry::Never;
  std::string_view note;
};

// The whole table, for the documentation.
std::vector<ErrorRow> errorRows();

// The row of an `error.code`, an `error.reason`, or the first one whose text is in a description;
// null where there is none.
const ErrorRow* rowOfCode(std::string_view code);
const ErrorRow* rowOfReason(std::string_view reason);
const ErrorRow* rowOfDescription(std::string_view description);

// The meaning of an answer that is not 2xx, or that is and carries an error.
sdk::Error errorOf(const sdk::HttpResponse& response);

// Why a payment failed, from its `error_*` members.
sdk::Failure failureOf(json::View payment);
// Why a payout failed, from its `status_details` or older members.
sdk::Failure payoutFailureOf(json::View payout);

// The same as an error that says: declined.
sdk::Error declinedBy(const sdk::Failure& failure);

}  // namespace razorpay
