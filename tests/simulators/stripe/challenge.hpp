// The page of the simulated card issuer where a payer passes or fails 3-D Secure: GET
// /__sim/3ds/{payment}?outcome=succeed|fail.
#pragma once

#include <string>
#include <string_view>

#include "common/http_message.hpp"
#include "common/json_value.hpp"
#include "stripe/account.hpp"

namespace simulators::stripe {

inline constexpr std::string_view kChallengeRoot = "/__sim/3ds/";

enum class Outcome : std::uint8_t { kAsk, kPassed, kFailed, kUnknown };
Outcome outcomeOf(std::string_view query);

// The page with the two choices.
HttpResponse challengePage(std::string_view paymentId, const Payment& payment);
HttpResponse setupChallengePage(std::string_view setupId);
HttpResponse challengeProblem(unsigned status, std::string_view message);

// Where the payer goes afterwards: back to the merchant, or a closing page if no return URL was
// given.
HttpResponse challengeDone(const Account& account, const Payment& payment,
                           const std::string& returnUrl);
HttpResponse setupChallengeDone(const Json& setup, const std::string& returnUrl);

}  // namespace simulators::stripe
