// What PayPal's refusals mean for the gateway. Used for every answer that is not 2xx.
#pragma once

#include <string_view>
#include <vector>

#include "wire.hpp"

namespace paypal {

// What one of PayPal's error names or issues means.
struct CodeMeaning {
  sdk::Category category = sdk::Category::ProviderError;
  sdk::Outcome outcome = sdk::Outcome::Declined;
  sdk::Retry retry = sdk::Retry::Never;
  // The state that it complains of may be the work of an earlier attempt of the same operation: on
  // a resend it leaves the outcome open.
  bool mayBeOurs = false;
};

// Meaning of a `details[].issue` or of a `name`; empty for one that is not in the table.
std::optional<CodeMeaning> meaningOfCode(std::string_view code);

// A row of the table, for the documentation.
struct ErrorRow {
  std::string_view providerCode;
  sdk::Category category;
  sdk::Outcome outcome;
  sdk::Retry retry;
  std::string_view note;
};
std::vector<ErrorRow> errorRows();

// The meaning of an answer that is not 2xx.
sdk::Error errorOf(const sdk::HttpResponse& response, const sdk::Call& call);

// Why a capture, an authorization or a payout item came to nothing: from its status_details or its
// errors and PayPal's own word for its state.
sdk::Failure failureOf(json::View object, std::string_view status);

// The same as an error that says: declined.
sdk::Error declinedBy(const sdk::Failure& failure);

}  // namespace paypal
