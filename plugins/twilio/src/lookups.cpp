// lookups.get: GET lookups.twilio.com/v2/PhoneNumbers/{number}. A number that is none is an answer
// too: valid false.
#include <algorithm>
#include <array>
#include <utility>

#include "operations.hpp"

namespace twilio {

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// What people write between digits.
bool isNumber(std::string_view text) {
  constexpr std::size_t kCharsMax = 64;
  return text.size() <= kCharsMax && std::any_of(text.begin(), text.end(), isDigit) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return isDigit(c) || std::string_view("+ ()-.").find(c) != std::string_view::npos;
         });
}

// The plus sign stands for itself in a path; Twilio's own SDK leaves it so.
std::string segmentOf(std::string_view number) {
  const bool plus = number.front() == '+';
  return (plus ? "+" : "") + sdk::percentEncode(number.substr(plus ? 1 : 0));
}

struct Field {
  std::string_view ours;
  std::string_view twilio;
};
constexpr std::array kFields = {
    Field{"line_type", "line_type_intelligence"},
    Field{"carrier", "line_type_intelligence"},
    Field{"line_type_intelligence", "line_type_intelligence"},
    Field{"caller_name", "caller_name"},
    Field{"sim_swap", "sim_swap"},
};

// Fields are paid for, so those that the answer has no place for are refused.
sdk::Result<std::string> fieldsOf(const std::vector<std::string>& names) {
  std::vector<std::string_view> wanted;
  for (const std::string& name : names) {
    const auto found = std::find_if(kFields.begin(), kFields.end(),
                                    [&](const Field& field) { return field.ours == name; });
    if (found == kFields.end()) {
      return sdk::Error::invalidRequest(
          "fields",
          "'fields' may hold line_type, carrier, caller_name and sim_swap (its carrier); "
          "the pass-through gives the others");
    }
    if (std::find(wanted.begin(), wanted.end(), found->twilio) == wanted.end()) {
      wanted.push_back(found->twilio);
    }
  }
  std::string text;
  for (const std::string_view field : wanted) {
    if (!text.empty()) text += ',';
    text += field;
  }
  return text;
}

void addCarrier(json::View from, sdk::Lookup& lookup) {
  if (!lookup.carrier) lookup.carrier = textOf(from["carrier_name"]);
  if (!lookup.mobileCountryCode) lookup.mobileCountryCode = textOf(from["mobile_country_code"]);
  if (!lookup.mobileNetworkCode) lookup.mobileNetworkCode = textOf(from["mobile_network_code"]);
}

}  // namespace

sdk::Result<sdk::HttpRequest> buildLookupGet(const sdk::LookupQuery& in) {
  if (!isNumber(in.phoneNumber)) {
    return sdk::Error::invalidRequest(
        "phone_number",
        "'phone_number' must be a number as +14155550100, or in national form "
        "with 'country'");
  }
  const auto fields = fieldsOf(in.fields);
  if (!fields) return fields.error();
  sdk::FormEncoder query;
  if (!fields->empty()) query.add("Fields", *fields);
  query.add("CountryCode", in.country);
  sdk::HttpRequest request = get(kLookups, "/v2/PhoneNumbers/" + segmentOf(in.phoneNumber),
                                 query.take(), "phone_numbers.get");
  for (const char* pointer :
       {"/phone_number", "/national_format", "/url", "/caller_name/caller_name"}) {
    request.redact.emplace_back(pointer);
  }
  return request;
}

sdk::Result<sdk::Lookup> parseLookupGet(const sdk::HttpResponse& response) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  const auto valid = document["valid"].boolean();
  sdk::Lookup lookup;
  lookup.phoneNumber = std::string(document["phone_number"].stringOr(""));
  if (!valid || lookup.phoneNumber.empty()) {
    return sdk::Error::badResponse("Twilio's answer is no look-up of a number");
  }
  lookup.valid = *valid;
  lookup.country = textOf(document["country_code"]);
  lookup.callingCountryCode = textOf(document["calling_country_code"]);
  lookup.nationalFormat = textOf(document["national_format"]);
  lookup.lineType = textOf(document["line_type_intelligence"]["type"]);
  lookup.callerName = textOf(document["caller_name"]["caller_name"]);
  addCarrier(document["line_type_intelligence"], lookup);
  addCarrier(document["sim_swap"], lookup);
  for (const json::View error : document["validation_errors"].items()) {
    if (const auto text = textOf(error)) lookup.validationErrors.push_back(*text);
  }
  return lookup;
}

}  // namespace twilio
