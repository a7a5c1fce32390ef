// Telephone numbers: those that can be bought and those that were.
#include "twilio/operations.hpp"
#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr int kAvailable = 30;

// The parameters of a bought number and its fields.
constexpr std::pair<const char*, const char*> kSettings[] = {
    {"FriendlyName", "friendly_name"},
    {"SmsApplicationSid", "sms_application_sid"},
    {"SmsFallbackMethod", "sms_fallback_method"},
    {"SmsFallbackUrl", "sms_fallback_url"},
    {"SmsMethod", "sms_method"},
    {"SmsUrl", "sms_url"},
    {"StatusCallback", "status_callback"},
    {"StatusCallbackMethod", "status_callback_method"},
    {"VoiceApplicationSid", "voice_application_sid"},
    {"VoiceFallbackMethod", "voice_fallback_method"},
    {"VoiceFallbackUrl", "voice_fallback_url"},
    {"VoiceMethod", "voice_method"},
    {"VoiceUrl", "voice_url"}};

ApiAnswer listAvailable(Call& call) {
  const auto& code = call.ids.at(0);
  const auto* country = countryByCode(code);
  if (!country) throw notFound(call.request.path);
  auto area = call.queryText("AreaCode");
  if (area.empty()) area = call.request.path.ends_with("TollFree.json") ? "800" : "415";
  Json list = Json::array();
  const auto size = call.queryText("PageSize");
  const auto count = size.empty() ? kAvailable : std::min(kAvailable, std::atoi(size.c_str()));
  for (int i = 0; area != "533" && i < count; ++i) {
    const auto number = "+" + std::string(country->prefix) + area + std::to_string(5550100 + i);
    const auto wanted = call.queryText("Contains");
    if (!wanted.empty() && wanted.find_first_of("*") == std::string::npos &&
        number.find(wanted) == std::string::npos) {
      continue;
    }
    Json entry = Json::object();
    entry["friendly_name"] = nationalFormat(number);
    entry["phone_number"] = number;
    entry["lata"] = "722";
    entry["locality"] = "San Francisco";
    entry["rate_center"] = "SNFC CNTRL";
    entry["latitude"] = "37.775000";
    entry["longitude"] = "-122.419000";
    entry["region"] = "CA";
    entry["postal_code"] = "94105";
    entry["iso_country"] = code;
    entry["address_requirements"] = "none";
    entry["beta"] = false;
    entry["capabilities"] = Json{{"voice", true}, {"sms", true}, {"mms", true}, {"fax", false}};
    list.push_back(std::move(entry));
  }
  Json body = Json::object();
  body["available_phone_numbers"] = std::move(list);
  body["uri"] = call.request.path;
  return jsonAnswer(200, body);
}

std::string wantedNumber(const Call& call) {
  const auto number = call.text("PhoneNumber");
  const auto area = call.text("AreaCode");
  if (number.empty() && area.empty()) {
    throw problem(400, 21402, "PhoneNumber or AreaCode is required");
  }
  if (number.empty()) {
    if (area == "533") throw problem(400, 21452, "No phone numbers found in area code 533");
    return "+1" + area + "555" + call.world.mintDigits(4);
  }
  if (number == "+15005550000") {
    throw problem(400, 21422, "PhoneNumber Requested: " + number + " is not available");
  }
  if (!isE164(number) || number == "+15005550001") {
    throw problem(400, 21421, "PhoneNumber: " + number + " is not valid");
  }
  for (const auto* owned : call.account.of("numbers").all()) {
    if (textOf(*owned, "phone_number") == number) {
      throw problem(400, 21422, "PhoneNumber Requested: " + number + " is not available");
    }
  }
  return number;
}

ApiAnswer buyNumber(Call& call) {
  const auto number = wantedNumber(call);
  const auto sid = call.world.mintSid("PN");
  const auto now = rfc2822(call.world.timeMs());
  Json bought = Json::object();
  bought["sid"] = sid;
  bought["account_sid"] = call.account.sid;
  bought["friendly_name"] = nationalFormat(number);
  bought["phone_number"] = number;
  bought["origin"] = "twilio";
  bought["address_requirements"] = "none";
  bought["address_sid"] = nullptr;
  bought["api_version"] = "2010-04-01";
  bought["beta"] = false;
  bought["capabilities"] = Json{{"voice", true}, {"sms", true}, {"mms", true}, {"fax", false}};
  bought["date_created"] = now;
  bought["date_updated"] = now;
  bought["status"] = "in-use";
  bought["type"] = "local";
  bought["trunk_sid"] = nullptr;
  bought["voice_caller_id_lookup"] = false;
  bought["uri"] = accountPath(call.account) + "/IncomingPhoneNumbers/" + sid + ".json";
  for (const auto& [parameter, field] : kSettings) {
    const bool method = std::string_view(field).ends_with("_method");
    if (!bought.contains(field)) bought[field] = method ? "POST" : "";
    if (const auto value = call.given(parameter)) bought[field] = *value;
  }
  charge(call.world, call.account, "number", sid, -115'000, {{"phone_number", number}});
  return jsonAnswer(201, call.account.of("numbers").add(sid, std::move(bought)));
}

ApiAnswer getNumber(Call& call) {
  return jsonAnswer(200, named(call, "numbers"));
}

ApiAnswer listNumbers(Call& call) {
  std::vector<Json*> found;
  for (auto* number : call.account.of("numbers").all()) {
    const auto wanted = call.queryText("PhoneNumber");
    const auto name = call.queryText("FriendlyName");
    if (!wanted.empty() && textOf(*number, "phone_number").find(wanted) == std::string::npos) {
      continue;
    }
    if (!name.empty() && textOf(*number, "friendly_name") != name) continue;
    found.push_back(number);
  }
  return pageAnswer(call, found, "incoming_phone_numbers");
}

ApiAnswer updateNumber(Call& call) {
  auto& number = named(call, "numbers");
  for (const auto& [parameter, field] : kSettings) {
    if (const auto value = call.given(parameter)) number[field] = *value;
  }
  number["date_updated"] = rfc2822(call.world.timeMs());
  return jsonAnswer(200, number);
}

ApiAnswer releaseNumber(Call& call) {
  named(call, "numbers");
  call.account.of("numbers").erase(call.ids[0]);
  return noContent();
}

}  // namespace

void addNumbers(Routes& routes) {
  const auto root = [](const char* path, Operation operation, const char* method) {
    return Route<Operation>{method, path, operation};
  };
  routes.insert(
      routes.end(),
      {root("/2010-04-01/Accounts/{}/AvailablePhoneNumbers/{}/Local.json", listAvailable, "GET"),
       root("/2010-04-01/Accounts/{}/AvailablePhoneNumbers/{}/Mobile.json", listAvailable, "GET"),
       root("/2010-04-01/Accounts/{}/AvailablePhoneNumbers/{}/TollFree.json", listAvailable, "GET"),
       root("/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", listNumbers, "GET"),
       root("/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", buyNumber, "POST"),
       root("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", getNumber, "GET"),
       root("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", updateNumber, "POST"),
       root("/2010-04-01/Accounts/{}/IncomingPhoneNumbers/{}.json", releaseNumber, "DELETE")});
}

}  // namespace simulators::twilio
