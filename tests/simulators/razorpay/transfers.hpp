// Transfers to linked accounts (Route), made by themselves, from payments or with orders.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// `wish` holds account, amount, currency and the rest of one transfer; `source` is what the money
// comes from. Money moves at once unless the status is "created".
Json& newTransfer(Call& call, const Json& wish, const std::string& source,
                  const std::string& status);

}  // namespace simulators::razorpay
