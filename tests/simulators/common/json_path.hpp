// Reading and showing JSON objects that a provider keeps as documents.
#pragma once

#include <string>
#include <string_view>

#include "common/json_value.hpp"

namespace simulators {

// The value at "purchase_units.0.amount"; null where the way ends.
const Json& dig(const Json& from, std::string_view path);
// The text there; empty if there is none.
std::string digText(const Json& from, std::string_view path);
// Copies the named members that are there and not null.
void take(Json& to, const Json& from, std::initializer_list<const char*> names);
// Without the members whose names begin with an underscore: what the simulator remembers.
Json shown(const Json& object);

}  // namespace simulators
