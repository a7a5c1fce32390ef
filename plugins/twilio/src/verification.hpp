// The words of a verification's status. Used by the verifications and by the webhooks.
#pragma once

#include "wire.hpp"

namespace twilio {

// A word that is not in the table is unknown.
sdk::VerificationStatus verificationStatusOf(std::string_view word);

}  // namespace twilio
