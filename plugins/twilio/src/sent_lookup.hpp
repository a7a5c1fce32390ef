// Looks for what a lost send made at Twilio, by all that its lists tell: recipient, sender, content
// and time. Used when the gateway asks what became of messages.create and calls.create. Twilio
// keeps nothing of ours with them, so only one that fits in everything, and is the only one,
// counts. Several leave the outcome unknown; where there is none, the gateway asks an operator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire.hpp"

namespace twilio {

// How a list is named and what its time filter is.
struct SentKind {
  std::string_view list;       // member of the answer
  std::string_view timeAfter;  // the sign is part of the name
  std::string_view sentAt;     // member of an object: null until it has left
  std::string_view label;
};
inline constexpr SentKind kSentMessages = {"messages", "DateSent>", "date_sent", "messages.list"};
inline constexpr SentKind kSentCalls = {"calls", "StartTime>", "start_time", "calls.list"};

// The state of one look-up. Addresses are as Twilio writes them; empty text is no condition.
struct SentLookup {
  SentKind kind = kSentMessages;
  std::string path;
  std::string to;
  std::string from;
  std::string service;
  std::string body;
  std::int64_t mediaCount = 0;
  bool later = false;  // scheduled: it has not left yet
  bool live = false;
  // The unified resource of an object that fits, else empty.
  std::optional<std::string> (*match)(json::View object, const SentLookup& lookup) = nullptr;

  std::int64_t earliest = 0;  // Unix seconds of when it was created
  std::int64_t latest = 0;
  bool undated = false;  // reading the list without a time: what has not left yet
  std::vector<std::string> sids;
  std::string resourceJson;
};

sdk::Step startSentLookup(SentLookup& lookup, const std::optional<std::int64_t>& createdUnixS,
                          const sdk::Call& call);

// Reads a page: asks for the next one, or ends with the only one that fits or an unknown outcome.
sdk::Step nextSentLookup(SentLookup& lookup, const sdk::HttpResponse& response,
                         const sdk::Call& call);

}  // namespace twilio
