// Messages: SMS, MMS and WhatsApp.
#include <algorithm>
#include <array>

#include "twilio/message_flow.hpp"
#include "twilio/operations.hpp"
#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr std::size_t kBodyLengthMax = 1600;
constexpr std::size_t kMediaMax = 10;
constexpr std::int64_t kEarliestSendMs = 300'000;
constexpr std::int64_t kLatestSendMs = 35LL * 24 * 60 * 60 * 1000;

// Twilio's own magic numbers, with the errors that Twilio documents for them.
struct Magic {
  std::string_view number;
  int code;
  std::string_view message;
};
constexpr std::array<Magic, 3> kMagicSenders{
    {{"+15005550001", 21212, "The 'From' number +15005550001 is not a valid phone number."},
     {"+15005550007", 21606,
      "The 'From' phone number provided (+15005550007) is not a valid message-capable Twilio phone "
      "number for this destination."},
     {"+15005550008", 21611,
      "The 'From' number +15005550008 has exceeded the maximum number of queued messages."}}};
constexpr std::array<Magic, 5> kMagicReceivers{
    {{"+15005550001", 21211, "Invalid 'To' Phone Number: +15005550001"},
     {"+15005550002", 21612,
      "The 'To' phone number: +15005550002, is not currently reachable using the 'From' phone "
      "number via SMS."},
     {"+15005550003", 21408,
      "Permission to send an SMS has not been enabled for the region indicated by the 'To' "
      "number: +15005550003"},
     {"+15005550004", 21610, "Attempt to send to unsubscribed recipient"},
     {"+15005550009", 21614, "'To' number: +15005550009, is not a valid mobile number"}}};

template <std::size_t N>
void refuseMagic(const std::array<Magic, N>& numbers, std::string_view number) {
  for (const auto& magic : numbers) {
    if (magic.number == number) throw problem(400, magic.code, magic.message);
  }
}

bool isUrl(std::string_view text) {
  return (text.starts_with("http://") && text.size() > 7) ||
         (text.starts_with("https://") && text.size() > 8);
}

bool isInvalidTo(const Address& to) {
  if (to.channel == "messenger" || to.channel == "rcs") return to.number.empty();
  return (!to.channel.empty() && to.channel != "whatsapp") || !isE164(to.number);
}

void checkReceiver(const std::string& text) {
  if (text.empty()) throw problem(400, 21604, "A 'To' phone number is required.");
  const auto to = readAddress(text);
  if (isInvalidTo(to)) throw problem(400, 21211, "Invalid 'To' Phone Number: " + text);
  refuseMagic(kMagicReceivers, to.number);
}

void checkSender(const Call& call) {
  const auto from = call.given("From");
  const auto service = call.text("MessagingServiceSid");
  if (!from && service.empty()) throw problem(400, 21603, "A 'From' phone number is required.");
  if (!service.empty() && !call.account.of("messaging-services").find(service)) {
    throw problem(400, 21701, "The Messaging Service with Sid " + service + " does not exist");
  }
  if (!from) return;
  const auto sender = readAddress(*from);
  if (sender.channel.empty() && !isSender(sender.number)) {
    throw problem(400, 21212, "Invalid From Number (caller ID): " + *from);
  }
  refuseMagic(kMagicSenders, sender.number);
  const auto receiver = readAddress(call.text("To"));
  if (sender.channel != receiver.channel) {
    throw problem(400, 21910,
                  "Invalid From and To pair. From and To should be of the same channel");
  }
  if (sender.number == receiver.number) {
    throw problem(400, 21266, "'To' and 'From' number cannot be the same: " + *from);
  }
}

