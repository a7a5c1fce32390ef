// What a log-in is answered with; several routes of the management API end in one.
#pragma once

#include <string>

#include "identity/users.hpp"

namespace unigate::rest {

std::string tokensBody(const identity::LoggedIn& loggedIn);

}  // namespace unigate::rest
