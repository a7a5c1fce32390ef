#include "phone_call.hpp"

#include <array>
#include <utility>

namespace twilio {

namespace {

using Status = sdk::CallStatus;

constexpr std::array<sdk::StatusName<Status>, 9> kStatuses = {{
    {"queued", Status::Queued},
    {"initiated", Status::Queued},
    {"ringing", Status::Ringing},
    {"in-progress", Status::InProgress},
    {"completed", Status::Completed},
    {"busy", Status::Busy},
    {"no-answer", Status::NoAnswer},
    {"failed", Status::Failed},
    {"canceled", Status::Canceled},
}};

}  // namespace

sdk::Result<std::string> callPath(const sdk::Call& call, std::string_view id) {
  if (auto problem = checkSid(id, kCallPrefix, "provider_id", "call")) return std::move(*problem);
  return accountPath(call, "/Calls/" + std::string(id) + ".json");
}

sdk::CallStatus callStatusOf(std::string_view word) {
  return sdk::mapStatus(kStatuses, word);
}

std::string_view callWordOf(std::string_view unifiedStatus) {
  for (const auto& [word, status] : kStatuses) {
    if (sdk::wordOf(status) == unifiedStatus) return word;
  }
  return {};
}

sdk::Result<sdk::PhoneCall> phoneCallOf(json::View object, bool live) {
  sdk::PhoneCall call;
  call.providerId = std::string(object["sid"].stringOr(""));
  if (!isSid(call.providerId, kCallPrefix)) {
    return sdk::Error::badResponse("Twilio's answer is no call");
  }
  call.status = callStatusOf(object["status"].stringOr(""));
  call.from = textOf(object["from"]);
  call.to = std::string(object["to"].stringOr(""));
  const std::string_view direction = object["direction"].stringOr("");
  if (direction == "inbound") call.direction = sdk::Direction::Inbound;
  if (direction.substr(0, 8) == "outbound") call.direction = sdk::Direction::Outbound;
  call.durationS = countOf(object["duration"].stringOr(""));
  call.answeredBy = textOf(object["answered_by"]);
  call.cost = costOf(object["price"], object["price_unit"]);
  call.startedUnixS = timeOf(object["start_time"]);
  call.endedUnixS = timeOf(object["end_time"]);
  call.livemode = live;
  call.createdUnixS = timeOf(object["date_created"]).value_or(0);
  return call;
}

sdk::Result<sdk::PhoneCall> readPhoneCall(const sdk::HttpResponse& response, std::string_view id,
                                          const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  sdk::Result<sdk::PhoneCall> read = phoneCallOf(document.root(), call.live);
  if (read && !id.empty() && read->providerId != id) {
    return sdk::Error::badResponse("Twilio answered with another call");
  }
  return read;
}

}  // namespace twilio
