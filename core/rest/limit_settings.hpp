// How many requests the API takes, as the operator configured it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace unigate::rest {

// All a minute; 0: no such limit.
struct LimitSettings {
  std::int64_t perOrganisation = 0;
  std::int64_t perAddress = 0;
  std::int64_t loginPerAddress = 30;       // of /api/auth, where passwords are tried
  std::int64_t webhookPerAddress = 6'000;  // of /webhooks
  std::map<std::string, std::int64_t, std::less<>> routes;  // "POST /v1/sms", of one key
};

}  // namespace unigate::rest
