// What Twilio's webhooks say. They tell a part of a resource, so the unified resource in an event
// has the members that are known and no others.
#include <utility>

#include "errors.hpp"
#include "message.hpp"
#include "operations.hpp"
#include "phone_call.hpp"
#include "verification.hpp"
#include "webhook_events.hpp"
#include "webhook_form.hpp"

namespace twilio {

namespace {

// Parameters by name; what is absent reads as empty.
class News {
 public:
  explicit News(Parameters parameters) : parameters_(std::move(parameters)) {}

  std::string operator[](std::string_view name) const {
    return findParameter(parameters_, name).value_or("");
  }
  // The first of several names that has a value.
  std::string first(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (std::string value = (*this)[name]; !value.empty()) return value;
    }
    return {};
  }
  bool has(std::string_view name) const { return findParameter(parameters_, name).has_value(); }

 private:
  Parameters parameters_;
};

void addText(json::Writer& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out.member(name, value);
}

void addCount(json::Writer& out, std::string_view name, const std::string& value) {
  if (const auto count = countOf(value)) out.member(name, *count);
}

std::string messageJson(const News& news, std::string_view id, std::string_view status) {
  const std::string to = news["To"];
  const std::string from = news["From"];
  json::Writer out;
  out.beginObject().member("provider_id", id);
  out.member("status", sdk::wordOf(messageStatusOf(status)));
  out.member("channel", isWhatsapp(to) || isWhatsapp(from) ? "whatsapp" : "sms");
  addText(out, "from", withoutChannel(from));
  addText(out, "to", withoutChannel(to));
  if (news.has("Body")) out.member("body", news["Body"]);
  addCount(out, "segments", news["NumSegments"]);
  addCount(out, "media_count", news["NumMedia"]);
  addText(out, "messaging_service", news["MessagingServiceSid"]);
  out.member("direction", status == "received" ? "inbound" : "outbound");
  if (const std::string code = news["ErrorCode"]; !code.empty() && code != "0") {
    out.key("failure");
    sdk::writeJson(out, failureOf(code, news["ErrorMessage"]));
  }
  out.endObject();
  return out.take();
}

std::string callJson(const News& news, std::string_view id, std::string_view status) {
  json::Writer out;
  out.beginObject().member("provider_id", id);
  out.member("status", sdk::wordOf(callStatusOf(status)));
  addText(out, "from", news["From"]);
  addText(out, "to", news["To"]);
  const std::string direction = news["Direction"];
  if (direction == "inbound") out.member("direction", "inbound");
  if (direction.substr(0, 8) == "outbound") out.member("direction", "outbound");
  addCount(out, "duration_s", news["CallDuration"]);
  addText(out, "answered_by", news["AnsweredBy"]);
  out.endObject();
  return out.take();
}

std::string verificationJson(const News& news, std::string_view id, std::string_view status) {
  json::Writer out;
  out.beginObject().member("provider_id", id);
  out.member("status", sdk::wordOf(verificationStatusOf(status)));
  addText(out, "to", news["To"]);
  out.endObject();
  return out.take();
}

// Sets type, kind and id; a transition happens once, so id and status name the event.
void name(sdk::WebhookEvent& event, std::string_view parameter, const std::string& status,
          std::string id) {
  event.providerType = std::string(parameter) + status;
  for (const EventName& known : kEventNames) {
    if (known.twilio != event.providerType) continue;
    event.type = std::string(known.unified);
    event.resourceKind = std::string(known.resourceKind);
  }
  event.providerId = std::move(id);
  if (!event.providerId.empty()) event.providerEventId = event.providerId + ":" + status;
}

sdk::WebhookEvent eventOf(const News& news) {
  sdk::WebhookEvent event;
  const std::string message = news.first({"MessageSid", "SmsSid", "SmsMessageSid"});
  const std::string call = news["CallSid"];
  const std::string verification = news["VerificationSid"];
  const std::string messageStatus = news.first({"MessageStatus", "SmsStatus"});
  if (!message.empty() && !messageStatus.empty()) {
    // An inbound message has no MessageStatus, and older callbacks have SmsStatus alone.
    const bool inbound = messageStatus == "received";
    name(event, inbound ? "SmsStatus=" : kMessageNews, messageStatus, message);
    if (!event.resourceKind.empty()) event.dataJson = messageJson(news, message, messageStatus);
  } else if (!call.empty() && news.has("CallStatus") && !news.has("RecordingSid")) {
    name(event, kCallNews, news["CallStatus"], call);
    if (!event.resourceKind.empty()) event.dataJson = callJson(news, call, news["CallStatus"]);
    const auto at = timestamp::fromRfc2822(news["Timestamp"]);
    constexpr std::int64_t kSecondsMax = 1'000'000'000'000;
    if (at && *at > 0 && *at < kSecondsMax) event.occurredUnixMs = *at * 1000;
  } else if (!verification.empty()) {
    const std::string status = news.first({"VerificationStatus", "Status"});
    name(event, kVerificationNews, status, verification);
    if (!event.resourceKind.empty()) event.dataJson = verificationJson(news, verification, status);
  } else {
    event.providerId = news.first({"MessageSid", "CallSid", "SmsSid"});
  }
  return event;
}

// Twilio's event streams: a list of CloudEvents such as "com.twilio.messaging.message.delivered".
sdk::WebhookEvent cloudEventOf(json::View body) {
  const std::string type(body["type"].stringOr(""));
  const std::string last = type.substr(type.rfind('.') + 1);
  const json::View data = body["data"];
  sdk::WebhookEvent event;
  const auto within = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (within(".messaging.inbound-message.")) {
    name(event, "SmsStatus=", last, std::string(data["messageSid"].stringOr("")));
  } else if (within(".messaging.message.")) {
    name(event, kMessageNews, last, std::string(data["messageSid"].stringOr("")));
  } else if (within(".voice.") && !data["callSid"].isNothing()) {
    name(event, kCallNews, last, std::string(data["callSid"].stringOr("")));
  } else if (within(".verify.")) {
    name(event, kVerificationNews, last, std::string(data["verificationSid"].stringOr("")));
  }
  event.providerType = type;
  event.providerEventId = std::string(body["id"].stringOr(""));
  const auto at = timestamp::fromIso8601(body["time"].stringOr(""));
  if (at && *at > 0) event.occurredUnixMs = *at * 1000;
  event.fetch = !event.resourceKind.empty() && !event.providerId.empty();
  return event;
}

std::vector<sdk::WebhookEvent> eventsOfJson(std::string_view body) {
  std::vector<sdk::WebhookEvent> events;
  json::Document document;
  json::ReadError error;
  if (!document.parse(body, error)) return events;
  if (document.root().isObject()) events.push_back(cloudEventOf(document.root()));
  for (const json::View item : document.root().items()) events.push_back(cloudEventOf(item));
  return events;
}

}  // namespace

std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook) {
  // The URL that the gateway gave Twilio with the message or call names our operation.
  const Parameters query = readForm(queryOf(webhook.url));
  std::string reference = findParameter(query, "operation").value_or("");
  if (reference.empty()) reference = findParameter(query, "operation_id").value_or("");
  std::vector<sdk::WebhookEvent> events;
  if (findParameter(query, "bodySHA256") && !webhook.body.empty()) {
    events = eventsOfJson(webhook.body);
  } else {
    events.push_back(eventOf(News(webhook.body.empty() ? query : readForm(webhook.body))));
  }
  for (sdk::WebhookEvent& event : events) event.reference = reference;
  return events;
}

}  // namespace twilio
