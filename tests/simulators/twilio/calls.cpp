// Calls: made, listed, ended; answered and over as time goes by.
#include <algorithm>
#include <array>

#include "twilio/operations.hpp"
#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr std::int64_t kRingMs = 1'000;
constexpr std::int64_t kAnswerMs = 2'000;
constexpr std::int64_t kTalkMs = 10'000;
constexpr std::int64_t kMinutePrice = -1400;

struct Magic {
  std::string_view number;
  int code;
  std::string_view message;
};
// Twilio's own magic numbers.
constexpr std::array<Magic, 4> kMagicReceivers{
    {{"+15005550001", 21217, "Phone number does not appear to be valid"},
     {"+15005550002", 21214, "'To' phone number cannot be reached"},
     {"+15005550003", 21215, "Account not authorized to call +15005550003"},
     {"+15005550004", 21216, "Account not allowed to call +15005550004"}}};
// Receivers that end otherwise than by an answer.
struct Ending {
  std::string_view number;
  std::string_view status;
};
constexpr std::array<Ending, 3> kEndings{
    {{"+15005551001", "busy"}, {"+15005551002", "no-answer"}, {"+15005551003", "failed"}}};

bool isOpen(const Json& call) {
  const auto status = textOf(call, "status");
  return status == "queued" || status == "ringing" || status == "in-progress";
}

std::string eventOf(const std::string& status) {
  if (status == "queued") return "initiated";
  if (status == "ringing") return "ringing";
  return status == "in-progress" ? "answered" : "completed";
}

std::vector<FormPair> parametersOf(const Account& account, const Json& call) {
  return {{"CallSid", textOf(call, "sid")},       {"AccountSid", account.sid},
          {"From", textOf(call, "from")},         {"To", textOf(call, "to")},
          {"CallStatus", textOf(call, "status")}, {"ApiVersion", "2010-04-01"},
          {"Direction", "outbound-api"}};
}

void postStatus(World& world, Account& account, Json& call) {
  const auto url = digText(call, "_callback");
  if (url.empty()) return;
  const auto event = eventOf(textOf(call, "status"));
  const auto& wanted = dig(call, "_events");
  if (std::find(wanted.begin(), wanted.end(), Json(event)) == wanted.end()) return;
  auto parameters = parametersOf(account, call);
  const auto number = integerOf(call, "_sequence");
  call["_sequence"] = number + 1;
  parameters.push_back({"SequenceNumber", std::to_string(number)});
  parameters.push_back({"Timestamp", rfc2822(world.timeMs())});
  parameters.push_back({"CallbackSource", "call-progress-events"});
  if (event == "completed" && has(call, "duration")) {
    const auto seconds = std::atoll(textOf(call, "duration").c_str());
    parameters.push_back({"CallDuration", std::to_string(seconds)});
    parameters.push_back({"Duration", std::to_string((seconds + 59) / 60)});
  }
  world.callBack(account, url, digText(call, "_callbackMethod"), parameters);
}

void setStatus(World& world, Account& account, Json& call, const std::string& status) {
  const auto nowMs = world.timeMs();
  const bool talked = textOf(call, "status") == "in-progress";
  call["status"] = status;
  call["date_updated"] = rfc2822(nowMs);
  if (status == "in-progress") {
    call["start_time"] = rfc2822(nowMs);
    call["_startMs"] = nowMs;
  } else if (!isOpen(call)) {
    const auto seconds = talked ? (nowMs - integerOf(call, "_startMs")) / 1000 : 0;
    if (!has(call, "start_time")) call["start_time"] = rfc2822(nowMs);
    call["end_time"] = rfc2822(nowMs);
    call["_endMs"] = nowMs;
    call["duration"] = std::to_string(seconds);
    const auto price = kMinutePrice * ((seconds + 59) / 60);
    if (price != 0) call["price"] = priceText(price);
    Metadata metadata{{"to", textOf(call, "to")},
                      {"from", textOf(call, "from")},
                      {"status", status},
                      {"seconds", std::to_string(seconds)}};
    charge(world, account, "call_charge", textOf(call, "sid"), price, std::move(metadata));
  }
  postStatus(world, account, call);
}

