// Subscriptions and what simulated time does with them: created, authenticated by the payer, active
// and charged each cycle, pending and halted when charges fail, completed after the last.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// The payer authenticated the mandate: charges now, or at start_at if that lies ahead.
void subscriptionAuthenticated(Host& host, Book& book, Json& subscription);

// One charge of the current cycle, as the schedule makes it.
void chargeNow(Host& host, Book& book, Json& subscription, bool fails);

}  // namespace simulators::razorpay