void checkContent(const Call& call) {
  const auto media = call.all("MediaUrl");
  const auto body = call.text("Body");
  if (body.empty() && media.empty() && call.text("ContentSid").empty()) {
    throw problem(400, 21602, "Message body is required.");
  }
  const auto length = std::count_if(body.begin(), body.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  if (static_cast<std::size_t>(length) > kBodyLengthMax) {
    throw problem(400, 21617, "The concatenated message body exceeds the 1600 character limit");
  }
  if (media.size() > kMediaMax) {
    throw problem(400, 21623, "Number of media files exceeds allowed limit");
  }
  for (const auto& url : media) {
    if (!isUrl(url)) throw problem(400, 21620, "Invalid media URL(s)");
  }
  if (call.given("ContentVariables") && call.text("ContentSid").empty()) {
    throw problem(400, 21655, "The ContentSid is required with ContentVariables");
  }
  const auto callback = call.text("StatusCallback");
  if (!callback.empty() && !isUrl(callback)) {
    throw problem(400, 21609, "The 'StatusCallback' URL " + callback + " is not a valid URL.");
  }
}

// When the message is to go; 0 for at once.
std::int64_t sendAtOf(const Call& call) {
  const auto at = call.text("SendAt");
  const auto type = call.text("ScheduleType");
  if (at.empty() && type.empty()) return 0;
  if (at.empty()) throw problem(400, 35111, "SendAt is missing, and required for scheduling");
  if (type != "fixed") {
    throw problem(400, 35112, "ScheduleType is missing or invalid, and required for scheduling");
  }
  if (call.text("MessagingServiceSid").empty()) {
    throw problem(400, 35118, "MessagingServiceSid is required to schedule a message");
  }
  const auto time = readTime(at);
  const auto now = call.world.timeMs();
  if (!time || *time < now + kEarliestSendMs || *time > now + kLatestSendMs) {
    throw problem(400, 35114, "SendAt time must be between 300 seconds and 35 days in the future.");
  }
  return *time;
}

Json newMessage(const Call& call, const std::string& sid) {
  const auto uri = accountPath(call.account) + "/Messages/" + sid;
  const auto media = call.all("MediaUrl");
  Json message = Json::object();
  message["body"] = call.text("Body");
  const auto segments = segmentsOf(call.text("Body"));
  message["num_segments"] = std::to_string(segments);
  message["direction"] = "outbound-api";
  message["from"] = textOrNull(call.text("From"));
  message["to"] =
      readAddress(call.text("To")).channel.empty() ? tidyNumber(call.text("To")) : call.text("To");
  const auto now = rfc2822(call.world.timeMs());
  message["date_updated"] = now;
  message["price"] = nullptr;
  message["error_message"] = nullptr;
  message["uri"] = uri + ".json";
  message["account_sid"] = call.account.sid;
  message["num_media"] = std::to_string(media.size());
  message["status"] = "queued";
  message["messaging_service_sid"] = textOrNull(call.text("MessagingServiceSid"));
  message["sid"] = sid;
  message["date_sent"] = nullptr;
  message["date_created"] = now;
  message["error_code"] = nullptr;
  message["price_unit"] = "USD";
  message["api_version"] = "2010-04-01";
  message["subresource_uris"] = Json{{"media", uri + "/Media.json"}};
  message["_segments"] = segments;
  message["_callback"] = call.text("StatusCallback");
  message["_createdMs"] = call.world.timeMs();
  for (const auto& url : media) message["_media"].push_back(url);
  return message;
}

ApiAnswer createMessage(Call& call) {
  checkReceiver(call.text("To"));
  checkSender(call);
  checkContent(call);
  const auto sendAt = sendAtOf(call);
  const auto sid = call.world.mintSid(call.all("MediaUrl").empty() ? "SM" : "MM");
  auto message = newMessage(call, sid);
  const auto service = textOf(message, "messaging_service_sid");
  if (!service.empty()) {
    const auto& settings = *call.account.of("messaging-services").find(service);
    if (textOf(message, "_callback").empty()) {
      message["_callback"] = textOf(settings, "status_callback");
    }
    message["status"] = sendAt > 0 ? "scheduled" : "accepted";
  }
  const auto& stored = call.account.of("messages").add(sid, std::move(message));
  if (sendAt > 0) {
    charge(call.world, call.account, "message_scheduled", sid, 0,
           {{"to", textOf(stored, "to")}, {"status_callback", textOf(stored, "_callback")}});
    call.world.at(sendAt, [&world = call.world, &account = call.account, sid] {
      auto* waiting = account.of("messages").find(sid);
      if (!waiting || textOf(*waiting, "status") != "scheduled") return;
      setMessageStatus(world, account, *waiting, "accepted");
      takeMessage(world, account, *waiting);
    });
  } else {
    takeMessage(call.world, call.account, stored);
  }
  return jsonAnswer(201, stored);
}

ApiAnswer getMessage(Call& call) {
  return jsonAnswer(200, named(call, "messages"));
}

ApiAnswer listMessages(Call& call) {
  std::vector<Json*> found;
  auto all = call.account.of("messages").all();
  for (auto message = all.rbegin(); message != all.rend(); ++message) {
    const auto to = call.queryText("To");
    const auto from = call.queryText("From");
    if (!to.empty() && textOf(**message, "to") != to) continue;
    if (!from.empty() && textOf(**message, "from") != from) continue;
    if (!meetsTime(call, "DateSent", integerOf(**message, "_createdMs"))) continue;
    found.push_back(*message);
  }
  return pageAnswer(call, found, "messages");
}

// Cancels a scheduled message, or takes away the text of one that has gone.
ApiAnswer updateMessage(Call& call) {
  auto& message = named(call, "messages");
  if (const auto status = call.given("Status")) {
    if (*status != "canceled") throw problem(400, 20001, "Status must be canceled");
    if (textOf(message, "status") != "scheduled") {
      throw problem(
          400, 30409,
          "Message " + call.ids[0] + " cannot be canceled: only a scheduled message can be.");
    }
    setMessageStatus(call.world, call.account, message, "canceled");
  } else if (const auto body = call.given("Body")) {
    if (!body->empty()) {
      throw problem(400, 20001, "Body can only be set to the empty text, which redacts it");
    }
    message["body"] = "";
    message["date_updated"] = rfc2822(call.world.timeMs());
  }
  return jsonAnswer(200, message);
}

ApiAnswer deleteMessage(Call& call) {
  static constexpr std::array<std::string_view, 7> kFinal{
      "delivered", "undelivered", "failed", "received", "read", "canceled", "sent"};
  const auto status = textOf(named(call, "messages"), "status");
  if (std::find(kFinal.begin(), kFinal.end(), status) == kFinal.end()) {
    throw problem(409, 20009, "Cannot delete message because delivery has not been completed.");
  }
  call.account.of("messages").erase(call.ids[0]);
  return noContent();
}

ApiAnswer listMedia(Call& call) {
  const auto& message = named(call, "messages");
  Collection media;
  std::size_t number = 0;
  for (const auto& url : dig(message, "_media")) {
    const auto sid =
        "ME" + call.ids[0].substr(2, 30) + (number < 10 ? "0" : "") + std::to_string(number);
    ++number;
    Json entry = Json::object();
    entry["account_sid"] = call.account.sid;
    entry["content_type"] = url.get<std::string>().ends_with(".png") ? "image/png" : "image/jpeg";
    entry["date_created"] = message["date_created"];
    entry["date_updated"] = message["date_created"];
    entry["parent_sid"] = call.ids[0];
    entry["sid"] = sid;
    entry["uri"] =
        accountPath(call.account) + "/Messages/" + call.ids[0] + "/Media/" + sid + ".json";
    media.add(sid, std::move(entry));
  }
  return pageAnswer(call, media.all(), "media_list");
}

ApiAnswer giveFeedback(Call& call) {
  const auto& message = named(call, "messages");
  Json feedback = Json::object();
  feedback["account_sid"] = call.account.sid;
  feedback["date_created"] = message["date_created"];
  feedback["date_updated"] = rfc2822(call.world.timeMs());
  feedback["message_sid"] = call.ids[0];
  feedback["outcome"] = call.given("Outcome").value_or("confirmed");
  feedback["uri"] = accountPath(call.account) + "/Messages/" + call.ids[0] + "/Feedback.json";
  return jsonAnswer(201, feedback);
}

}  // namespace

