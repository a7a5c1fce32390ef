// What Twilio's webhooks tell, in the unified model. They carry no event name, so the parameter
// that tells the news and its value make one. The manifest lists the same; a test compares them.
#pragma once

#include <array>
#include <string_view>

namespace twilio {

struct EventName {
  std::string_view twilio;
  std::string_view unified;
  std::string_view resourceKind;
};

inline constexpr std::string_view kInboundMessage = "SmsStatus=received";
inline constexpr std::string_view kMessageNews = "MessageStatus=";
inline constexpr std::string_view kCallNews = "CallStatus=";
inline constexpr std::string_view kVerificationNews = "VerificationStatus=";

inline constexpr std::array kEventNames = {
    EventName{"SmsStatus=received", "message.received", "message"},
    EventName{"MessageStatus=accepted", "message.queued", "message"},
    EventName{"MessageStatus=queued", "message.queued", "message"},
    EventName{"MessageStatus=scheduled", "message.scheduled", "message"},
    EventName{"MessageStatus=sending", "message.sending", "message"},
    EventName{"MessageStatus=sent", "message.sent", "message"},
    EventName{"MessageStatus=partially_delivered", "message.sent", "message"},
    EventName{"MessageStatus=delivered", "message.delivered", "message"},
    EventName{"MessageStatus=read", "message.read", "message"},
    EventName{"MessageStatus=undelivered", "message.failed", "message"},
    EventName{"MessageStatus=failed", "message.failed", "message"},
    EventName{"MessageStatus=canceled", "message.canceled", "message"},
    EventName{"CallStatus=queued", "call.queued", "call"},
    EventName{"CallStatus=initiated", "call.queued", "call"},
    EventName{"CallStatus=ringing", "call.ringing", "call"},
    EventName{"CallStatus=in-progress", "call.in_progress", "call"},
    EventName{"CallStatus=completed", "call.completed", "call"},
    EventName{"CallStatus=busy", "call.busy", "call"},
    EventName{"CallStatus=no-answer", "call.no_answer", "call"},
    EventName{"CallStatus=failed", "call.failed", "call"},
    EventName{"CallStatus=canceled", "call.canceled", "call"},
    EventName{"VerificationStatus=pending", "verification.pending", "verification"},
    EventName{"VerificationStatus=approved", "verification.approved", "verification"},
    EventName{"VerificationStatus=canceled", "verification.canceled", "verification"},
    EventName{"VerificationStatus=expired", "verification.expired", "verification"},
    EventName{"VerificationStatus=failed", "verification.failed", "verification"},
    EventName{"VerificationStatus=max_attempts_reached", "verification.max_attempts_reached",
              "verification"},
};

}  // namespace twilio
