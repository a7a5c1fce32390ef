// The account, its sub-accounts and its balance.
#include "twilio/operations.hpp"

namespace simulators::twilio {
namespace {

Json accountJson(World& world, const Account& account) {
  Json body = Json::object();
  body["auth_token"] = world.tokenOf(account);
  body["date_created"] = rfc2822(account.createdMs);
  body["date_updated"] = rfc2822(account.createdMs);
  body["friendly_name"] = account.friendlyName;
  body["owner_account_sid"] = account.ownerSid;
  body["sid"] = account.sid;
  body["status"] = account.status;
  body["subresource_uris"] = Json::object();
  for (const auto& [name, part] :
       {std::pair{"available_phone_numbers", "AvailablePhoneNumbers"}, std::pair{"calls", "Calls"},
        std::pair{"incoming_phone_numbers", "IncomingPhoneNumbers"},
        std::pair{"messages", "Messages"}, std::pair{"balance", "Balance"}}) {
    body["subresource_uris"][name] = accountPath(account) + "/" + part + ".json";
  }
  body["type"] = "Full";
  body["uri"] = accountPath(account) + ".json";
  return body;
}

ApiAnswer getAccount(Call& call) {
  return jsonAnswer(200, accountJson(call.world, call.account));
}

ApiAnswer updateAccount(Call& call) {
  if (const auto name = call.given("FriendlyName")) call.account.friendlyName = *name;
  if (const auto status = call.given("Status")) {
    if (*status != "active" && *status != "suspended" && *status != "closed") {
      throw problem(400, 20001, "Invalid parameter `Status`");
    }
    call.account.status = *status;
  }
  return jsonAnswer(200, accountJson(call.world, call.account));
}

ApiAnswer listAccounts(Call& call) {
  Collection found;
  for (const auto& [sid, account] : call.state.accounts) {
    if (account.sid != call.account.sid && account.ownerSid != call.account.sid) continue;
    const auto name = call.queryText("FriendlyName");
    const auto status = call.queryText("Status");
    if (!name.empty() && account.friendlyName != name) continue;
    if (!status.empty() && account.status != status) continue;
    found.add(sid, accountJson(call.world, account));
  }
  return pageAnswer(call, found.all(), "accounts");
}

ApiAnswer createAccount(Call& call) {
  const auto sid = call.world.mintSid("AC");
  auto& made = call.state.accounts[sid];
  made.sid = sid;
  made.ownerSid = call.account.sid;
  made.subToken = call.world.mintSid("");
  made.createdMs = call.world.timeMs();
  made.friendlyName =
      call.given("FriendlyName").value_or("SubAccount Created at " + isoTime(call.world.timeMs()));
  equip(call.world, made);
  return jsonAnswer(201, accountJson(call.world, made));
}

ApiAnswer getBalance(Call& call) {
  Json body = Json::object();
  body["account_sid"] = call.account.sid;
  body["balance"] = priceText(call.account.balance);
  body["currency"] = "USD";
  return jsonAnswer(200, body);
}

}  // namespace

void equip(World& world, Account& account) {
  const auto ending = std::string(31, '0') + "1";
  account.of("messaging-services")
      .add("MG" + ending, newMessagingService(account, "MG" + ending, "Default", world.timeMs()));
  account.of("verify-services")
      .add("VA" + ending, newVerifyService(account, "VA" + ending, "Default", world.timeMs()));
}

void addAccounts(Routes& routes) {
  routes.insert(routes.end(), {{"GET", "/2010-04-01/Accounts.json", listAccounts},
                               {"POST", "/2010-04-01/Accounts.json", createAccount},
                               {"GET", "/2010-04-01/Accounts/{}.json", getAccount},
                               {"POST", "/2010-04-01/Accounts/{}.json", updateAccount},
                               {"GET", "/2010-04-01/Accounts/{}/Balance.json", getBalance}});
}

}  // namespace simulators::twilio
