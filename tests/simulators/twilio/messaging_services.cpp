// Messaging services: pools of senders.
#include <algorithm>

#include "twilio/operations.hpp"

namespace simulators::twilio {
namespace {

enum class Kind : std::uint8_t { kText, kFlag, kNumber };
struct Setting {
  const char* parameter;
  const char* field;
  Kind kind;
};
constexpr Setting kSettings[] = {
    {"FriendlyName", "friendly_name", Kind::kText},
    {"InboundRequestUrl", "inbound_request_url", Kind::kText},
    {"InboundMethod", "inbound_method", Kind::kText},
    {"FallbackUrl", "fallback_url", Kind::kText},
    {"FallbackMethod", "fallback_method", Kind::kText},
    {"StatusCallback", "status_callback", Kind::kText},
    {"StickySender", "sticky_sender", Kind::kFlag},
    {"MmsConverter", "mms_converter", Kind::kFlag},
    {"SmartEncoding", "smart_encoding", Kind::kFlag},
    {"ScanMessageContent", "scan_message_content", Kind::kText},
    {"FallbackToLongCode", "fallback_to_long_code", Kind::kFlag},
    {"AreaCodeGeomatch", "area_code_geomatch", Kind::kFlag},
    {"ValidityPeriod", "validity_period", Kind::kNumber},
    {"SynchronousValidation", "synchronous_validation", Kind::kFlag},
    {"Usecase", "usecase", Kind::kText},
    {"UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", Kind::kFlag}};

void applySettings(const Call& call, Json& service) {
  for (const auto& setting : kSettings) {
    if (!call.given(setting.parameter)) continue;
    switch (setting.kind) {
      case Kind::kText:
        service[setting.field] = textOrNull(call.text(setting.parameter));
        break;
      case Kind::kFlag:
        service[setting.field] = call.flag(setting.parameter);
        break;
      case Kind::kNumber:
        service[setting.field] = call.number(setting.parameter, 0);
        break;
    }
  }
  if (textOf(service, "friendly_name").empty()) {
    throw problem(400, 20001, "Missing required parameter FriendlyName in the post body");
  }
}

ApiAnswer createService(Call& call) {
  const auto sid = call.world.mintSid("MG");
  auto service = newMessagingService(call.account, sid, "", call.world.timeMs());
  applySettings(call, service);
  return jsonAnswer(201, call.account.of("messaging-services").add(sid, std::move(service)));
}

ApiAnswer getService(Call& call) {
  return jsonAnswer(200, named(call, "messaging-services"));
}

ApiAnswer listServices(Call& call) {
  auto all = call.account.of("messaging-services").all();
  std::reverse(all.begin(), all.end());
  return metaPageAnswer(call, all, "services");
}

ApiAnswer updateService(Call& call) {
  auto& service = named(call, "messaging-services");
  auto changed = service;
  applySettings(call, changed);
  changed["date_updated"] = isoTime(call.world.timeMs());
  service = std::move(changed);
  return jsonAnswer(200, service);
}

ApiAnswer deleteService(Call& call) {
  named(call, "messaging-services");
  call.account.of("messaging-services").erase(call.ids[0]);
  return noContent();
}

ApiAnswer addNumber(Call& call) {
  auto& service = named(call, "messaging-services");
  const auto sid = call.text("PhoneNumberSid");
  const auto* number = call.account.of("numbers").find(sid);
  if (!number) throw problem(404, 21708, "The phone number " + sid + " does not exist");
  Json entry = Json::object();
  entry["sid"] = sid;
  entry["account_sid"] = call.account.sid;
  entry["service_sid"] = call.ids[0];
  entry["date_created"] = isoTime(call.world.timeMs());
  entry["date_updated"] = isoTime(call.world.timeMs());
  entry["phone_number"] = textOf(*number, "phone_number");
  entry["country_code"] = "US";
  entry["capabilities"] = Json::array({"Voice", "SMS", "MMS"});
  entry["url"] = textOf(service, "url") + "/PhoneNumbers/" + sid;
  for (const auto& other : dig(service, "_numbers")) {
    if (textOf(other, "sid") == sid) {
      throw problem(409, 21710, "Phone number is already in the messaging service");
    }
  }
  service["_numbers"].push_back(entry);
  return jsonAnswer(201, entry);
}

ApiAnswer listNumbers(Call& call) {
  auto& service = named(call, "messaging-services");
  Collection numbers;
  for (const auto& entry : dig(service, "_numbers")) numbers.add(textOf(entry, "sid"), entry);
  return metaPageAnswer(call, numbers.all(), "phone_numbers");
}

}  // namespace

Json newMessagingService(const Account& account, const std::string& sid, const std::string& name,
                         std::int64_t nowMs) {
  const auto url = "https://messaging.twilio.com/v1/Services/" + sid;
  Json service = Json::object();
  service["account_sid"] = account.sid;
  service["sid"] = sid;
  service["date_created"] = isoTime(nowMs);
  service["date_updated"] = isoTime(nowMs);
  service["friendly_name"] = name;
  service["inbound_request_url"] = nullptr;
  service["inbound_method"] = "POST";
  service["fallback_url"] = nullptr;
  service["fallback_method"] = "POST";
  service["status_callback"] = nullptr;
  service["sticky_sender"] = true;
  service["smart_encoding"] = true;
  service["mms_converter"] = true;
  service["fallback_to_long_code"] = true;
  service["scan_message_content"] = "inherit";
  service["area_code_geomatch"] = true;
  service["validity_period"] = 14400;
  service["synchronous_validation"] = false;
  service["usecase"] = "undeclared";
  service["us_app_to_person_registered"] = false;
  service["use_inbound_webhook_on_number"] = false;
  service["links"] = Json{{"phone_numbers", url + "/PhoneNumbers"},
                          {"short_codes", url + "/ShortCodes"},
                          {"alpha_senders", url + "/AlphaSenders"}};
  service["url"] = url;
  return service;
}

void addMessagingServices(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v1/Services", createService},
                               {"GET", "/v1/Services", listServices},
                               {"GET", "/v1/Services/{}", getService},
                               {"POST", "/v1/Services/{}", updateService},
                               {"DELETE", "/v1/Services/{}", deleteService},
                               {"POST", "/v1/Services/{}/PhoneNumbers", addNumber},
                               {"GET", "/v1/Services/{}/PhoneNumbers", listNumbers}});
}

}  // namespace simulators::twilio
