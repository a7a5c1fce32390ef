// The switches of a test under /__sim/twilio/.
#pragma once

#include "twilio/operations.hpp"

namespace simulators::twilio {

ApiAnswer steer(World& world, State& state, const ApiRequest& request);

}  // namespace simulators::twilio
