// What a payer does with a setup token; for the pages and the switches.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

// Throws 422 if the token does not wait for it.
void approveSetup(World& world, Json& setup);

}  // namespace simulators::paypal
