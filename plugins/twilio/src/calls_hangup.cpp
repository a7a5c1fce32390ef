// calls.hangup: POST /2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json, Status=completed; where
// Twilio says that the call is in no state for that, it may still wait or ring: Status=canceled.
#include <utility>

#include "operations.hpp"
#include "phone_call.hpp"

namespace twilio {

namespace {

constexpr std::string_view kWrongState = "21220";

sdk::HttpRequest end(const Hangup& hangup, std::string_view status) {
  sdk::FormEncoder form;
  form.add("Status", status);
  return post(kApi, hangup.path, std::move(form), "calls.hangup");
}

bool isOver(sdk::CallStatus status) {
  switch (status) {
    case sdk::CallStatus::Completed:
    case sdk::CallStatus::Busy:
    case sdk::CallStatus::NoAnswer:
    case sdk::CallStatus::Failed:
    case sdk::CallStatus::Canceled:
      return true;
    default:
      return false;
  }
}

}  // namespace

sdk::Step startHangup(Hangup& hangup, const sdk::CallHangup& in, const sdk::Call& call) {
  auto path = callPath(call, in.providerId);
  if (!path) return std::move(path).error();
  hangup.path = std::move(*path);
  hangup.id = in.providerId;
  return end(hangup, "completed");
}

sdk::Step nextHangup(Hangup& hangup, const sdk::HttpResponse& response, const sdk::Call& call) {
  sdk::Result<sdk::PhoneCall> ended = readPhoneCall(response, hangup.id, call);
  const bool refused = !ended && ended.error().providerCode == kWrongState;
  if (!refused || hangup.canceling) return ended;
  hangup.canceling = true;
  return end(hangup, "canceled");
}

sdk::Result<sdk::HttpRequest> askHangup(const sdk::CallHangup& in, const sdk::Call& call) {
  return buildCallGet({in.providerId}, call);
}

sdk::Result<sdk::PhoneCall> judgeHangup(const sdk::HttpResponse& response,
                                        const sdk::CallHangup& in, const sdk::Call& call) {
  sdk::Result<sdk::PhoneCall> found = readPhoneCall(response, in.providerId, call);
  if (!found || isOver(found->status)) return found;
  if (found->status == sdk::CallStatus::Processing) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome, "the call's status is not known");
  }
  return sdk::Error::neverHappened("the call goes on");
}

}  // namespace twilio
