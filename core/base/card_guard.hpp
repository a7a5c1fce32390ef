// Finds payment card numbers, so that they are refused wherever they come in and masked wherever
// text goes out: no card number may be stored, logged or sent on. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

namespace unigate::base {

// True when `text` holds a card number: 13-19 digits with an issuer's prefix and length and a right
// Luhn digit, bare or with spaces and dashes between them, with no letter or digit beside it.
bool looksLikeCardNumber(std::string_view text);

// `text` with every digit of a card number but its last four replaced by '*'.
std::string maskCardNumbers(std::string_view text);

// JSON pointer (RFC 6901) of the first member whose name or value holds a card number. Numbers are
// looked at too, except under keys that name an amount, a count or a time.
std::optional<std::string> findCardNumber(json::View value);

}  // namespace unigate::base
