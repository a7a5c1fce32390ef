#include "plugin_host/step.hpp"

#include <array>

namespace unigate::plugin_host {

std::string_view toText(Outcome outcome) {
  switch (outcome) {
    case Outcome::declined:
      return "declined";
    case Outcome::notExecuted:
      return "not_executed";
    case Outcome::unknown:
      break;
  }
  return "unknown";
}

std::string_view toText(RetryAdvice advice) {
  switch (advice) {
    case RetryAdvice::sameKey:
      return "same_key";
    case RetryAdvice::newRequest:
      return "new_request";
    case RetryAdvice::never:
      break;
  }
  return "never";
}

std::string_view categoryName(std::uint32_t category) {
  static constexpr std::array<std::string_view, 21> kNames = {"unspecified",
                                                              "card_declined",
                                                              "insufficient_funds",
                                                              "authentication_required",
                                                              "expired_card",
                                                              "incorrect_card_data",
                                                              "fraud_suspected",
                                                              "invalid_request",
                                                              "invalid_state",
                                                              "not_found",
                                                              "unauthorized",
                                                              "permission_denied",
                                                              "rate_limited",
                                                              "idempotency_conflict",
                                                              "provider_unavailable",
                                                              "unknown_outcome",
                                                              "not_supported",
                                                              "limit_exceeded",
                                                              "duplicate",
                                                              "bad_response",
                                                              "provider_error"};
  return category < kNames.size() ? kNames[category] : "provider_error";
}

}  // namespace unigate::plugin_host