// What Twilio does when the call is answered: it asks the URL what to say. The answer is not
// carried out.
void askForInstructions(World& world, const Account& account, const Json& call) {
  const auto url = digText(call, "_url");
  if (!url.empty())
    world.callBack(account, url, digText(call, "_method"), parametersOf(account, call));
}

void follow(World& world, Account& account, const std::string& sid, const std::string& from) {
  auto* call = account.of("calls").find(sid);
  if (!call || textOf(*call, "status") != from) return;  // ended or deleted meanwhile
  const auto next = [&](std::int64_t delayMs, const std::string& status) {
    world.after(delayMs, [&world, &account, sid, status] { follow(world, account, sid, status); });
  };
  if (from == "queued") {
    setStatus(world, account, *call, "ringing");
    return next(kAnswerMs, "ringing");
  }
  if (from == "ringing") {
    for (const auto& ending : kEndings) {
      if (textOf(*call, "to") == ending.number) {
        return setStatus(world, account, *call, std::string(ending.status));
      }
    }
    setStatus(world, account, *call, "in-progress");
    askForInstructions(world, account, *call);
    return next(kTalkMs, "in-progress");
  }
  setStatus(world, account, *call, "completed");
}

void checkCall(const Call& call) {
  const auto to = call.text("To");
  const auto from = call.text("From");
  if (to.empty()) throw problem(400, 21201, "No 'To' number is specified");
  if (from.empty()) throw problem(400, 21213, "No 'From' number is specified");
  const auto receiver = readAddress(to);
  if (receiver.channel.empty() && !isE164(receiver.number)) {
    throw problem(400, 21211, "Invalid 'To' Phone Number: " + to);
  }
  for (const auto& magic : kMagicReceivers) {
    if (magic.number == receiver.number) throw problem(400, magic.code, magic.message);
  }
  const auto sender = readAddress(from);
  if (sender.number == "+15005550001" || (sender.channel.empty() && !isE164(sender.number))) {
    throw problem(400, 21212, "Invalid From Number (caller ID): " + from);
  }
  if (call.text("Url").empty() && call.text("Twiml").empty() &&
      call.text("ApplicationSid").empty()) {
    throw problem(400, 21205, "Url parameter is required.");
  }
  if (const auto url = call.given("Url"); url && !url->starts_with("http")) {
    throw problem(400, 21205, "Url is not a valid URL: " + *url);
  }
  if (const auto twiml = call.given("Twiml");
      twiml && twiml->find("<Response") == std::string::npos) {
    throw problem(400, 12100, "Document parse failure");
  }
}

Json newCall(const Call& call, const std::string& sid) {
  const auto uri = accountPath(call.account) + "/Calls/" + sid;
  const auto now = rfc2822(call.world.timeMs());
  const auto formatted = [](const std::string& address) {
    return isE164(address) ? nationalFormat(address) : address;
  };
  Json made = Json::object();
  made["sid"] = sid;
  made["date_created"] = now;
  made["date_updated"] = now;
  made["parent_call_sid"] = nullptr;
  made["account_sid"] = call.account.sid;
  made["to"] = call.text("To");
  made["to_formatted"] = formatted(call.text("To"));
  made["from"] = call.text("From");
  made["from_formatted"] = formatted(call.text("From"));
  made["phone_number_sid"] = nullptr;
  made["status"] = "queued";
  made["start_time"] = nullptr;
  made["end_time"] = nullptr;
  made["duration"] = nullptr;
  made["price"] = nullptr;
  made["price_unit"] = "USD";
  made["direction"] = "outbound-api";
  made["answered_by"] = nullptr;
  made["api_version"] = "2010-04-01";
  made["forwarded_from"] = nullptr;
  made["group_sid"] = nullptr;
  made["caller_name"] = nullptr;
  made["queue_time"] = "0";
  made["trunk_sid"] = nullptr;
  made["uri"] = uri + ".json";
  made["subresource_uris"] = Json::object();
  for (const auto* part : {"Notifications", "Recordings", "Payments", "Events", "Streams"}) {
    std::string name(part);
    name[0] = static_cast<char>(name[0] + 32);
    made["subresource_uris"][name] = uri + "/" + part + ".json";
  }
  made["_createdMs"] = call.world.timeMs();
  made["_url"] = call.text("Url");
  made["_method"] = call.given("Method").value_or("POST");
  made["_callback"] = call.text("StatusCallback");
  made["_callbackMethod"] = call.given("StatusCallbackMethod").value_or("POST");
  made["_events"] = Json::array();
  for (const auto& event : call.all("StatusCallbackEvent")) made["_events"].push_back(event);
  if (made["_events"].empty()) made["_events"].push_back("completed");
  return made;
}

