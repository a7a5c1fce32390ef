// The shapes of the objects that are kept as documents; the operations fill them.
#pragma once

#include <string>

#include "common/json_value.hpp"

namespace simulators::stripe {

// Throws std::logic_error for a kind that has no template.
Json blankObject(const std::string& kind);

}  // namespace simulators::stripe
