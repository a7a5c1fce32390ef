// Verify: a code is sent, and checked.
#include <algorithm>
#include <array>

#include "twilio/operations.hpp"
#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr std::int64_t kLifetimeMs = 10LL * 60 * 1000;
constexpr std::int64_t kAttemptsMax = 5;
constexpr std::int64_t kVerificationPrice = -5000;
constexpr std::string_view kFixedCodeNumbers = "+1500555";
constexpr std::array<std::string_view, 5> kChannels{"sms", "call", "email", "whatsapp", "sna"};

Json& serviceOf(Call& call) {
  auto* service = call.account.of("verify-services").find(call.ids.at(0));
  if (!service) throw notFound(call.request.path);
  return *service;
}

ApiAnswer createService(Call& call) {
  const auto name = call.text("FriendlyName");
  if (name.empty() || name.size() > 32) {
    throw problem(400, 60200, "Invalid parameter `FriendlyName`");
  }
  const auto length = call.number("CodeLength", 6);
  if (length < 4 || length > 10) throw problem(400, 60200, "Invalid parameter `CodeLength`");
  const auto sid = call.world.mintSid("VA");
  auto service = newVerifyService(call.account, sid, name, call.world.timeMs());
  service["code_length"] = length;
  for (const auto& [parameter, field] :
       {std::pair{"LookupEnabled", "lookup_enabled"}, std::pair{"Psd2Enabled", "psd2_enabled"},
        std::pair{"SkipSmsToLandlines", "skip_sms_to_landlines"},
        std::pair{"DtmfInputRequired", "dtmf_input_required"},
        std::pair{"DoNotShareWarningEnabled", "do_not_share_warning_enabled"},
        std::pair{"CustomCodeEnabled", "custom_code_enabled"}}) {
    if (call.given(parameter)) service[field] = call.flag(parameter);
  }
  return jsonAnswer(201, call.account.of("verify-services").add(sid, std::move(service)));
}

ApiAnswer getService(Call& call) {
  return jsonAnswer(200, serviceOf(call));
}

ApiAnswer listServices(Call& call) {
  auto all = call.account.of("verify-services").all();
  std::reverse(all.begin(), all.end());
  return metaPageAnswer(call, all, "services");
}

// The newest verification of that number with that status; null if there is none.
Json* newestFor(Call& call, const std::string& to, std::string_view status) {
  auto all = call.account.of("verifications").all();
  for (auto place = all.rbegin(); place != all.rend(); ++place) {
    if (textOf(**place, "to") == to && textOf(**place, "status") == status &&
        textOf(**place, "service_sid") == call.ids.at(0)) {
      return *place;
    }
  }
  return nullptr;
}

Json* pendingFor(Call& call, const std::string& to) {
  return newestFor(call, to, "pending");
}

void checkStart(const Call& call) {
  const auto to = call.text("To");
  const auto channel = call.text("Channel");
  if (to.empty()) throw problem(400, 60200, "Missing required parameter `To`");
  if (channel.empty()) throw problem(400, 60200, "Missing required parameter `Channel`");
  if (std::find(kChannels.begin(), kChannels.end(), channel) == kChannels.end() &&
      channel != "auto") {
    throw problem(400, 60200, "Invalid parameter `Channel`: " + channel);
  }
  const bool good = channel == "email" ? to.find('@') != std::string::npos : isE164(to);
  if (!good || to == "+15005550001") throw problem(400, 60200, "Invalid parameter `To`: " + to);
  if (to == "+15005550003") {
    throw problem(403, 60605,
                  "The destination phone number has been blocked by Verify Geo-Permissions");
  }
  if (to == "+15005550004") {
    throw problem(403, 60410,
                  "Verification delivery attempt blocked. The destination phone number "
                  "has been temporarily blocked by Twilio due to fraudulent activities");
  }
  if (to == "+15005550009" && channel == "sms") {
    throw problem(403, 60205, "SMS is not supported by landline phone number");
  }
}

