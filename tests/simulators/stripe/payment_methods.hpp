// How a request names the card that pays: a test card, a stored payment method, or card data in the
// request.
#pragma once

#include "stripe/call.hpp"

namespace simulators::stripe {

// Stores a new payment method from "type", "card", "billing_details" ... below `data`; `path` names
// it in errors.
std::shared_ptr<const PaymentMethod> newMethod(Call& call, const FormNode& data,
                                               const std::string& path);

// The method that payment_method or payment_method_data gives, for a payment of that customer;
// kNone if neither is there.
Index methodParameter(Call& call, Index customer);

}  // namespace simulators::stripe
