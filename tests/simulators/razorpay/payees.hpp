// RazorpayX: contacts and their fund accounts, to which payouts go.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// From the fields of a request, also of the one inside a payout. Throws a refusal.
Json& newContact(Call& call, const Json& wish);
Json& newFundAccount(Call& call, const Json& wish, const std::string& contact);

}  // namespace simulators::razorpay
