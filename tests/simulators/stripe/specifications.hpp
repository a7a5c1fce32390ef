// The parameters that the API takes at version 2026-07-29, in the language of
// common/specification.hpp; two levels deep, what lies below is not looked into. The table of
// operations reads it.
#pragma once

#include <string>
#include <string_view>

namespace simulators::stripe {

// By method and path, with "*" for an id: "POST /v1/prices/*".
std::string_view specificationOf(std::string_view operation);

}  // namespace simulators::stripe
