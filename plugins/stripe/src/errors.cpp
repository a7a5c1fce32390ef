#include "errors.hpp"

#include <string>
#include <utility>

#include "operations.hpp"
#include "payment_intent.hpp"

namespace stripe {

namespace {

using sdk::Category;
using sdk::Error;
using sdk::Outcome;
using sdk::Retry;

Category categoryOf(json::View error, std::uint32_t status) {
  const std::string_view code = error["code"].stringOr("");
  const std::string_view decline = error["decline_code"].stringOr("");
  const auto meaning = meaningOfCode(code);
  // The issuer's reason says more than the general "card_declined".
  if (!decline.empty() && (code.empty() || code == "card_declined")) {
    return categoryOfDecline(decline);
  }
  if (meaning) return meaning->category;
  const std::string_view type = error["type"].stringOr("");
  if (type == "card_error") return Category::CardDeclined;
  if (status == 403) return Category::PermissionDenied;
  if (status == 404) return Category::NotFound;
  // A code that is newer than this table: the type alone would claim to know whose fault it is.
  if (!code.empty()) return Category::ProviderError;
  return type == "invalid_request_error" ? Category::InvalidRequest : Category::ProviderError;
}

// Unified name of one of Stripe's parameters, so that a client reads its own words.
std::string fieldOf(std::string_view param) {
  struct Name {
    std::string_view stripe;
    std::string_view ours;
  };
  constexpr Name kNames[] = {
      {"payment_intent", "payment"},
      {"intent", "payment"},
      {"amount_to_capture", "amount"},
      {"unit_amount", "amount"},
      {"line_items[0][price_data][unit_amount]", "amount"},
      {"items[0][price_data][unit_amount]", "amount"},
      {"line_items[0][price_data][currency]", "currency"},
      {"cancellation_reason", "reason"},
      {"statement_descriptor_suffix", "statement_descriptor"},
      {"default_payment_method", "payment_method"},
      {"items[0][price]", "plan"},
      {"items[0][quantity]", "quantity"},
      {"trial_period_days", "trial_days"},
      {"trial_end", "start_at"},
      {"recurring[interval]", "interval"},
      {"recurring[interval_count]", "interval_count"},
      {"product_data[name]", "name"},
      {"success_url", "return_url"},
      {"method", "mode"},
      {"enabled_events", "events"},
  };
  for (const Name& name : kNames) {
    if (name.stripe == param) return std::string(name.ours);
  }
  return std::string(param);
}

// Refusals by their status alone, whatever the body says.
std::optional<Error> byStatus(const sdk::HttpResponse& response, json::View error) {
  const std::string message(error["message"].stringOr("Stripe refused without a reason"));
  const std::uint32_t status = response.status();
  if (status == 401) {
    return Error::notExecuted(Category::Unauthorized, message).withRetry(Retry::Never);
  }
  if (status >= 500) {
    Error lost = Error::unknown(Category::ProviderUnavailable, message)
                     .withRetryAfterMs(response.retryAfterMs());
    // Stripe replays its first answer for a key, a 500 too: sending again can't tell more.
    if (response.header("Idempotent-Replayed").value_or("") == "true") lost.retry = Retry::Never;
    return lost;
  }
  if (status < 400) {
    return Error::badResponse("Stripe answered with status " + std::to_string(status));
  }
  return std::nullopt;
}

// Refusals that leave open what became of the operation.
std::optional<Error> open(const sdk::HttpResponse& response, json::View error) {
  const std::string message(error["message"].stringOr("Stripe refused without a reason"));
  const std::string_view code = error["code"].stringOr("");
  // A request with this key is still running.
  if (code == "idempotency_key_in_use") {
    return Error::unknown(Category::IdempotencyConflict, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  // Our key is made of our operation and sent with nothing else, so another request with it was an
  // earlier attempt of this very operation, e.g. by an older adapter that wrote it differently. It
  // may have moved money, and no resend will ever be answered: only a query can tell.
  if (error["type"].stringOr("") == "idempotency_error") {
    return Error::unknown(Category::IdempotencyConflict, message).withRetry(Retry::Never);
  }
  const bool tooMany = response.status() == 429 && error["type"].stringOr("") != "card_error";
  if (tooMany || code == "lock_timeout") {
    return Error::notExecuted(Category::RateLimited, message)
        .withRetryAfterMs(response.retryAfterMs());
  }
  if (response.status() == 409 || response.status() == 408 ||
      error["type"].stringOr("") == "api_error") {
    return Error::unknown(Category::ProviderError, message);
  }
  return std::nullopt;
}

Error refusal(const sdk::HttpResponse& response, json::View error) {
  if (auto known = byStatus(response, error)) return std::move(*known);
  if (auto known = open(response, error)) return std::move(*known);
  // A proxy between may have written this: no proof that Stripe refused.
  if (!error["type"].isString()) return Error::badResponse("Stripe's refusal can't be understood");
  const auto meaning = meaningOfCode(error["code"].stringOr(""));
  Error declined = Error::declined(categoryOf(error, response.status()),
                                   std::string(error["message"].stringOr("")));
  declined.outcome = meaning ? meaning->outcome : Outcome::Declined;
  declined.retry = meaning ? meaning->retry : Retry::Never;
  if (error["type"].stringOr("") == "card_error") declined.retry = Retry::NewRequest;
  return declined;
}

}  // namespace

Error errorOf(const sdk::HttpResponse& response, std::string_view kind) {
  json::Document document;
  // A body that is no JSON leaves an empty view, which every look-up bears.
  const json::View error = response.json(document) ? document["error"] : json::View();
  Error result = refusal(response, error);
  result.httpStatus = response.status();
  result.providerCode = std::string(error["code"].stringOr(error["type"].stringOr("")));
  result.declineCode = std::string(error["decline_code"].stringOr(""));
  result.field = fieldOf(error["param"].stringOr(""));
  const json::View intent = kind.empty() ? json::View() : error[kind];
  if (kind == "payment_intent" && intent.isObject()) {
    if (auto payment = paymentOf(intent)) result.resourceJson = sdk::toJson(*payment);
  }
  if (kind == "setup_intent" && intent.isObject()) {
    if (auto setup = setupIntentOf(intent)) result.resourceJson = sdk::toJson(*setup);
  }
  return result;
}

sdk::Failure failureOf(json::View lastPaymentError) {
  sdk::Failure failure;
  constexpr std::uint32_t kRefusedPayment = 402;
  failure.category = categoryOf(lastPaymentError, kRefusedPayment);
  failure.providerCode =
      std::string(lastPaymentError["code"].stringOr(lastPaymentError["type"].stringOr("")));
  failure.declineCode = textOf(lastPaymentError["decline_code"]);
  failure.providerMessage = std::string(lastPaymentError["message"].stringOr(""));
  return failure;
}

Error declinedBy(const sdk::Failure& failure) {
  return Error::declined(failure.category, failure.providerMessage)
      .withRetry(Retry::NewRequest)
      .withProviderCode(failure.providerCode)
      .withDeclineCode(failure.declineCode.value_or(""));
}

}  // namespace stripe
