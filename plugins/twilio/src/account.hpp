// The account itself, as account.get tells of it.
#pragma once

#include <unigate/sdk.hpp>

namespace twilio {

struct AccountState {
  std::string providerId;
  std::string status;  // "active", or "unknown" for a word of tomorrow
  std::optional<std::string> type;
  std::optional<std::string> name;
};

void writeJson(unigate::json::Writer& out, const AccountState& account);

}  // namespace twilio
