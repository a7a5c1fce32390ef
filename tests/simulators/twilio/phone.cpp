#include "twilio/phone.hpp"

#include <algorithm>
#include <array>

namespace simulators::twilio {
namespace {

constexpr std::array<Country, 24> kCountries{
    {{"US", "1"},   {"GB", "44"},  {"IN", "91"},  {"DE", "49"},  {"FR", "33"},  {"ES", "34"},
     {"IT", "39"},  {"AU", "61"},  {"JP", "81"},  {"CN", "86"},  {"BR", "55"},  {"MX", "52"},
     {"ZA", "27"},  {"NL", "31"},  {"CH", "41"},  {"SE", "46"},  {"NO", "47"},  {"PL", "48"},
     {"KW", "965"}, {"AE", "971"}, {"IL", "972"}, {"IE", "353"}, {"PT", "351"}, {"SG", "65"}}};

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

Address readAddress(std::string_view text) {
  for (const std::string_view channel : {"whatsapp", "messenger", "sip", "client", "rcs"}) {
    if (text.starts_with(channel) && text.substr(channel.size()).starts_with(':')) {
      return {std::string(channel), std::string(text.substr(channel.size() + 1))};
    }
  }
  return {{}, tidyNumber(text)};
}

bool isE164(std::string_view text) {
  if (!text.starts_with('+')) return false;
  text.remove_prefix(1);
  return text.size() >= 7 && text.size() <= 15 && text[0] != '0' &&
         std::all_of(text.begin(), text.end(), isDigit);
}

bool isSender(std::string_view text) {
  if (isE164(text)) return true;
  if (text.starts_with('+')) return false;
  if (text.size() >= 3 && text.size() <= 6 && std::all_of(text.begin(), text.end(), isDigit)) {
    return true;
  }
  const auto inName = [](char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ' || c == '-' ||
           c == '_' || c == '&' || c == '+';
  };
  return !text.empty() && text.size() <= 11 && std::all_of(text.begin(), text.end(), inName) &&
         !std::all_of(text.begin(), text.end(), isDigit);
}

std::string tidyNumber(std::string_view text) {
  std::string out;
  bool onlyNumber = !text.empty();
  for (const char c : text) {
    if (isDigit(c) || (c == '+' && out.empty())) {
      out.push_back(c);
    } else if (std::string_view(" ()-.").find(c) == std::string_view::npos) {
      onlyNumber = false;
    }
  }
  if (!onlyNumber) return std::string(text);
  if (out.size() == 10 && !out.starts_with('+')) return "+1" + out;
  return out;
}

const Country* countryOf(std::string_view e164) {
  const Country* best = nullptr;
  for (const auto& country : kCountries) {
    if (e164.substr(1).starts_with(country.prefix) &&
        (!best || best->prefix.size() < country.prefix.size())) {
      best = &country;
    }
  }
  return best;
}

const Country* countryByCode(std::string_view code) {
  for (const auto& country : kCountries) {
    if (country.code == code) return &country;
  }
  return nullptr;
}

std::string nationalFormat(std::string_view e164) {
  const auto* country = countryOf(e164);
  const std::string digits(e164.substr(country ? 1 + country->prefix.size() : 1));
  if (country && country->prefix == "1" && digits.size() == 10) {
    return "(" + digits.substr(0, 3) + ") " + digits.substr(3, 3) + "-" + digits.substr(6);
  }
  return digits;
}

}  // namespace simulators::twilio
