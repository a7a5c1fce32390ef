// verifications.create, .check and .get: verify.twilio.com/v2/Services/{VA}. A verification can be
// looked up by its id alone, so a lost create stays unknown; Twilio sends the same code again when
// the client starts another verification of the same recipient.
#include <array>
#include <utility>

#include "errors.hpp"
#include "operations.hpp"
#include "verification.hpp"

namespace twilio {

namespace {

using Status = sdk::VerificationStatus;

constexpr std::array<sdk::StatusName<Status>, 7> kStatuses = {{
    {"pending", Status::Pending},
    {"approved", Status::Approved},
    {"canceled", Status::Canceled},
    {"deleted", Status::Canceled},
    {"expired", Status::Expired},
    {"failed", Status::Failed},
    {"max_attempts_reached", Status::MaxAttemptsReached},
}};

constexpr std::string_view kIdPrefix = "VE";

sdk::VerificationChannel channelOf(std::string_view word) {
  using Channel = sdk::VerificationChannel;
  const std::string name = money::lower(word);
  for (const Channel channel : {Channel::Sms, Channel::Call, Channel::Email, Channel::Whatsapp}) {
    if (sdk::wordOf(channel) == name) return channel;
  }
  return Channel::Other;
}

sdk::Result<std::string> servicePath(const sdk::Call& call, std::string_view tail) {
  const auto service = sidSetting(call, "verify_service_sid", "VA");
  if (!service) return service.error();
  return "/v2/Services/" + *service + std::string(tail);
}

sdk::Result<sdk::Verification> verificationOf(json::View object, const sdk::Call& call) {
  sdk::Verification verification;
  verification.providerId = std::string(object["sid"].stringOr(""));
  if (!isSid(verification.providerId, kIdPrefix)) {
    return sdk::Error::badResponse("Twilio's answer is no verification");
  }
  verification.status = verificationStatusOf(object["status"].stringOr(""));
  verification.to = std::string(object["to"].stringOr(""));
  verification.channel = channelOf(object["channel"].stringOr(""));
  verification.livemode = call.live;
  const auto created = timestamp::fromIso8601(object["date_created"].stringOr(""));
  verification.createdUnixS = created && *created > 0 ? *created : 0;
  return verification;
}

sdk::Result<sdk::Verification> readVerification(const sdk::HttpResponse& response,
                                                std::string_view id, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, document)) return std::move(*problem);
  sdk::Result<sdk::Verification> read = verificationOf(document.root(), call);
  if (read && isSid(id, kIdPrefix) && read->providerId != id) {
    return sdk::Error::badResponse("Twilio answered with another verification");
  }
  return read;
}

}  // namespace

sdk::VerificationStatus verificationStatusOf(std::string_view word) {
  return sdk::mapStatus(kStatuses, word);
}

sdk::Result<sdk::HttpRequest> buildVerificationCreate(const sdk::VerificationCreate& in,
                                                      const sdk::Call& call) {
  auto path = servicePath(call, "/Verifications");
  if (!path) return std::move(path).error();
  if (in.to.empty()) return sdk::Error::invalidRequest("to", "'to' must not be empty");
  if (in.channel == sdk::VerificationChannel::Other) {
    return sdk::Error::notSupported("channel", "'channel' must be sms, call, email or whatsapp");
  }
  sdk::FormEncoder form;
  form.add("To", in.to).add("Channel", sdk::wordOf(in.channel)).add("Locale", in.locale);
  if (in.templateId) {
    if (auto problem = checkSid(*in.templateId, "HJ", "template_id", "verification template")) {
      return std::move(*problem);
    }
    form.add("TemplateSid", *in.templateId);
  }
  return post(kVerify, std::move(*path), std::move(form), "verifications.create");
}

sdk::Result<sdk::Verification> parseVerificationCreate(const sdk::HttpResponse& response,
                                                       const sdk::VerificationCreate&,
                                                       const sdk::Call& call) {
  return readVerification(response, {}, call);
}

sdk::Result<sdk::HttpRequest> buildVerificationGet(const sdk::ProviderRef& in,
                                                   const sdk::Call& call) {
  if (auto problem = checkSid(in.providerId, kIdPrefix, "provider_id", "verification")) {
    return std::move(*problem);
  }
  auto path = servicePath(call, "/Verifications/" + in.providerId);
  if (!path) return std::move(path).error();
  return get(kVerify, std::move(*path), {}, "verifications.get");
}

sdk::Result<sdk::Verification> parseVerificationGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call) {
  return readVerification(response, in.providerId, call);
}

sdk::Result<sdk::HttpRequest> buildVerificationCheck(const sdk::VerificationCheck& in,
                                                     const sdk::Call& call) {
  auto path = servicePath(call, "/VerificationCheck");
  if (!path) return std::move(path).error();
  if (in.code.empty()) return sdk::Error::invalidRequest("code", "'code' must not be empty");
  sdk::FormEncoder form;
  form.add("Code", in.code);
  // Twilio finds a verification by its recipient too.
  const bool recipient =
      in.providerId.front() == '+' || in.providerId.find('@') != std::string::npos;
  if (recipient) {
    form.add("To", in.providerId);
  } else {
    if (auto problem = checkSid(in.providerId, kIdPrefix, "provider_id", "verification")) {
      return std::move(*problem);
    }
    form.add("VerificationSid", in.providerId);
  }
  return post(kVerify, std::move(*path), std::move(form), "verifications.check");
}

// A wrong code is an answer like any other: still pending, not valid.
sdk::Result<sdk::Verification> parseVerificationCheck(const sdk::HttpResponse& response,
                                                      const sdk::VerificationCheck& in,
                                                      const sdk::Call& call) {
  sdk::Result<sdk::Verification> checked = readVerification(response, in.providerId, call);
  if (checked) {
    checked->valid = checked->status == sdk::VerificationStatus::Approved;
  } else if (checked.error().category == sdk::Category::NotFound) {
    checked.error().message =
        "Twilio has no pending verification of that id: it has expired, was approved or canceled, "
        "or saw too many wrong codes; start a new one";
    checked.error().field = "provider_id";
  }
  return checked;
}

sdk::Result<sdk::HttpRequest> askVerificationCheck(const sdk::VerificationCheck& in,
                                                   const sdk::Call& call) {
  if (!isSid(in.providerId, kIdPrefix)) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "a check by recipient can't be looked up");
  }
  return buildVerificationGet({in.providerId}, call);
}

sdk::Result<sdk::Verification> judgeVerificationCheck(const sdk::HttpResponse& response,
                                                      const sdk::VerificationCheck& in,
                                                      const sdk::Call& call) {
  sdk::Result<sdk::Verification> found = readVerification(response, in.providerId, call);
  if (!found && found.error().category == sdk::Category::NotFound) {
    return sdk::Error::unknown(sdk::Category::NotSupported,
                               "Twilio forgets a verification that was approved, canceled or has "
                               "expired, so whether the code was right can't be found out");
  }
  if (!found) return found;
  if (found->status == sdk::VerificationStatus::Unknown) {
    return sdk::Error::unknown(sdk::Category::UnknownOutcome,
                               "the verification's status is not known");
  }
  if (found->status == sdk::VerificationStatus::Pending) {
    return sdk::Error::neverHappened("the code did not approve the verification; check it again");
  }
  found->valid = found->status == sdk::VerificationStatus::Approved;
  return found;
}

}  // namespace twilio