ApiAnswer createCall(Call& call) {
  checkCall(call);
  const auto sid = call.world.mintSid("CA");
  auto& made = call.account.of("calls").add(sid, newCall(call, sid));
  Metadata metadata{{"to", textOf(made, "to")}, {"from", textOf(made, "from")}};
  if (const auto callback = call.text("StatusCallback"); !callback.empty()) {
    metadata.emplace_back("status_callback", callback);
  }
  charge(call.world, call.account, "call", sid, 0, std::move(metadata));
  postStatus(call.world, call.account, made);
  call.world.after(kRingMs, [&world = call.world, &account = call.account, sid] {
    follow(world, account, sid, "queued");
  });
  return jsonAnswer(201, made);
}

ApiAnswer getCall(Call& call) {
  return jsonAnswer(200, named(call, "calls"));
}

ApiAnswer listCalls(Call& call) {
  std::vector<Json*> found;
  auto all = call.account.of("calls").all();
  for (auto made = all.rbegin(); made != all.rend(); ++made) {
    bool meets = true;
    for (const auto& [parameter, field] :
         {std::pair{"To", "to"}, std::pair{"From", "from"}, std::pair{"Status", "status"},
          std::pair{"ParentCallSid", "parent_call_sid"}}) {
      const auto wanted = call.queryText(parameter);
      meets = meets && (wanted.empty() || textOf(**made, field) == wanted);
    }
    const auto createdMs = integerOf(**made, "_createdMs");
    if (meets && meetsTime(call, "StartTime", integerOf(**made, "_startMs", createdMs)) &&
        meetsTime(call, "EndTime", integerOf(**made, "_endMs", createdMs))) {
      found.push_back(*made);
    }
  }
  return pageAnswer(call, found, "calls");
}

ApiAnswer updateCall(Call& call) {
  auto& made = named(call, "calls");
  const auto status = call.text("Status");
  if (!status.empty() && status != "completed" && status != "canceled") {
    throw problem(400, 21218, "Invalid Status: use completed or canceled");
  }
  const auto before = textOf(made, "status");
  const bool talks = before == "in-progress";
  if (!isOpen(made) || (status == "canceled" && talks) || (status.empty() && !talks)) {
    throw problem(400, 21220, "Call is not in-progress. Cannot redirect.");
  }
  if (const auto callback = call.given("StatusCallback")) made["_callback"] = *callback;
  if (!status.empty()) {
    setStatus(call.world, call.account, made, talks ? "completed" : "canceled");
  } else if (const auto url = call.given("Url")) {
    made["_url"] = *url;
    made["_method"] = call.given("Method").value_or("POST");
    askForInstructions(call.world, call.account, made);
  }
  return jsonAnswer(200, made);
}

ApiAnswer deleteCall(Call& call) {
  if (isOpen(named(call, "calls"))) {
    throw problem(409, 20009, "Cannot delete call because it is still in progress.");
  }
  call.account.of("calls").erase(call.ids[0]);
  return noContent();
}

ApiAnswer listRecordings(Call& call) {
  named(call, "calls");
  return pageAnswer(call, {}, "recordings");
}

}  // namespace

void addCalls(Routes& routes) {
  routes.insert(routes.end(),
                {{"POST", "/2010-04-01/Accounts/{}/Calls.json", createCall},
                 {"GET", "/2010-04-01/Accounts/{}/Calls.json", listCalls},
                 {"GET", "/2010-04-01/Accounts/{}/Calls/{}.json", getCall},
                 {"POST", "/2010-04-01/Accounts/{}/Calls/{}.json", updateCall},
                 {"DELETE", "/2010-04-01/Accounts/{}/Calls/{}.json", deleteCall},
                 {"GET", "/2010-04-01/Accounts/{}/Calls/{}/Recordings.json", listRecordings}});
}

}  // namespace simulators::twilio
