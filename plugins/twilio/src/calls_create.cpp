// calls.create: POST /2010-04-01/Accounts/{AccountSid}/Calls.json. Twilio knows no idempotency key
// for it, so a lost answer is never followed by another call.
#include <utility>

#include "operations.hpp"
#include "phone_call.hpp"
#include "sent_lookup.hpp"
#include "twiml.hpp"

namespace twilio {

namespace {

sdk::Result<std::string> callerOf(const sdk::CallCreate& in, const sdk::Call& call) {
  if (in.from && !in.from->empty()) return *in.from;
  const std::string_view usual = call.setting("from_number");
  if (!usual.empty()) return std::string(usual);
  return sdk::Error::invalidRequest(
      "from", "'from' is required: this account of Twilio has no 'from_number'");
}

std::optional<sdk::Error> checkWhatToDo(const sdk::CallCreate& in) {
  if (in.to.empty()) return sdk::Error::invalidRequest("to", "'to' must not be empty");
  const int given = (in.say ? 1 : 0) + (in.url ? 1 : 0) + (in.document ? 1 : 0);
  if (given == 0) {
    return sdk::Error::invalidRequest("say", "a call needs 'say', 'url' or 'document'");
  }
  if (given > 1) {
    return sdk::Error::invalidRequest(in.url ? "url" : "document",
                                      "give one of 'say', 'url' and 'document', not several");
  }
  if (in.say && in.say->empty()) {
    return sdk::Error::invalidRequest("say", "'say' must not be empty");
  }
  if (!in.say && (in.voice || in.language)) {
    return sdk::Error::invalidRequest(in.voice ? "voice" : "language",
                                      "'voice' and 'language' go with 'say'");
  }
  return std::nullopt;
}

std::optional<std::string> matchCall(json::View object, const SentLookup& lookup) {
  const sdk::Result<sdk::PhoneCall> call = phoneCallOf(object, lookup.live);
  if (!call || call->direction != sdk::Direction::Outbound) return std::nullopt;
  if (call->to != lookup.to || call->from.value_or("") != lookup.from) return std::nullopt;
  // A leg that a call's document dialed is none that the API was asked for.
  if (object["direction"].stringOr("") != "outbound-api") return std::nullopt;
  return sdk::toJson(*call);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildCallCreate(const sdk::CallCreate& in, const sdk::Call& call) {
  auto path = accountPath(call, "/Calls.json");
  if (!path) return std::move(path).error();
  const auto from = callerOf(in, call);
  if (!from) return from.error();
  if (auto problem = checkWhatToDo(in)) return std::move(*problem);
  sdk::FormEncoder form;
  form.add("To", in.to).add("From", *from).add("StatusCallback", in.statusCallbackUrl);
  if (in.statusCallbackUrl) {
    // Without these Twilio tells of the end alone.
    for (const char* event : {"initiated", "ringing", "answered", "completed"}) {
      form.add("StatusCallbackEvent", event);
    }
  }
  form.add("Timeout", in.timeoutS).add("Record", in.record).add("Url", in.url);
  if (in.say) form.add("Twiml", sayDocument(*in.say, in.voice, in.language));
  form.add("Twiml", in.document);
  return post(kApi, std::move(*path), std::move(form), "calls.create");
}

sdk::Result<sdk::PhoneCall> parseCallCreate(const sdk::HttpResponse& response,
                                            const sdk::CallCreate&, const sdk::Call& call) {
  return readPhoneCall(response, {}, call);
}

sdk::Step startCallLookup(SentLookup& lookup, const sdk::CallCreate& in, const sdk::Call& call) {
  auto path = accountPath(call, "/Calls.json");
  if (!path) return std::move(path).error();
  auto from = callerOf(in, call);
  if (!from) return std::move(from).error();
  lookup.kind = kSentCalls;
  lookup.path = std::move(*path);
  lookup.to = in.to;
  lookup.from = std::move(*from);
  lookup.match = matchCall;
  return startSentLookup(lookup, in.operationCreatedUnixS, call);
}

}  // namespace twilio
