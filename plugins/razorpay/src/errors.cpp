#include "errors.hpp"

#include <string>
#include <utility>

namespace razorpay {

namespace {

using sdk::Category;
using sdk::Error;
using sdk::Outcome;
using sdk::Retry;

// Razorpay writes "NA" or "null" where it has nothing to say.
bool says(std::string_view word) {
  return !word.empty() && word != "NA" && word != "null";
}

// The row that says most about a refusal: a description is more precise than the reason of every
// wrong input, and the reason of a payment more than its description.
const ErrorRow* rowOf(json::View error) {
  const std::string_view reason = error["reason"].stringOr("");
  const std::string_view description = error["description"].stringOr("");
  const ErrorRow* byReason = says(reason) ? rowOfReason(reason) : nullptr;
  const bool general = !says(reason) || reason == "input_validation_failed";
  if (byReason != nullptr && !general) return byReason;
  if (const ErrorRow* row = rowOfDescription(description)) return row;
  if (byReason != nullptr) return byReason;
  return nullptr;
}

// Unified name of one of Razorpay's fields, so that a client reads its own words.
std::string fieldOf(std::string_view field) {
  if (!says(field)) return {};
  if (field == "payment_id" || field == "order_id") return "payment";
  if (field == "contact") return "phone";
  if (field == "expire_by") return "expires_unix_s";
  if (field == "start_at") return "start_unix_s";
  if (field == "legal_business_name") return "business_name";
  if (field == "receipt" || field == "reference_id") return "reference";
  if (field == "notes") return "metadata";
  if (field == "narration") return "description";
  if (field == "callback_url") return "return_url";
  return std::string(field);
}

Error made(Category category, Outcome outcome, Retry retry, std::string message) {
  Error error = Error::declined(category, std::move(message));
  error.outcome = outcome;
  error.retry = retry;
  return error;
}

// Refusals by their status alone, whatever the body says.
std::optional<Error> byStatus(const sdk::HttpResponse& response, const std::string& message) {
  const std::uint32_t status = response.status();
  if (status == 401) {
    return made(Category::Unauthorized, Outcome::NotExecuted, Retry::Never, message);
  }
  if (status == 429) {
    return Error::notExecuted(Category::RateLimited, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (status >= 500) {
    return Error::unknown(Category::ProviderUnavailable, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (status == 408) return Error::unknown(Category::ProviderError, message);
  if (status < 200 || (status >= 300 && status < 400)) {
    return Error::badResponse("Razorpay answered with status " + std::to_string(status));
  }
  return std::nullopt;
}

Error refusal(const sdk::HttpResponse& response, json::View error) {
  const std::string message(error["description"].stringOr("Razorpay refused without a reason"));
  if (auto known = byStatus(response, message)) return std::move(*known);
  // A proxy between may have written this: no proof that Razorpay refused.
  const std::string_view code = error["code"].stringOr("");
  if (code.empty()) return Error::badResponse("Razorpay's refusal can't be understood");
  if (const ErrorRow* row = rowOfCode(code); row != nullptr && row->outcome == Outcome::Unknown) {
    return made(row->category, row->outcome, row->retry, message);
  }
  const ErrorRow* row = rowOf(error);
  // Another request under our key is running or was another attempt, whatever the words are.
  if (response.status() == 409 && (row == nullptr || row->outcome != Outcome::Unknown)) {
    return Error::unknown(Category::IdempotencyConflict, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (row != nullptr) return made(row->category, row->outcome, row->retry, message);
  if (response.status() == 403) {
    return Error::declined(Category::PermissionDenied, message);
  }
  if (response.status() == 404) return Error::declined(Category::NotFound, message);
  if (rowOfCode(code) == nullptr) {
    return Error::declined(Category::ProviderError, message);
  }
  return Error::declined(Category::InvalidRequest, message).withRetry(Retry::NewRequest);
}

bool declinesPayer(Category category) {
  switch (category) {
    case Category::CardDeclined:
    case Category::InsufficientFunds:
    case Category::AuthenticationRequired:
    case Category::ExpiredCard:
    case Category::IncorrectCardData:
    case Category::FraudSuspected:
      return true;
    default:
      return false;
  }
}

sdk::Failure failureBy(std::string_view code, std::string_view reason, std::string_view description,
                       Category otherwise) {
  sdk::Failure failure;
  const ErrorRow* row = says(reason) ? rowOfReason(reason) : nullptr;
  failure.category = row != nullptr ? row->category : otherwise;
  failure.providerCode = std::string(says(code) ? code : says(reason) ? reason : "failed");
  if (says(reason)) failure.declineCode = std::string(reason);
  failure.providerMessage = std::string(description);
  return failure;
}

}  // namespace

Error errorOf(const sdk::HttpResponse& response) {
  json::Document document;
  // A body that is no JSON leaves an empty view, which every look-up bears.
  const json::View error = response.json(document) ? document["error"] : json::View();
  Error result = refusal(response, error);
  const std::string_view reason = error["reason"].stringOr("");
  result.httpStatus = response.status();
  result.providerCode = std::string(error["code"].stringOr(""));
  if (says(reason) && declinesPayer(result.category)) {
    result.declineCode = std::string(reason);
  } else if (says(reason)) {
    result.providerCode = std::string(reason);
  }
  result.field = fieldOf(error["field"].stringOr(""));
  return result;
}

sdk::Failure failureOf(json::View payment) {
  return failureBy(payment["error_code"].stringOr(""), payment["error_reason"].stringOr(""),
                   payment["error_description"].stringOr(""), Category::CardDeclined);
}

sdk::Failure payoutFailureOf(json::View payout) {
  const json::View details = payout["status_details"];
  if (details.isObject()) {
    return failureBy(details["reason"].stringOr(""), details["reason"].stringOr(""),
                     details["description"].stringOr(""), Category::ProviderError);
  }
  const json::View error = payout["error"];
  const std::string_view older = payout["failure_reason"].stringOr("");
  return failureBy(error["code"].stringOr(""), error["reason"].stringOr(""),
                   error["description"].stringOr(older), Category::ProviderError);
}

Error declinedBy(const sdk::Failure& failure) {
  return Error::declined(failure.category, failure.providerMessage)
      .withRetry(Retry::NewRequest)
      .withProviderCode(failure.providerCode)
      .withDeclineCode(failure.declineCode.value_or(""));
}

}  // namespace razorpay
