// Subscriptions, as Checkout makes them too.
#pragma once

#include <string>

#include "stripe/call.hpp"

namespace simulators::stripe {

// One that is paid by the method from now on; `items` are {"price":id,"quantity":n}. Throws the
// decline of its first charge.
Json& subscribe(Call& call, Index customer, const Json& items, const std::string& method,
                const Json& metadata);

}  // namespace simulators::stripe
