// messages.create: POST /2010-04-01/Accounts/{AccountSid}/Messages.json. Twilio knows no
// idempotency key for it, so a lost answer is never followed by another send.
#include <utility>

#include "message.hpp"
#include "operations.hpp"
#include "sent_lookup.hpp"

namespace twilio {

namespace {

sdk::MessageChannel channelOf(const sdk::MessageCreate& in) {
  if (in.channel) return *in.channel;
  return isWhatsapp(in.to) ? sdk::MessageChannel::Whatsapp : sdk::MessageChannel::Sms;
}

std::string addressOn(sdk::MessageChannel channel, std::string_view number) {
  const bool prefix = channel == sdk::MessageChannel::Whatsapp && !isWhatsapp(number);
  return std::string(prefix ? kWhatsapp : std::string_view()) + std::string(number);
}

// Who sends: a number, a messaging service that picks one, or the service with that number.
struct Sender {
  std::optional<std::string> number;
  std::optional<std::string> service;
};

sdk::Result<Sender> senderOf(const sdk::MessageCreate& in, const sdk::Call& call) {
  Sender sender;
  const std::string_view usualService = call.setting("messaging_service_sid");
  const std::string_view usualNumber = call.setting("from_number");
  sender.service = in.messagingService;
  if (in.from) sender.number = addressOn(channelOf(in), *in.from);
  if (!sender.service && !sender.number) {
    if (!usualService.empty()) {
      sender.service = std::string(usualService);
    } else if (!usualNumber.empty()) {
      sender.number = addressOn(channelOf(in), usualNumber);
    } else {
      return sdk::Error::invalidRequest(
          "from",
          "'from' is required: this account of Twilio has neither a 'from_number' nor a "
          "'messaging_service_sid'");
    }
  }
  // Only a messaging service can send later.
  if (in.sendAtUnixS && !sender.service && !usualService.empty()) {
    sender.service = std::string(usualService);
  }
  if (sender.service) {
    if (auto problem = checkSid(*sender.service, "MG", "messaging_service", "messaging service")) {
      return std::move(*problem);
    }
  }
  return sender;
}

std::optional<sdk::Error> checkContent(const sdk::MessageCreate& in, const Sender& sender) {
  if (in.to.empty()) return sdk::Error::invalidRequest("to", "'to' must not be empty");
  if (isWhatsapp(in.to) && channelOf(in) != sdk::MessageChannel::Whatsapp) {
    return sdk::Error::invalidRequest("channel",
                                      "'to' is a WhatsApp address; use channel whatsapp");
  }
  const bool body = in.body && !in.body->empty();
  if (!body && in.mediaUrls.empty() && !in.templateId) {
    return sdk::Error::invalidRequest("body",
                                      "a message needs 'body', 'media_urls' or 'template_id'");
  }
  if (in.templateId) {
    if (auto problem = checkSid(*in.templateId, "HX", "template_id", "content template")) {
      return problem;
    }
  } else if (!in.templateVariables.empty()) {
    return sdk::Error::invalidRequest("template_variables",
                                      "'template_variables' go with 'template_id'");
  }
  if (in.sendAtUnixS && !sender.service) {
    return sdk::Error::invalidRequest("messaging_service",
                                      "'send_at_unix_s' needs a 'messaging_service'");
  }
  return std::nullopt;
}

std::string variablesOf(const sdk::Metadata& variables) {
  json::Writer out;
  out.beginObject();
  for (const auto& [name, value] : variables) out.member(name, value);
  out.endObject();
  return out.take();
}

// Twilio puts this before whatever a trial account sends.
constexpr std::string_view kTrialPrefix = "Sent from your Twilio trial account - ";

bool sameBody(std::string_view theirs, std::string_view ours) {
  if (theirs == ours) return true;
  return theirs.substr(0, kTrialPrefix.size()) == kTrialPrefix &&
         theirs.substr(kTrialPrefix.size()) == ours;
}

std::optional<std::string> matchMessage(json::View object, const SentLookup& lookup) {
  const sdk::Result<sdk::Message> message = messageOf(object, lookup.live);
  if (!message || message->direction != sdk::Direction::Outbound) return std::nullopt;
  if (object["to"].stringOr("") != lookup.to) return std::nullopt;
  if (!lookup.from.empty() && object["from"].stringOr("") != lookup.from) return std::nullopt;
  if (!lookup.service.empty() && message->messagingService.value_or("") != lookup.service) {
    return std::nullopt;
  }
  if (!sameBody(message->body.value_or(""), lookup.body)) return std::nullopt;
  if (message->mediaCount.value_or(0) != lookup.mediaCount) return std::nullopt;
  return sdk::toJson(*message);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildMessageCreate(const sdk::MessageCreate& in,
                                                 const sdk::Call& call) {
  auto path = accountPath(call, "/Messages.json");
  if (!path) return std::move(path).error();
  const sdk::Result<Sender> sender = senderOf(in, call);
  if (!sender) return sender.error();
  if (auto problem = checkContent(in, *sender)) return std::move(*problem);
  sdk::FormEncoder form;
  form.add("To", addressOn(channelOf(in), in.to));
  form.add("StatusCallback", in.statusCallbackUrl);
  if (in.sendAtUnixS) {
    form.add("ScheduleType", "fixed").add("SendAt", timestamp::toRfc3339(*in.sendAtUnixS));
  }
  if (!in.templateVariables.empty()) {
    form.add("ContentVariables", variablesOf(in.templateVariables));
  }
  form.add("From", sender->number).add("MessagingServiceSid", sender->service);
  if (in.body && !in.body->empty()) form.add("Body", *in.body);
  for (const std::string& url : in.mediaUrls) form.add("MediaUrl", url);
  form.add("ContentSid", in.templateId);
  return post(kApi, std::move(*path), std::move(form), "messages.create");
}

sdk::Result<sdk::Message> parseMessageCreate(const sdk::HttpResponse& response,
                                             const sdk::MessageCreate&, const sdk::Call& call) {
  return readMessage(response, {}, call);
}

sdk::Step startMessageLookup(SentLookup& lookup, const sdk::MessageCreate& in,
                             const sdk::Call& call) {
  auto path = accountPath(call, "/Messages.json");
  if (!path) return std::move(path).error();
  const sdk::Result<Sender> sender = senderOf(in, call);
  if (!sender) return sender.error();
  if (in.templateId) {
    return sdk::Error::unknown(
        sdk::Category::UnknownOutcome,
        "Twilio fills templates in itself, so a lost message of one can't be "
        "told from others; look in Twilio's console");
  }
  lookup.kind = kSentMessages;
  lookup.path = std::move(*path);
  lookup.to = addressOn(channelOf(in), in.to);
  lookup.from = sender->number.value_or("");
  lookup.service = sender->service.value_or("");
  lookup.body = in.body.value_or("");
  lookup.mediaCount = static_cast<std::int64_t>(in.mediaUrls.size());
  lookup.later = in.sendAtUnixS.has_value();
  lookup.match = matchMessage;
  return startSentLookup(lookup, in.operationCreatedUnixS, call);
}

}  // namespace twilio
