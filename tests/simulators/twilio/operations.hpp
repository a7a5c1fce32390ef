// The operations of the simulated Twilio, a file for each resource. All four hosts of Twilio are
// served on one port: their paths differ.
#pragma once

#include "twilio/call.hpp"

namespace simulators::twilio {

using Operation = ApiAnswer (*)(Call& call);
using Routes = std::vector<Route<Operation>>;

const Routes& operations();

void addMessages(Routes& routes);           // messages.cpp
void addCalls(Routes& routes);              // calls.cpp
void addAccounts(Routes& routes);           // accounts.cpp
void addNumbers(Routes& routes);            // numbers.cpp
void addVerify(Routes& routes);             // verify.cpp
void addLookups(Routes& routes);            // lookups.cpp
void addMessagingServices(Routes& routes);  // messaging_services.cpp

// What every account has from its beginning: the services MG0..01 and VA0..01.
void equip(World& world, Account& account);
Json newMessagingService(const Account& account, const std::string& sid, const std::string& name,
                         std::int64_t nowMs);
Json newVerifyService(const Account& account, const std::string& sid, const std::string& name,
                      std::int64_t nowMs);

inline std::string accountPath(const Account& account) {
  return "/2010-04-01/Accounts/" + account.sid;
}

// A message that somebody sends to one of the account's numbers; for the switches.
Json& receiveMessage(World& world, Account& account, const std::string& from, const std::string& to,
                     const std::string& body);

}  // namespace simulators::twilio
