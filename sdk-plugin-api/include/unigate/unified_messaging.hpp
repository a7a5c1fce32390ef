// The unified results of messages, calls, one-time codes, number look-up, search.
// The JSON forms are in sdk-plugin-api/schemas/unified.json. Amounts are minor units, times Unix
// seconds; an absent optional is left out: the provider does not tell.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/unified.hpp>
#include <vector>

namespace unigate::sdk {

// What the provider charges us.
struct Cost {
  std::string value;
  std::string currency;
};

inline void writeJson(json::Writer& out, const Cost& value) {
  out.beginObject();
  out.member("value", value.value);
  out.member("currency", value.currency);
  out.endObject();
}

enum class MessageStatus {
  Processing,
  Queued,
  Scheduled,
  Sending,
  Sent,
  Delivered,
  Failed,
  Canceled,
  Received
};

constexpr std::array<std::string_view, 9> wordsOf(MessageStatus) {
  return {"processing", "queued", "scheduled", "sending", "sent",
          "delivered",  "failed", "canceled",  "received"};
}

enum class MessageChannel { Sms, Whatsapp };

constexpr std::array<std::string_view, 2> wordsOf(MessageChannel) {
  return {"sms", "whatsapp"};
}

enum class Direction { Outbound, Inbound };

constexpr std::array<std::string_view, 2> wordsOf(Direction) {
  return {"outbound", "inbound"};
}

struct Message {
  std::string providerId;
  MessageStatus status = MessageStatus::Processing;  // A provider's unknown word is processing.
  MessageChannel channel = MessageChannel::Sms;
  std::optional<std::string> from;
  std::string to;
  std::optional<std::string> body;
  std::optional<std::int64_t> segments;
  std::optional<std::int64_t> mediaCount;
  std::optional<std::string> messagingService;
  std::optional<Direction> direction;
  std::optional<Cost> cost;
  std::optional<Failure> failure;
  std::optional<std::int64_t> sentUnixS;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Message& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  out.member("channel", wordOf(value.channel));
  detail::writeIf(out, "from", value.from);
  out.member("to", value.to);
  detail::writeIf(out, "body", value.body);
  detail::writeIf(out, "segments", value.segments);
  detail::writeIf(out, "media_count", value.mediaCount);
  detail::writeIf(out, "messaging_service", value.messagingService);
  if (value.direction) out.member("direction", wordOf(*value.direction));
  if (value.cost) {
    out.key("cost");
    writeJson(out, *value.cost);
  }
  out.key("failure");
  value.failure ? writeJson(out, *value.failure) : void(out.null());
  detail::writeIf(out, "sent_unix_s", value.sentUnixS);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class CallStatus {
  Processing,
  Queued,
  Ringing,
  InProgress,
  Completed,
  Busy,
  NoAnswer,
  Failed,
  Canceled
};

constexpr std::array<std::string_view, 9> wordsOf(CallStatus) {
  return {"processing", "queued",    "ringing", "in_progress", "completed",
          "busy",       "no_answer", "failed",  "canceled"};
}

// A telephone call.
struct PhoneCall {
  std::string providerId;
  CallStatus status = CallStatus::Processing;
  std::optional<std::string> from;
  std::string to;
  std::optional<Direction> direction;
  std::optional<std::int64_t> durationS;
  std::optional<std::string> answeredBy;
  std::optional<Cost> cost;
  std::optional<std::int64_t> startedUnixS;
  std::optional<std::int64_t> endedUnixS;
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const PhoneCall& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  detail::writeIf(out, "from", value.from);
  out.member("to", value.to);
  if (value.direction) out.member("direction", wordOf(*value.direction));
  detail::writeIf(out, "duration_s", value.durationS);
  detail::writeIf(out, "answered_by", value.answeredBy);
  if (value.cost) {
    out.key("cost");
    writeJson(out, *value.cost);
  }
  detail::writeIf(out, "started_unix_s", value.startedUnixS);
  detail::writeIf(out, "ended_unix_s", value.endedUnixS);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

enum class VerificationStatus {
  Unknown,
  Pending,
  Approved,
  Canceled,
  Expired,
  Failed,
  MaxAttemptsReached
};

constexpr std::array<std::string_view, 7> wordsOf(VerificationStatus) {
  return {
      "unknown", "pending", "approved", "canceled", "expired", "failed", "max_attempts_reached"};
}

enum class VerificationChannel { Sms, Call, Email, Whatsapp, Other };

constexpr std::array<std::string_view, 5> wordsOf(VerificationChannel) {
  return {"sms", "call", "email", "whatsapp", "other"};
}

// A one-time code sent to somebody.
struct Verification {
  std::string providerId;
  VerificationStatus status = VerificationStatus::Unknown;
  std::string to;
  VerificationChannel channel = VerificationChannel::Sms;
  std::optional<bool> valid;  // Of a check: whether the code was right.
  bool livemode = false;
  std::int64_t createdUnixS = 0;  // 0: this answer of the provider does not tell.
};

inline void writeJson(json::Writer& out, const Verification& value) {
  out.beginObject();
  out.member("provider_id", value.providerId);
  out.member("status", wordOf(value.status));
  out.member("to", value.to);
  out.member("channel", wordOf(value.channel));
  detail::writeIf(out, "valid", value.valid);
  out.member("livemode", value.livemode);
  out.member("created_unix_s", value.createdUnixS);
  out.endObject();
}

// What is known of a telephone number.
struct Lookup {
  std::string phoneNumber;  // E.164.
  bool valid = false;
  std::optional<std::string> country;
  std::optional<std::string> callingCountryCode;
  std::optional<std::string> nationalFormat;
  std::optional<std::string> lineType;
  std::optional<std::string> carrier;
  std::optional<std::string> callerName;
  std::optional<std::string> mobileCountryCode;
  std::optional<std::string> mobileNetworkCode;
  std::vector<std::string> validationErrors;
};

inline void writeJson(json::Writer& out, const Lookup& value) {
  out.beginObject();
  out.member("phone_number", value.phoneNumber);
  out.member("valid", value.valid);
  detail::writeIf(out, "country", value.country);
  detail::writeIf(out, "calling_country_code", value.callingCountryCode);
  detail::writeIf(out, "national_format", value.nationalFormat);
  detail::writeIf(out, "line_type", value.lineType);
  detail::writeIf(out, "carrier", value.carrier);
  detail::writeIf(out, "caller_name", value.callerName);
  detail::writeIf(out, "mobile_country_code", value.mobileCountryCode);
  detail::writeIf(out, "mobile_network_code", value.mobileNetworkCode);
  if (!value.validationErrors.empty())
    detail::writeTexts(out, "validation_errors", value.validationErrors);
  out.endObject();
}

// One hit of a search: `resourceJson` is the unified resource of that kind.
struct SearchResult {
  std::string kind;  // "payment", "customer", ...
  std::string resourceJson;
};

// A hit of any unified type.
template <typename T>
SearchResult searchResult(std::string_view kind, const T& resource) {
  return {std::string(kind), toJson(resource)};
}

inline void writeJson(json::Writer& out, const SearchResult& value) {
  out.beginObject().member("kind", value.kind).key("resource").rawJson(value.resourceJson);
  out.endObject();
}

}  // namespace unigate::sdk
