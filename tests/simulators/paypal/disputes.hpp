// Disputes about captures; opened and decided by the switches.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

Json& openDispute(World& world, Account& account, Json& capture, const std::string& reason,
                  const std::string& amountValue, const std::string& origin);
// With the outcome RESOLVED_BUYER_FAVOUR the money goes back to the buyer.
void resolveDispute(World& world, Account& account, Json& dispute, const std::string& outcome,
                    const std::string& origin);

}  // namespace simulators::paypal
