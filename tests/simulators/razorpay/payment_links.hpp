// Payment links; Checkout of a link is in checkout.cpp.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// The status after a payment or at its end of life.
void linkPaid(Host& host, Book& book, Json& link, const Json& payment);

}  // namespace simulators::razorpay
