// Lookups: what is known of a telephone number.
#include <algorithm>
#include <array>

#include "twilio/operations.hpp"
#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr std::int64_t kLookupPrice = -500;
constexpr std::array<std::string_view, 12> kFields{"caller_name",
                                                   "sim_swap",
                                                   "call_forwarding",
                                                   "line_status",
                                                   "line_type_intelligence",
                                                   "identity_match",
                                                   "reassigned_number",
                                                   "sms_pumping_risk",
                                                   "phone_number_quality_score",
                                                   "pre_fill",
                                                   "validation",
                                                   "risk_score"};

// "+14155552345" for what was asked, with the country's prefix where the query names the country.
std::string numberOf(const Call& call) {
  auto number = tidyNumber(call.ids.at(0));
  const auto* country = countryByCode(call.queryText("CountryCode"));
  if (country && !call.ids[0].starts_with('+')) {
    std::string digits;
    for (const char c : call.ids[0]) {
      if (c >= '0' && c <= '9') digits.push_back(c);
    }
    number = "+" + std::string(country->prefix) + digits;
  }
  return number;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

Json detail(std::string_view field, const std::string& number) {
  Json out = Json::object();
  if (field == "line_type_intelligence") {
    out["mobile_country_code"] = "310";
    out["mobile_network_code"] = "456";
    out["carrier_name"] = "Simulated Wireless";
    out["type"] = number.ends_with('9') ? "landline" : "mobile";
    out["error_code"] = nullptr;
  } else if (field == "caller_name") {
    out["caller_name"] = "SIM CALLER";
    out["caller_type"] = "CONSUMER";
    out["error_code"] = nullptr;
  } else if (field == "line_status") {
    out["status"] = "active";
    out["error_code"] = nullptr;
  } else if (field == "sms_pumping_risk") {
    out["carrier_risk_category"] = "low";
    out["number_blocked"] = false;
    out["number_blocked_date"] = nullptr;
    out["number_blocked_last_3_months"] = false;
    out["sms_pumping_risk_score"] = 5;
    out["error_code"] = nullptr;
  } else {
    out["error_code"] = 60607;  // not enabled for this account
  }
  return out;
}

ApiAnswer lookUp(Call& call) {
  const auto number = numberOf(call);
  const auto wanted = split(call.queryText("Fields"));
  for (const auto& field : wanted) {
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) {
      throw problem(400, 60600, "Invalid Fields parameter: " + field);
    }
  }
  const auto digits = number.substr(number.starts_with('+') ? 1 : 0);
  if (digits.empty() ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    throw notFound(call.request.path);
  }
  const auto* country = isE164(number) ? countryOf(number) : nullptr;
  const bool american = country && country->prefix == "1";
  std::string fault;
  if (!isE164(number)) fault = digits.size() < 7 ? "TOO_SHORT" : "TOO_LONG";
  if (american && digits.size() != 11) fault = digits.size() < 11 ? "TOO_SHORT" : "TOO_LONG";
  if (fault.empty() && !country) fault = "INVALID_COUNTRY_CODE";
  if (number == "+15005550001") fault = "NOT_A_NUMBER";
  const bool valid = fault.empty();
  Json body = Json::object();
  body["calling_country_code"] = country ? Json(country->prefix) : Json(nullptr);
  body["country_code"] = country ? Json(country->code) : Json(nullptr);
  body["phone_number"] = number;
  body["national_format"] = valid ? Json(nationalFormat(number)) : Json(nullptr);
  body["valid"] = valid;
  body["validation_errors"] = valid ? Json::array() : Json::array({Json(fault)});
  for (const auto field : kFields) {
    if (field == "validation" || field == "risk_score") continue;
    const bool asked = std::find(wanted.begin(), wanted.end(), field) != wanted.end();
    body[std::string(field)] = asked && valid ? detail(field, number) : Json(nullptr);
  }
  body["url"] = "https://lookups.twilio.com/v2/PhoneNumbers/" + number;
  if (!wanted.empty() && valid) {
    charge(call.world, call.account, "lookup", call.world.mintSid("LK"), kLookupPrice,
           {{"phone_number", number}});
  }
  return jsonAnswer(200, body);
}

ApiAnswer lookUpFirstVersion(Call& call) {
  const auto number = numberOf(call);
  const auto* country = isE164(number) ? countryOf(number) : nullptr;
  if (!country || number == "+15005550001") throw notFound(call.request.path);
  Json body = Json::object();
  body["caller_name"] = nullptr;
  body["carrier"] = nullptr;
  body["add_ons"] = nullptr;
  for (const auto& [name, value] : call.query) {
    if (name != "Type") continue;
    if (value == "carrier") {
      body["carrier"] = Json{{"mobile_country_code", "310"},
                             {"mobile_network_code", "456"},
                             {"name", "Simulated Wireless"},
                             {"type", "mobile"},
                             {"error_code", nullptr}};
    } else if (value == "caller-name") {
      body["caller_name"] =
          Json{{"caller_name", "SIM CALLER"}, {"caller_type", "CONSUMER"}, {"error_code", nullptr}};
    } else {
      throw problem(400, 20001, "Invalid Type: " + value);
    }
  }
  body["country_code"] = country->code;
  body["phone_number"] = number;
  body["national_format"] = nationalFormat(number);
  body["url"] = "https://lookups.twilio.com/v1/PhoneNumbers/" + number;
  return jsonAnswer(200, body);
}

}  // namespace

void addLookups(Routes& routes) {
  routes.insert(routes.end(), {{"GET", "/v2/PhoneNumbers/{}", lookUp},
                               {"GET", "/v1/PhoneNumbers/{}", lookUpFirstVersion}});
}

}  // namespace simulators::twilio
