#include "gateway/replies.hpp"

#include <algorithm>
#include <array>
#include <unigate/json.hpp>

#include "base/card_guard.hpp"

namespace unigate::gateway {

namespace {

// What a category means to a client: status, and the sentence that says what to do.
struct Meaning {
  std::string_view category;
  int status;
  std::string_view code;
  std::string_view detail;
};

constexpr std::array kMeanings = {
    Meaning{"card_declined", 402, "card_declined",
            "The card was declined. Ask for another payment method."},
    Meaning{"insufficient_funds", 402, "insufficient_funds",
            "The card has insufficient funds. Ask for another payment method."},
    Meaning{"authentication_required", 402, "authentication_required",
            "The payer must authenticate: confirm the payment while the payer is present."},
    Meaning{"expired_card", 402, "expired_card",
            "The card has expired. Ask for another payment method."},
    Meaning{"incorrect_card_data", 402, "incorrect_card_data",
            "The card data are wrong. Ask the payer to enter them again."},
    Meaning{"fraud_suspected", 402, "fraud_suspected",
            "The payment was declined as suspected fraud. Do not tell the payer more than a "
            "generic decline."},
    Meaning{"limit_exceeded", 402, "limit_exceeded",
            "The amount is outside the limits of the account or the payment method."},
    Meaning{"invalid_request", 422, "provider_invalid_request",
            "The provider does not accept this request as it is."},
    Meaning{"invalid_state", 422, "invalid_state",
            "The resource is not in a state that allows this."},
    Meaning{"not_found", 422, "provider_not_found",
            "The provider does not know something that the request refers to."},
    Meaning{"duplicate", 422, "duplicate", "The provider has this already."},
    Meaning{"unauthorized", 502, "provider_credentials_refused",
            "The provider refuses the stored credentials. Store working ones with `unigate service "
            "set`."},
    Meaning{"permission_denied", 502, "provider_permission_denied",
            "The stored credentials do not permit this at the provider."},
    Meaning{"rate_limited", 503, "provider_rate_limited",
            "The provider limits the rate of requests. Nothing was executed; try again later."},
    Meaning{"provider_unavailable", 503, "provider_unavailable",
            "The provider can't be reached. Nothing was executed; try again later."},
    Meaning{"idempotency_conflict", 502, "provider_idempotency_conflict",
            "The provider reports a conflict of idempotency keys."},
    Meaning{"not_supported", 501, "not_supported", "The provider can't do this."},
    Meaning{"bad_response", 502, "provider_bad_response",
            "The provider's answer could not be understood."},
    Meaning{"unknown_outcome", 502, "provider_trouble", "The provider gave no clear answer."},
};
constexpr Meaning kOther{"provider_error", 422, "provider_error",
                         "The provider refused the request."};

const Meaning& meaningOf(std::string_view category) {
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(),
                                  [&](const Meaning& each) { return each.category == category; });
  return found == kMeanings.end() ? kOther : *found;
}

std::string jsonText(std::string_view text) {
  json::Writer out;
  out.value(text);
  return out.take();
}

}  // namespace

base::Problem problemFor(const CallResult& result, const std::string& provider,
                         const std::string& transactionId, bool read) {
  const plugin_host::ErrorInfo& error = result.error;
  const Meaning& meaning = meaningOf(error.category);
  base::Problem problem;
  problem.status = meaning.status;
  problem.code = meaning.code;
  problem.detail = meaning.detail;
  problem.param = error.field;
  const bool executed = result.outcome.verdict != engine::Verdict::notExecuted;
  if (result.trouble == Trouble::notSent && error.category == "provider_unavailable") {
    problem.detail = "The provider can't be reached. Nothing was executed; try again later.";
  } else if (read && result.trouble == Trouble::noAnswer) {
    problem.status = 504;
    problem.code = "provider_timeout";
    problem.detail =
        "The provider gave no complete answer in time. Nothing was changed; try again.";
  } else if (read && result.outcome.verdict == engine::Verdict::unknown) {
    problem.status = 502;
  }
  problem.retryable = read ? problem.status >= 502 && problem.code != "provider_credentials_refused"
                           : !executed && result.outcome.retrySameKey;
  if (problem.retryable || problem.status == 503) {
    problem.retryAfterSeconds =
        std::max<std::int64_t>(1, (result.outcome.retryAfterMs + 999) / 1000);
  }
  problem.members.emplace_back("provider", jsonText(provider));
  if (!error.providerCode.empty())
    problem.members.emplace_back("provider_code", jsonText(error.providerCode));
  if (!error.providerMessage.empty()) {
    problem.members.emplace_back("provider_message",
                                 jsonText(base::maskCardNumbers(error.providerMessage)));
  }
  if (!error.declineCode.empty())
    problem.members.emplace_back("decline_code", jsonText(error.declineCode));
  const std::string_view outcome = result.outcome.verdict == engine::Verdict::declined ? "declined"
                                   : result.outcome.verdict == engine::Verdict::notExecuted
                                       ? "not_executed"
                                   : read ? "not_executed"
                                          : "unknown";
  problem.members.emplace_back("outcome", jsonText(outcome));
  if (!transactionId.empty())
    problem.members.emplace_back("transaction_id", jsonText(transactionId));
  return problem;
}

}  // namespace unigate::gateway
