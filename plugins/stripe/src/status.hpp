// Stripe's status words in the unified model. Used where objects are read.
#pragma once

#include <string_view>

#include "wire.hpp"

namespace stripe {

// Stripe has no failed status: a payment intent whose last attempt failed waits for another payment
// method and carries `last_payment_error`. Unknown words read as processing.
sdk::PaymentStatus paymentStatus(std::string_view word, bool lastAttemptFailed);

// Unknown words read as pending.
sdk::RefundStatus refundStatus(std::string_view word);

}  // namespace stripe
