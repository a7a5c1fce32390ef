// Stripe's payment_intent as a unified payment. Used by the payment operations, by refusals that
// carry one, and by webhooks.
#pragma once

#include <string>
#include <string_view>

#include "wire.hpp"

namespace stripe {

// Reads a payment_intent object; an Error of an unknown outcome if it can't be understood.
sdk::Result<sdk::Payment> paymentOf(json::View intent);

// The payment in a 2xx answer; it must be the one with `providerId`, if that is not empty.
sdk::Result<sdk::Payment> readPayment(const sdk::HttpResponse& response,
                                      std::string_view providerId);

}  // namespace stripe
