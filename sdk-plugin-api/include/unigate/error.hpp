// What an adapter answers when an operation did not succeed, and `Result`, which is a value or such
// an error. Choose the outcome with care: it decides whether the gateway may send again.
#pragma once

#include <unigate/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace unigate::sdk {

enum class Category : std::uint32_t {
  Unspecified = UG_CATEGORY_UNSPECIFIED,
  CardDeclined = UG_CATEGORY_CARD_DECLINED,
  InsufficientFunds = UG_CATEGORY_INSUFFICIENT_FUNDS,
  AuthenticationRequired = UG_CATEGORY_AUTHENTICATION_REQUIRED,
  ExpiredCard = UG_CATEGORY_EXPIRED_CARD,
  IncorrectCardData = UG_CATEGORY_INCORRECT_CARD_DATA,
  FraudSuspected = UG_CATEGORY_FRAUD_SUSPECTED,
  InvalidRequest = UG_CATEGORY_INVALID_REQUEST,
  InvalidState = UG_CATEGORY_INVALID_STATE,
  NotFound = UG_CATEGORY_NOT_FOUND,
  Unauthorized = UG_CATEGORY_UNAUTHORIZED,
  PermissionDenied = UG_CATEGORY_PERMISSION_DENIED,
  RateLimited = UG_CATEGORY_RATE_LIMITED,
  IdempotencyConflict = UG_CATEGORY_IDEMPOTENCY_CONFLICT,
  ProviderUnavailable = UG_CATEGORY_PROVIDER_UNAVAILABLE,
  UnknownOutcome = UG_CATEGORY_UNKNOWN_OUTCOME,
  NotSupported = UG_CATEGORY_NOT_SUPPORTED,
  LimitExceeded = UG_CATEGORY_LIMIT_EXCEEDED,
  Duplicate = UG_CATEGORY_DUPLICATE,
  BadResponse = UG_CATEGORY_BAD_RESPONSE,
  ProviderError = UG_CATEGORY_PROVIDER_ERROR,
};

// What became of the operation at the provider.
enum class Outcome : std::uint32_t {
  Unknown = UG_OUTCOME_UNKNOWN,           // may or may not have happened
  Declined = UG_OUTCOME_DECLINED,         // the provider decided: no
  NotExecuted = UG_OUTCOME_NOT_EXECUTED,  // proven: nothing happened
};

enum class Retry : std::uint32_t {
  Never = UG_RETRY_NEVER,
  SameKey = UG_RETRY_SAME_KEY,
  NewRequest = UG_RETRY_NEW_REQUEST,
};

// The name of a category as transcripts and unified resources write it, e.g. "card_declined".
inline std::string_view categoryName(Category category) {
  switch (category) {
    case Category::CardDeclined:
      return "card_declined";
    case Category::InsufficientFunds:
      return "insufficient_funds";
    case Category::AuthenticationRequired:
      return "authentication_required";
    case Category::ExpiredCard:
      return "expired_card";
    case Category::IncorrectCardData:
      return "incorrect_card_data";
    case Category::FraudSuspected:
      return "fraud_suspected";
    case Category::InvalidRequest:
      return "invalid_request";
    case Category::InvalidState:
      return "invalid_state";
    case Category::NotFound:
      return "not_found";
    case Category::Unauthorized:
      return "unauthorized";
    case Category::PermissionDenied:
      return "permission_denied";
    case Category::RateLimited:
      return "rate_limited";
    case Category::IdempotencyConflict:
      return "idempotency_conflict";
    case Category::ProviderUnavailable:
      return "provider_unavailable";
    case Category::UnknownOutcome:
      return "unknown_outcome";
    case Category::NotSupported:
      return "not_supported";
    case Category::LimitExceeded:
      return "limit_exceeded";
    case Category::Duplicate:
      return "duplicate";
    case Category::BadResponse:
      return "bad_response";
    case Category::ProviderError:
      return "provider_error";
    case Category::Unspecified:
      break;
  }
  return "unspecified";
}

