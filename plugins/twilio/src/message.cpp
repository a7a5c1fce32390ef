#include "message.hpp"

#include <array>
#include <utility>

#include "errors.hpp"

namespace twilio {

namespace {

using Status = sdk::MessageStatus;

constexpr std::array<sdk::StatusName<Status>, 12> kStatuses = {{
    {"accepted", Status::Queued},
    {"queued", Status::Queued},
    {"scheduled", Status::Scheduled},
    {"sending", Status::Sending},
    {"sent", Status::Sent},
    {"partially_delivered", Status::Sent},
    {"delivered", Status::Delivered},
    {"read", Status::Delivered},
    {"undelivered", Status::Failed},
    {"failed", Status::Failed},
    {"canceled", Status::Canceled},
    {"received", Status::Received},
}};

std::optional<sdk::Direction> directionOf(std::string_view word) {
  if (word == "inbound") return sdk::Direction::Inbound;
  if (word.substr(0, 8) == "outbound") return sdk::Direction::Outbound;
  return std::nullopt;
}

}  // namespace

bool isMessageSid(std::string_view id) {
  return isSid(id, kSms) || isSid(id, kMms);
}

sdk::Result<std::string> messagePath(const sdk::Call& call, std::string_view id) {
  if (!isMessageSid(id)) {
    return sdk::Error::invalidRequest(
        "provider_id", "'provider_id' is no message of Twilio: it must start with 'SM' or 'MM'");
  }
  return accountPath(call, "/Messages/" + std::string(id) + ".json");
}

sdk::MessageStatus messageStatusOf(std::string_view word) {
  return sdk::mapStatus(kStatuses, word);
}

sdk::Result<sdk::Message> messageOf(json::View object, bool live) {
  sdk::Message message;
  message.providerId = std::string(object["sid"].stringOr(""));
  if (!isMessageSid(message.providerId)) {
    return sdk::Error::badResponse("Twilio's answer is no message");
  }
  message.status = messageStatusOf(object["status"].stringOr(""));
  const std::string_view to = object["to"].stringOr("");
  const std::string_view from = object["from"].stringOr("");
  message.channel =
      isWhatsapp(to) || isWhatsapp(from) ? sdk::MessageChannel::Whatsapp : sdk::MessageChannel::Sms;
  message.to = withoutChannel(to);
  if (!from.empty()) message.from = withoutChannel(from);
  if (const auto body = object["body"].string()) message.body = std::string(*body);
  message.segments = countOf(object["num_segments"].stringOr(""));
  message.mediaCount = countOf(object["num_media"].stringOr(""));
  message.messagingService = textOf(object["messaging_service_sid"]);
  message.direction = directionOf(object["direction"].stringOr(""));
  message.cost = costOf(object["price"], object["price_unit"]);
  if (const auto code = object["error_code"].int64(); code && *code != 0) {
    message.failure = failureOf(std::to_string(*code), object["error_message"].stringOr(""));
  }
  message.sentUnixS = timeOf(object["date_sent"]);
  message.livemode = live;
  message.createdUnixS = timeOf(object["date_created"]).value_or(0);
  return message;
}

sdk::Result<sdk::Message> readMessage(const sdk::HttpResponse& response, std::string_view id,
                                      const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  sdk::Result<sdk::Message> message = messageOf(document.root(), call.live);
  if (message && !id.empty() && message->providerId != id) {
    return sdk::Error::badResponse("Twilio answered with another message");
  }
  return message;
}

}  // namespace twilio