void addAttempt(Call& call, Json& verification) {
  auto channel = call.text("Channel");
  std::transform(channel.begin(), channel.end(), channel.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  verification["send_code_attempts"].push_back(Json{{"time", isoTime(call.world.timeMs())},
                                                    {"channel", channel},
                                                    {"attempt_sid", call.world.mintSid("VL")}});
}

std::string codeFor(Call& call, const Json& service) {
  if (const auto custom = call.given("CustomCode")) {
    if (!flagOf(service, "custom_code_enabled")) {
      throw problem(403, 60204, "Service does not support this feature: CustomCode");
    }
    return *custom;
  }
  const auto length = static_cast<std::size_t>(integerOf(service, "code_length", 6));
  if (call.text("To").starts_with(kFixedCodeNumbers)) return std::string("1234567890", length);
  return call.world.mintDigits(length);
}

ApiAnswer startVerification(Call& call) {
  const auto& service = serviceOf(call);
  checkStart(call);
  const auto to = call.text("To");
  auto* verification = pendingFor(call, to);
  if (verification && (*verification)["send_code_attempts"].size() >= kAttemptsMax) {
    throw problem(429, 60203, "Max send attempts reached");
  }
  if (!verification) {
    const auto sid = call.world.mintSid("VE");
    Json made = Json::object();
    made["sid"] = sid;
    made["service_sid"] = call.ids[0];
    made["account_sid"] = call.account.sid;
    made["to"] = to;
    made["channel"] = call.text("Channel") == "auto" ? "sms" : call.text("Channel");
    made["status"] = "pending";
    made["valid"] = false;
    made["lookup"] = Json::object();
    made["amount"] = textOrNull(call.text("Amount"));
    made["payee"] = textOrNull(call.text("Payee"));
    made["send_code_attempts"] = Json::array();
    made["sna"] = nullptr;
    made["date_created"] = isoTime(call.world.timeMs());
    made["date_updated"] = isoTime(call.world.timeMs());
    made["url"] = call.request.origin + "/v2/Services/" + call.ids[0] + "/Verifications/" + sid;
    made["_code"] = codeFor(call, service);
    made["_checks"] = 0;
    verification = &call.account.of("verifications").add(sid, std::move(made));
    call.world.at(call.world.timeMs() + kLifetimeMs, [&account = call.account, sid] {
      auto& expired = *account.of("verifications").find(sid);
      const auto status = textOf(expired, "status");
      if (status == "pending" || status == "max_attempts_reached") expired["status"] = "expired";
    });
  }
  (*verification)["channel"] = call.text("Channel") == "auto" ? "sms" : call.text("Channel");
  (*verification)["date_updated"] = isoTime(call.world.timeMs());
  addAttempt(call, *verification);
  charge(call.world, call.account, "verification", textOf(*verification, "sid"), kVerificationPrice,
         {{"to", to}, {"channel", textOf(*verification, "channel")}});
  return jsonAnswer(201, *verification);
}

Json& verificationOf(Call& call) {
  serviceOf(call);
  const auto& wanted = call.ids.at(1);
  auto* found = call.account.of("verifications").find(wanted);
  if (!found) found = pendingFor(call, wanted);  // Twilio takes the number too
  if (!found || textOf(*found, "service_sid") != call.ids[0]) throw notFound(call.request.path);
  return *found;
}

// What was approved, canceled or has expired is gone for Twilio's API.
ApiAnswer getVerification(Call& call) {
  const auto& verification = verificationOf(call);
  const auto status = textOf(verification, "status");
  if (status == "expired" || status == "approved") throw notFound(call.request.path);
  return jsonAnswer(200, verification);
}

ApiAnswer updateVerification(Call& call) {
  auto& verification = verificationOf(call);
  const auto status = call.text("Status");
  if (status != "canceled" && status != "approved") {
    throw problem(400, 60200, "Invalid parameter `Status`");
  }
  if (textOf(verification, "status") != "pending") throw notFound(call.request.path);
  verification["status"] = status;
  verification["valid"] = status == "approved";
  verification["date_updated"] = isoTime(call.world.timeMs());
  return jsonAnswer(200, verification);
}

ApiAnswer checkVerification(Call& call) {
  serviceOf(call);
  const auto code = call.text("Code");
  const auto sid = call.text("VerificationSid");
  const auto to = call.text("To");
  if (code.empty()) throw problem(400, 60200, "Missing required parameter `Code`");
  if (sid.empty() && to.empty()) {
    throw problem(400, 60200, "Either `To` or `VerificationSid` is required");
  }
  auto* verification =
      sid.empty() ? pendingFor(call, to) : call.account.of("verifications").find(sid);
  if (!verification && sid.empty()) verification = newestFor(call, to, "max_attempts_reached");
  if (!verification || textOf(*verification, "service_sid") != call.ids[0] ||
      textOf(*verification, "status") == "approved" ||
      textOf(*verification, "status") == "expired" ||
      textOf(*verification, "status") == "canceled") {
    throw notFound(call.request.path);
  }
  if (textOf(*verification, "status") == "max_attempts_reached") {
    throw problem(429, 60202, "Max check attempts reached");
  }
  const auto checks = integerOf(*verification, "_checks") + 1;
  (*verification)["_checks"] = checks;
  const bool right = code == textOf(*verification, "_code");
  if (right) {
    (*verification)["status"] = "approved";
    (*verification)["valid"] = true;
  } else if (checks >= kAttemptsMax) {
    (*verification)["status"] = "max_attempts_reached";
  }
  (*verification)["date_updated"] = isoTime(call.world.timeMs());
  Json body = Json::object();
  take(body, *verification,
       {"sid", "service_sid", "account_sid", "to", "channel", "status", "valid"});
  if (!right && checks >= kAttemptsMax) body["status"] = "pending";
  body["amount"] = (*verification)["amount"];
  body["payee"] = (*verification)["payee"];
  body["sna_attempts_error_codes"] = Json::array();
  take(body, *verification, {"date_created", "date_updated"});
  return jsonAnswer(200, body);
}

}  // namespace

