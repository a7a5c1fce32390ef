// What a payer does with an invoice; for the switches.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

// Pays all that is due. Throws 422 for an invoice that cannot be paid.
void payInvoice(World& world, Account& account, Json& invoice, const std::string& origin);

}  // namespace simulators::paypal