Json& receiveMessage(World& world, Account& account, const std::string& from, const std::string& to,
                     const std::string& body) {
  const auto sid = world.mintSid("SM");
  const auto now = rfc2822(world.timeMs());
  Json message = Json::object();
  message["body"] = body;
  message["num_segments"] = std::to_string(segmentsOf(body));
  message["direction"] = "inbound";
  message["from"] = from;
  message["to"] = to;
  message["date_updated"] = now;
  message["price"] = nullptr;
  message["error_message"] = nullptr;
  message["uri"] = accountPath(account) + "/Messages/" + sid + ".json";
  message["account_sid"] = account.sid;
  message["num_media"] = "0";
  message["status"] = "received";
  message["messaging_service_sid"] = nullptr;
  message["sid"] = sid;
  message["date_sent"] = now;
  message["date_created"] = now;
  message["error_code"] = nullptr;
  message["price_unit"] = "USD";
  message["api_version"] = "2010-04-01";
  message["subresource_uris"] =
      Json{{"media", accountPath(account) + "/Messages/" + sid + "/Media.json"}};
  message["_createdMs"] = world.timeMs();
  return account.of("messages").add(sid, std::move(message));
}

void addMessages(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/2010-04-01/Accounts/{}/Messages.json", createMessage},
                 {"GET", "/2010-04-01/Accounts/{}/Messages.json", listMessages},
                 {"GET", "/2010-04-01/Accounts/{}/Messages/{}.json", getMessage},
                 {"POST", "/2010-04-01/Accounts/{}/Messages/{}.json", updateMessage},
                 {"DELETE", "/2010-04-01/Accounts/{}/Messages/{}.json", deleteMessage},
                 {"GET", "/2010-04-01/Accounts/{}/Messages/{}/Media.json", listMedia},
                 {"POST", "/2010-04-01/Accounts/{}/Messages/{}/Feedback.json", giveFeedback}});
}

}  // namespace simulators::twilio
