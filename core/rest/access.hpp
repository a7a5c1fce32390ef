// Who calls and whether he may: credentials out of the headers, scopes and roles. The API
// asks it on the event loop for keys, and the management pool for users, whose log-in is in the
// database.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "rest/call.hpp"
#include "store/store.hpp"

namespace unigate::rest {

// The key or token of a request: from Authorization or X-Platform-Key.
base::Result<std::string_view> credentialOf(const net::Request& request);

// True for what is no API key but has the form of a user's token.
bool looksLikeToken(std::string_view credential);

// Checks that the caller may do this; rates are the business of limits.hpp.
base::Status admit(const Call& call, std::string_view resource, std::string_view access);

// [event loop] Keeps a user's token for the management pool, after what can be seen without the
// database: 401 for what is no token, 403 for a route that wants an API key.
base::Status keepToken(Call& call, const Route& route, std::string_view token);

// [management pool] Finds out whose token the call holds, takes his rate and admits him.
base::Status recognise(Call& call, store::ReadSession& reader, std::string_view resource,
                       std::string_view access);

// A 403 unless the caller is a user.
base::Status needUser(const Call& call);

}  // namespace unigate::rest