// A refusal or a failure. Made by one of the builders, then refined: `Error::declined(...)
// .withProviderCode("card_declined")`. Texts are UTF-8 and never hold a secret or card data.
struct Error {
  Category category = Category::Unspecified;
  Outcome outcome = Outcome::Unknown;
  Retry retry = Retry::Never;
  std::uint32_t retryAfterMs = 0;  // 0: no advice
  std::uint32_t httpStatus = 0;    // 0: the SDK puts in the status of the last answer
  std::string message;             // for a developer
  std::string field;               // the unified field at fault, e.g. "amount"
  std::string providerCode;        // verbatim
  std::string declineCode;         // verbatim
  std::string requestId;           // empty: the SDK takes it from the last answer
  std::string resourceJson;        // the unified resource after the refusal, or empty
  // The outcome speaks of the whole operation, all earlier attempts included. Without it the SDK
  // turns NotExecuted into Unknown while an operation is being recovered: that this attempt was
  // not carried out says nothing of an earlier one.
  bool provenForAllAttempts = false;

  // The provider said no; nothing will happen.
  static Error declined(Category category, std::string message) {
    return make(category, Outcome::Declined, Retry::Never, std::move(message));
  }
  // Nothing happened, for certain; the same request may be sent again.
  static Error notExecuted(Category category, std::string message) {
    return make(category, Outcome::NotExecuted, Retry::SameKey, std::move(message));
  }
  // It may or may not have happened.
  static Error unknown(Category category, std::string message) {
    return make(category, Outcome::Unknown, Retry::SameKey, std::move(message));
  }
  // The adapter itself refuses an input before anything is sent. Say what to do instead.
  static Error invalidRequest(std::string field, std::string message) {
    Error error =
        make(Category::InvalidRequest, Outcome::NotExecuted, Retry::NewRequest, std::move(message));
    error.field = std::move(field);
    return error;
  }
  // The provider has no such thing.
  static Error notSupported(std::string field, std::string message) {
    Error error =
        make(Category::NotSupported, Outcome::NotExecuted, Retry::NewRequest, std::move(message));
    error.field = std::move(field);
    return error;
  }
  // The provider's answer can't be understood, so what happened is not known.
  static Error badResponse(std::string message) {
    return make(Category::BadResponse, Outcome::Unknown, Retry::SameKey, std::move(message));
  }
  // The answer to UG_RECOVERING_QUERY when the provider certainly never carried the operation out.
  static Error neverHappened(std::string message) {
    Error error =
        make(Category::NotFound, Outcome::NotExecuted, Retry::SameKey, std::move(message));
    error.provenForAllAttempts = true;
    return error;
  }

  Error&& withRetry(Retry value) && {
    retry = value;
    return std::move(*this);
  }
  Error&& withRetryAfterMs(std::uint32_t ms) && {
    retryAfterMs = ms;
    return std::move(*this);
  }
  Error&& withField(std::string name) && {
    field = std::move(name);
    return std::move(*this);
  }
  Error&& withProviderCode(std::string code) && {
    providerCode = std::move(code);
    return std::move(*this);
  }
  Error&& withDeclineCode(std::string code) && {
    declineCode = std::move(code);
    return std::move(*this);
  }
  Error&& withResource(std::string json) && {
    resourceJson = std::move(json);
    return std::move(*this);
  }
  Error&& proven() && {
    provenForAllAttempts = true;
    return std::move(*this);
  }

 private:
  static Error make(Category category, Outcome outcome, Retry retry, std::string message) {
    Error error;
    error.category = category;
    error.outcome = outcome;
    error.retry = retry;
    error.message = std::move(message);
    return error;
  }
};

// A value or an Error. Look before you take: `if (!result) return result.error();`.
template <typename T>
class Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return content_.index() == 0; }
  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(content_); }
  const Error& error() const& { return std::get<1>(content_); }
  Error&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, Error> content_;
};

}  // namespace unigate::sdk
