#include "twilio/switches.hpp"

#include "twilio/message_flow.hpp"

namespace simulators::twilio {
namespace {

struct Switch {
  World& world;
  State& state;
  const ApiRequest& request;
  std::vector<std::string> ids;
  Json body;

  std::pair<Account&, Json&> named(const std::string& kind) {
    for (auto& [sid, account] : state.accounts) {
      if (auto* object = account.of(kind).find(ids.at(0))) return {account, *object};
    }
    throw notFound(request.path);
  }
  Account& account() {
    const auto wanted = textOf(body, "account");
    for (auto& [sid, found] : state.accounts) {
      if (wanted.empty() || sid == wanted) return found;
    }
    throw notFound(request.path);
  }
};
using Turn = ApiAnswer (*)(Switch&);

// The code that was sent: by the verification's sid, or the newest for a number.
ApiAnswer code(Switch& wish) {
  const Json* found = nullptr;
  for (auto& [sid, account] : wish.state.accounts) {
    for (const auto* verification : account.of("verifications").all()) {
      if (textOf(*verification, "sid") == wish.ids[0] ||
          textOf(*verification, "to") == wish.ids[0]) {
        found = verification;
      }
    }
  }
  if (!found) throw notFound(wish.request.path);
  Json body = Json::object();
  take(body, *found, {"sid", "to", "channel", "status"});
  body["code"] = (*found)["_code"];
  return jsonAnswer(200, body);
}

// {"status":"undelivered","error_code":30003}: the message is there at once, with its callback.
ApiAnswer messageStatus(Switch& wish) {
  auto [account, message] = wish.named("messages");
  const auto status = textOf(wish.body, "status");
  if (status.empty()) throw problem(400, 20001, "status is missing");
  if (has(wish.body, "error_code")) {
    message["error_code"] = integerOf(wish.body, "error_code");
    message["error_message"] = textOf(wish.body, "error_message");
  }
  setMessageStatus(wish.world, account, message, status);
  return jsonAnswer(200, message);
}

// {"from","to","body","url"}: somebody writes to the account. The URL is that of the number where
// it is not given.
ApiAnswer inbound(Switch& wish) {
  auto& account = wish.account();
  const auto from = textOf(wish.body, "from");
  const auto to = textOf(wish.body, "to");
  auto url = textOf(wish.body, "url");
  for (const auto* number : account.of("numbers").all()) {
    if (url.empty() && textOf(*number, "phone_number") == to) url = textOf(*number, "sms_url");
  }
  const auto& message = receiveMessage(wish.world, account, from, to, textOf(wish.body, "body"));
  if (!url.empty()) {
    const auto sid = textOf(message, "sid");
    wish.world.callBack(account, url, "POST",
                        {{"ToCountry", "US"},
                         {"SmsMessageSid", sid},
                         {"NumMedia", "0"},
                         {"SmsSid", sid},
                         {"SmsStatus", "received"},
                         {"Body", textOf(message, "body")},
                         {"To", to},
                         {"NumSegments", textOf(message, "num_segments")},
                         {"MessageSid", sid},
                         {"AccountSid", account.sid},
                         {"From", from},
                         {"ApiVersion", "2010-04-01"}});
  }
  return jsonAnswer(200, message);
}

// {"account","units"}: the balance in hundred-thousandths of a dollar.
ApiAnswer balance(Switch& wish) {
  auto& account = wish.account();
  account.balance = integerOf(wish.body, "units", account.balance);
  return jsonAnswer(200, Json{{"balance", priceText(account.balance)}});
}

const std::vector<Route<Turn>>& turns() {
  static const std::vector<Route<Turn>> kTurns{
      {"GET", "/__sim/twilio/verifications/{}", code},
      {"POST", "/__sim/twilio/messages/{}/status", messageStatus},
      {"POST", "/__sim/twilio/inbound", inbound},
      {"POST", "/__sim/twilio/balance", balance}};
  return kTurns;
}

}  // namespace

ApiAnswer steer(World& world, State& state, const ApiRequest& request) {
  auto found = findRoute(turns(), request.method, request.path);
  if (!found.route) throw notFound(request.path);
  Switch wish{world, state, request, std::move(found.segments), Json::object()};
  if (!request.body.empty()) wish.body = Json::parse(request.body, nullptr, false);
  if (!wish.body.is_object()) throw problem(400, 20001, "a JSON object is expected");
  return found.route->handler(wish);
}

}  // namespace simulators::twilio
