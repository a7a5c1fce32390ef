// The URL and the parameters of a webhook, taken apart and put together as Twilio signs them. Used
// by the webhooks' recipe and translation.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twilio {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Names and values of `a=b&c=d`, decoded, in their order.
Parameters readForm(std::string_view text);

// The first value of that name.
std::optional<std::string> findParameter(const Parameters& parameters, std::string_view name);

// The query of a URL, without '?' and fragment.
std::string_view queryOf(std::string_view url);

// All spellings of the URL that Twilio may have signed: its backend is inconsistent about the port
// and about what it escapes in the query, and its own SDK tries the same four. Empty for a text
// that is no http or https URL.
std::vector<std::string> signedUrls(std::string_view url);

// What is appended to the URL: parameters sorted by name, names and values joined; of a repeated
// name each different value once, sorted.
std::string signedParameters(const Parameters& parameters);

}  // namespace twilio
