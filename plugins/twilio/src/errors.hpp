// What Twilio's refusals mean for the gateway: one table of codes, used for answers that are not
// 2xx and for messages that failed after they were accepted. The documentation is made of it too.
#pragma once

#include <string_view>
#include <vector>

#include "wire.hpp"

namespace twilio {

// One documented code. `outcome` holds for an answer of 4xx that Twilio itself wrote.
struct ErrorRow {
  std::string_view providerCode;
  sdk::Category category = sdk::Category::ProviderError;
  sdk::Outcome outcome = sdk::Outcome::Declined;
  sdk::Retry retry = sdk::Retry::Never;
  std::string_view note;
};

// The whole table, sorted by code (all have five digits), for the documentation.
std::vector<ErrorRow> errorRows();

// The row of a code; null for one that is not in the table.
const ErrorRow* rowOf(std::string_view code);

// The meaning of an answer that is not 2xx.
sdk::Error errorOf(const sdk::HttpResponse& response);

// Why a message failed that Twilio had accepted.
sdk::Failure failureOf(std::string_view code, std::string_view message);

}  // namespace twilio
