// Twilio's call as the unified one. Used by all operations on calls and by the webhooks.
#pragma once

#include "wire.hpp"

namespace twilio {

inline constexpr std::string_view kCallPrefix = "CA";

// "/2010-04-01/Accounts/<account>/Calls/<id>.json"; refuses an id that is none.
sdk::Result<std::string> callPath(const sdk::Call& call, std::string_view id);

// A word that is not in the table is processing.
sdk::CallStatus callStatusOf(std::string_view word);
// Twilio's word for a unified status; empty where it has none.
std::string_view callWordOf(std::string_view unifiedStatus);

sdk::Result<sdk::PhoneCall> phoneCallOf(json::View object, bool live);

// The call of an answer; `id`: the one that was asked for, empty for a new one.
sdk::Result<sdk::PhoneCall> readPhoneCall(const sdk::HttpResponse& response, std::string_view id,
                                          const sdk::Call& call);

}  // namespace twilio