Json newVerifyService(const Account& account, const std::string& sid, const std::string& name,
                      std::int64_t nowMs) {
  const auto url = "https://verify.twilio.com/v2/Services/" + sid;
  Json service = Json::object();
  service["sid"] = sid;
  service["account_sid"] = account.sid;
  service["friendly_name"] = name;
  service["code_length"] = 6;
  for (const auto* flag : {"lookup_enabled", "psd2_enabled", "skip_sms_to_landlines",
                           "dtmf_input_required", "do_not_share_warning_enabled",
                           "custom_code_enabled", "verify_event_subscription_enabled"}) {
    service[flag] = false;
  }
  service["tts_name"] = name;
  service["push"] = Json{
      {"include_date", false}, {"apn_credential_sid", nullptr}, {"fcm_credential_sid", nullptr}};
  service["totp"] = Json{{"issuer", name}, {"time_step", 30}, {"code_length", 6}, {"skew", 1}};
  service["whatsapp"] = Json{{"msg_service_sid", nullptr}, {"from", nullptr}};
  service["default_template_sid"] = nullptr;
  service["date_created"] = isoTime(nowMs);
  service["date_updated"] = isoTime(nowMs);
  service["url"] = url;
  service["links"] = Json{{"verification_checks", url + "/VerificationCheck"},
                          {"verifications", url + "/Verifications"},
                          {"rate_limits", url + "/RateLimits"}};
  return service;
}

void addVerify(Routes& routes) {
  routes.insert(routes.end(), {{"POST", "/v2/Services", createService},
                               {"GET", "/v2/Services", listServices},
                               {"GET", "/v2/Services/{}", getService},
                               {"POST", "/v2/Services/{}/Verifications", startVerification},
                               {"GET", "/v2/Services/{}/Verifications/{}", getVerification},
                               {"POST", "/v2/Services/{}/Verifications/{}", updateVerification},
                               {"POST", "/v2/Services/{}/VerificationCheck", checkVerification}});
}

}  // namespace simulators::twilio
