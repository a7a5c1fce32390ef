// How a message gets to its receiver as time goes by.
#pragma once

#include "twilio/call.hpp"

namespace simulators::twilio {

// Writes the message and its price to the ledger and lets it go its way.
void takeMessage(World& world, Account& account, const Json& message);
// Sets the status and posts it to the message's callback.
void setMessageStatus(World& world, Account& account, Json& message, const std::string& status);
std::int64_t messagePrice(const Json& message);
// In segments of 160 or 153 characters of the GSM alphabet, or of 70 or 67 others.
std::int64_t segmentsOf(std::string_view body);

}  // namespace simulators::twilio
