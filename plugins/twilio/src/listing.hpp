// Twilio's pages: a page names the next one as a path relative to the host, whose query is our
// cursor. Used by the lists, by the search and by the look-up of lost sends.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "wire.hpp"

namespace twilio {

// The query of the next page, or nothing at the end. `path`: of the list; a page that names another
// one is refused, since the gateway would follow it with the account's secret.
sdk::Result<std::optional<std::string>> nextCursorOf(json::View page, std::string_view path);

// Refuses a cursor that is no query of a page.
std::optional<sdk::Error> checkCursor(std::string_view cursor);

}  // namespace twilio
