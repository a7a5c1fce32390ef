// Telephone numbers: what is one, and where it is.
#pragma once

#include <string>
#include <string_view>

namespace simulators::twilio {

struct Address {
  std::string channel;  // "whatsapp", "messenger", "sip", "client", or empty: a telephone number
  std::string number;
};

// Parts "whatsapp:+1415..." from its prefix.
Address readAddress(std::string_view text);
// "+" and 7 to 15 digits that do not begin with 0.
bool isE164(std::string_view text);
// A sender: a number, a short code or an alphanumeric name.
bool isSender(std::string_view text);
// The number without blanks, brackets and dashes.
std::string tidyNumber(std::string_view text);

struct Country {
  std::string_view code;    // "US"
  std::string_view prefix;  // "1"
};
// Nothing for a number of a country that is not known here.
const Country* countryOf(std::string_view e164);
const Country* countryByCode(std::string_view code);
std::string nationalFormat(std::string_view e164);

}  // namespace simulators::twilio
