// What a receiver of a payout does; for the switches.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

// Takes an unclaimed or held item. Throws 404 for another.
void claimPayout(World& world, Account& account, Json& item, const std::string& origin);

}  // namespace simulators::paypal
