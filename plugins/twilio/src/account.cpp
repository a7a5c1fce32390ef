// account.get: GET /2010-04-01/Accounts/{Sid}.json. Harmless, so it proves the credentials.
#include "account.hpp"

#include <utility>

#include "errors.hpp"
#include "operations.hpp"

namespace twilio {

void writeJson(json::Writer& out, const AccountState& account) {
  out.beginObject().member("provider_id", account.providerId).member("status", account.status);
  sdk::detail::writeIf(out, "type", account.type);
  sdk::detail::writeIf(out, "name", account.name);
  out.endObject();
}

sdk::Result<sdk::HttpRequest> buildAccountGet(const AccountQuery&, const sdk::Call& call) {
  auto path = accountPath(call, ".json");
  if (!path) return std::move(path).error();
  sdk::HttpRequest request = get(kApi, std::move(*path), {}, "accounts.get");
  request.redact.emplace_back("/auth_token");
  return request;
}

sdk::Result<AccountState> parseAccountGet(const sdk::HttpResponse& response, const AccountQuery&,
                                          const sdk::Call& call) {
  json::Document document;
  AccountState account;
  if (auto problem = readAnswer(response, document)) {
    // Twilio's test credentials reach few resources, but only true ones are told so.
    if (call.live || problem->providerCode != "20008") return std::move(*problem);
    account.providerId = std::string(call.setting("account_sid"));
    account.status = "active";
    account.type = "test_credentials";
    return account;
  }
  account.providerId = std::string(document["sid"].stringOr(""));
  account.status = std::string(document["status"].stringOr(""));
  if (account.providerId != call.setting("account_sid") || account.status.empty()) {
    return sdk::Error::badResponse("Twilio's answer is not this account");
  }
  if (account.status == "suspended" || account.status == "closed") {
    return sdk::Error::notExecuted(sdk::Category::PermissionDenied,
                                   "the account is " + account.status + " at Twilio")
        .withRetry(sdk::Retry::Never);
  }
  if (account.status != "active") account.status = "unknown";
  account.type = textOf(document["type"]);
  account.name = textOf(document["friendly_name"]);
  return account;
}

}  // namespace twilio
