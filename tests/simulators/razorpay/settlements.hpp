// Settlements: Razorpay's payouts of collected money to the merchant's bank, a day after the first
// capture they hold.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

void planSettlement(Host& host, Book& book);

}  // namespace simulators::razorpay
