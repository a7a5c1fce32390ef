// JSON Patch as PayPal takes it: add, replace and remove, and in a path selectors of an array's
// element: /purchase_units/@reference_id=='default'/amount.
#pragma once

#include "common/json_value.hpp"

namespace simulators::paypal {

// Throws the ApiProblem that PayPal answers with; the target may then be half changed.
void applyPatch(Json& target, const Json& patch);

}  // namespace simulators::paypal
