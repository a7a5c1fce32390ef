// Twilio's message as the unified one. Used by all operations on messages and by the webhooks.
#pragma once

#include "wire.hpp"

namespace twilio {

// Ids of messages: SMS and MMS.
inline constexpr std::string_view kSms = "SM";
inline constexpr std::string_view kMms = "MM";

bool isMessageSid(std::string_view id);

// "/2010-04-01/Accounts/<account>/Messages/<id>.json"; refuses an id that is none.
sdk::Result<std::string> messagePath(const sdk::Call& call, std::string_view id);

// A word that is not in the table is processing.
sdk::MessageStatus messageStatusOf(std::string_view word);

sdk::Result<sdk::Message> messageOf(json::View object, bool live);

// The message of an answer; `id`: the one that was asked for, empty for a new one.
sdk::Result<sdk::Message> readMessage(const sdk::HttpResponse& response, std::string_view id,
                                      const sdk::Call& call);

}  // namespace twilio
