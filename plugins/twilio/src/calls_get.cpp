// calls.get: GET /2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json.
#include <utility>

#include "operations.hpp"
#include "phone_call.hpp"

namespace twilio {

sdk::Result<sdk::HttpRequest> buildCallGet(const sdk::ProviderRef& in, const sdk::Call& call) {
  auto path = callPath(call, in.providerId);
  if (!path) return std::move(path).error();
  return get(kApi, std::move(*path), {}, "calls.get");
}

sdk::Result<sdk::PhoneCall> parseCallGet(const sdk::HttpResponse& response,
                                         const sdk::ProviderRef& in, const sdk::Call& call) {
  return readPhoneCall(response, in.providerId, call);
}

}  // namespace twilio
