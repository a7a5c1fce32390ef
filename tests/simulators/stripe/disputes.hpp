// Disputes: opened by what magic cards pay, or by a control endpoint.
#pragma once

#include "stripe/call.hpp"

namespace simulators::stripe {

// The payer of the charge disputes it a moment after it succeeded.
void disputeSoon(Call& call, Index charge);

}  // namespace simulators::stripe
