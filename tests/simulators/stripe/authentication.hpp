// The credentials of a request: secret key as Bearer or as the user name of Basic, and the
// connected account, if one is named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http_message.hpp"

namespace simulators::stripe {

struct Credentials {
  std::string secretKey;
  std::string connectedAccount;
  bool livemode = false;

  std::string last4() const { return secretKey.substr(secretKey.size() - 4); }
};

// Throws ApiError 401, or 403 for a connected account that cannot be one.
Credentials readCredentials(const HttpRequest& request,
                            const std::vector<std::string>& acceptedKeys);

}  // namespace simulators::stripe
