// What needs no credentials: the pages of the payer, and the switches of a test under
// /__sim/paypal/.
#pragma once

#include "paypal/certificates.hpp"
#include "paypal/operations.hpp"

namespace simulators::paypal {

// Whether the path is the payer's page or a certificate.
bool isPage(std::string_view path);

ApiAnswer showPage(World& world, State& state, const Certificates& certificates,
                   const ApiRequest& request);
ApiAnswer steer(World& world, State& state, const Certificates& certificates,
                const ApiRequest& request);

}  // namespace simulators::paypal
