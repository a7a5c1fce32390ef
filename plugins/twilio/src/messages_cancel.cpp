// messages.cancel: POST /2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json, Status=canceled: for
// scheduled messages that have not left.
#include <utility>

#include "message.hpp"
#include "operations.hpp"

namespace twilio {

sdk::Result<sdk::HttpRequest> buildMessageCancel(const sdk::MessageCancel& in,
                                                 const sdk::Call& call) {
  auto path = messagePath(call, in.providerId);
  if (!path) return std::move(path).error();
  sdk::FormEncoder form;
  form.add("Status", "canceled");
  return post(kApi, std::move(*path), std::move(form), "messages.cancel");
}

sdk::Result<sdk::Message> parseMessageCancel(const sdk::HttpResponse& response,
                                             const sdk::MessageCancel& in, const sdk::Call& call) {
  return readMessage(response, in.providerId, call);
}

sdk::Result<sdk::HttpRequest> askMessageCancel(const sdk::MessageCancel& in,
                                               const sdk::Call& call) {
  return buildMessageGet({in.providerId}, call);
}

sdk::Result<sdk::Message> judgeMessageCancel(const sdk::HttpResponse& response,
                                             const sdk::MessageCancel& in, const sdk::Call& call) {
  sdk::Result<sdk::Message> message = readMessage(response, in.providerId, call);
  if (!message || message->status == sdk::MessageStatus::Canceled) return message;
  if (message->status == sdk::MessageStatus::Scheduled ||
      message->status == sdk::MessageStatus::Queued) {
    return sdk::Error::neverHappened("the message was not canceled");
  }
  if (message->status == sdk::MessageStatus::Processing) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome, "the message's status is not known");
  }
  return sdk::Error::declined(sdk::Category::InvalidState, "the message has left already")
      .withResource(sdk::toJson(*message))
      .proven();
}

}  // namespace twilio
