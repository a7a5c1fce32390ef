// Makes the simulated providers. main() starts those whose port the command line names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/provider.hpp"

namespace simulators {

// `acceptedKeys` are the values of --<provider>-key; none: every well-formed credential is an
// account of its own.
std::unique_ptr<Provider> makeStripe(Services services, std::vector<std::string> acceptedKeys);
std::unique_ptr<Provider> makeRazorpay(Services services, std::vector<std::string> acceptedKeys);
std::unique_ptr<Provider> makePaypal(Services services, std::vector<std::string> acceptedKeys);
std::unique_ptr<Provider> makeTwilio(Services services, std::vector<std::string> acceptedKeys);

}  // namespace simulators
