// The Authorization header of a request.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http_message.hpp"

namespace simulators {

struct BasicCredentials {
  std::string user;
  std::string password;
};

// Nothing unless the header is a well-formed "Basic ..." (the word in any case unless `exactWord`).
std::optional<BasicCredentials> readBasic(const HttpRequest& request, bool exactWord = false);
// The token of "Bearer ..."; empty if it is none.
std::string readBearer(const HttpRequest& request);

}  // namespace simulators
