// What a payer must do next, as payment and setup intents say it.
#pragma once

#include "wire.hpp"

namespace stripe {

// Reads a `next_action` object.
sdk::NextAction nextActionOf(json::View action);

}  // namespace stripe
