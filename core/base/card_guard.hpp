// Finds payment card numbers, so that they are refused wherever they come in and masked wherever
// text goes out: no card number may be stored, logged or sent on. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unigate/json.hpp>

#include "base/text.hpp"

namespace unigate::base {

// True when `text` holds a card number: 13-19 digits with an issuer's prefix and length and a right
// Luhn digit, with no letter beside them but of words such as "card" and "cvv". The digits may be
// those of any script, and bare or separated by spaces, hyphens, dots and what can't be seen, also
// as URLs, JSON and HTML escape them. UUIDs, IBANs, telephone numbers with a '+' and some numbers
// of parcels and orders, which are known by their own shape or check digit, are none.
bool looksLikeCardNumber(std::string_view text);

// `text` with every digit of a card number but its last four replaced by '*'.
std::string maskCardNumbers(std::string_view text);

// JSON pointer (RFC 6901) of the first member whose name or value holds a card number. Numbers are
// looked at too, except under keys that name an amount, a count or a time. Under a key that names a
// card number whatever has a right Luhn digit is one; under a key that names another number
// (telephone, order, parcel) the lengths of 13, 17 and 18 digits, which no scheme issues any more,
// are let pass.
std::optional<std::string> findCardNumber(json::View value);

// Whether a form or query string holds a card number in a name or a value; names are looked at as
// those of JSON are, "card[number]" as a member of "card".
bool findCardNumber(const QueryPairs& form);

// A JSON text with card numbers masked in its values and names, by the rules of findCardNumber(); a
// number that is one becomes a string. Unchanged to the byte when there is none. A text that is no
// JSON is masked as text.
std::string maskCardNumbersInJson(std::string_view text);

}  // namespace unigate::base
