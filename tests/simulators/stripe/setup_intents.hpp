// Setup intents: cards that are set up for later payments.
#pragma once

#include "stripe/call.hpp"

namespace simulators::stripe {

// The payer's answer to the challenge of one that requires action.
void completeSetup(Call& call, Json& setup, bool passed);

}  // namespace simulators::stripe
