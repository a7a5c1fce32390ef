#include "twilio/message_flow.hpp"

#include <array>

#include "twilio/phone.hpp"

namespace simulators::twilio {
namespace {

constexpr std::int64_t kStepMs = 300;
constexpr std::string_view kPoolNumber = "+15005550006";  // of every messaging service
constexpr std::int64_t kSmsPrice = -750;
constexpr std::int64_t kMmsPrice = -2000;
constexpr std::int64_t kWhatsAppPrice = -500;

// Receivers +15005530003 and so on take nothing: the last five digits are the error.
constexpr std::string_view kFailingReceivers = "+150055";
struct Failure {
  int code;
  std::string_view status;
  std::string_view message;
};
constexpr std::array<Failure, 9> kFailures{
    {{30001, "failed", "Queue overflow"},
     {30002, "failed", "Account suspended"},
     {30003, "undelivered", "Unreachable destination handset"},
     {30004, "undelivered", "Message blocked"},
     {30005, "undelivered", "Unknown destination handset"},
     {30006, "undelivered", "Landline or unreachable carrier"},
     {30007, "undelivered", "Message filtered"},
     {30008, "undelivered", "Unknown error"},
     {30034, "undelivered", "US A2P 10DLC - Message from an Unregistered Number"}}};

const Failure* failureOf(std::string_view to) {
  if (!to.starts_with(kFailingReceivers)) return nullptr;
  const auto code = to.substr(kFailingReceivers.size());
  for (const auto& failure : kFailures) {
    if (std::to_string(failure.code) == code) return &failure;
  }
  return nullptr;
}

// The status that follows; empty at the end of the way.
std::string followerOf(const std::string& status) {
  if (status == "accepted") return "queued";
  if (status == "queued") return "sending";
  if (status == "sending") return "sent";
  if (status == "sent") return "delivered";
  return {};
}

void startMessage(World& world, Account& account, const std::string& sid);

void step(World& world, Account& account, const std::string& sid) {
  auto* message = account.of("messages").find(sid);
  if (!message) return;  // deleted meanwhile
  auto next = followerOf(textOf(*message, "status"));
  if (next.empty()) return;
  const auto* failure = failureOf(readAddress(textOf(*message, "to")).number);
  const bool fails = failure && next == (failure->status == "failed" ? "sent" : "delivered");
  if (fails) {
    next = failure->status;
    (*message)["error_code"] = failure->code;
    (*message)["error_message"] = failure->message;
  }
  if (next == "sending" && !has(*message, "from")) (*message)["from"] = kPoolNumber;
  if (next == "sent" || next == "failed") {
    (*message)["date_sent"] = rfc2822(world.timeMs());
    (*message)["price"] =
        next == "failed" ? Json(nullptr) : Json(priceText(messagePrice(*message)));
    (*message)["price_unit"] = "USD";
  }
  setMessageStatus(world, account, *message, next);
  if (!followerOf(next).empty()) startMessage(world, account, sid);
}

void startMessage(World& world, Account& account, const std::string& sid) {
  world.after(kStepMs, [&world, &account, sid] { step(world, account, sid); });
}

}  // namespace

void setMessageStatus(World& world, Account& account, Json& message, const std::string& status) {
  message["status"] = status;
  message["date_updated"] = rfc2822(world.timeMs());
  const auto url = textOf(message, "_callback");
  if (url.empty()) return;
  std::vector<FormPair> parameters{{"SmsSid", textOf(message, "sid")},
                                   {"SmsStatus", status},
                                   {"MessageStatus", status},
                                   {"To", textOf(message, "to")},
                                   {"MessageSid", textOf(message, "sid")},
                                   {"AccountSid", account.sid},
                                   {"From", textOf(message, "from")},
                                   {"ApiVersion", "2010-04-01"}};
  if (const auto service = textOf(message, "messaging_service_sid"); !service.empty()) {
    parameters.push_back({"MessagingServiceSid", service});
  }
  if (has(message, "error_code")) {
    parameters.push_back({"ErrorCode", std::to_string(integerOf(message, "error_code"))});
    parameters.push_back({"ErrorMessage", textOf(message, "error_message")});
  }
  if (const auto address = readAddress(textOf(message, "to")); address.channel == "whatsapp") {
    parameters.push_back({"ChannelPrefix", "whatsapp"});
    parameters.push_back({"ChannelToAddress", address.number});
  }
  world.callBack(account, url, "POST", parameters);
}

std::int64_t messagePrice(const Json& message) {
  if (textOf(message, "to").starts_with("whatsapp:")) return kWhatsAppPrice;
  if (textOf(message, "num_media") != "0") return kMmsPrice;
  return kSmsPrice * integerOf(message, "_segments", 1);
}

void takeMessage(World& world, Account& account, const Json& message) {
  Metadata metadata{{"to", textOf(message, "to")}, {"from", textOf(message, "from")}};
  const auto callback = textOf(message, "_callback");
  if (!callback.empty()) metadata.emplace_back("status_callback", callback);
  const auto sid = textOf(message, "sid");
  charge(world, account, "message", sid, messagePrice(message), std::move(metadata));
  startMessage(world, account, sid);
}

std::int64_t segmentsOf(std::string_view body) {
  static constexpr std::string_view kGsmExtra = "^{}\\[~]|";
  std::int64_t septets = 0;
  std::int64_t units = 0;  // of UTF-16
  bool gsm = true;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto byte = static_cast<unsigned char>(body[i]);
    if ((byte & 0xc0) == 0x80) continue;
    ++units;
    if (byte >= 0xf0) ++units;
    if (byte == '`' || (byte < ' ' && byte != '\n' && byte != '\r')) gsm = false;
    if (byte >= 0x80) {
      static constexpr std::array<std::string_view, 31> kGsmLetters{
          "£", "¥", "è", "é", "ù", "ì", "ò", "Ç", "Ø", "ø", "Å", "å", "Δ", "Φ", "Γ", "Λ",
          "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "Æ", "æ", "ß", "É", "¤", "¡", "Ä", "Ö", "Ñ"};
      static constexpr std::array<std::string_view, 8> kMoreLetters{"Ü", "§", "¿", "ä",
                                                                    "ö", "ñ", "ü", "à"};
      const auto known = [&](const auto& letters) {
        for (const auto letter : letters) {
          if (body.substr(i).starts_with(letter)) return true;
        }
        return false;
      };
      if (body.substr(i).starts_with("€")) {
        ++septets;
      } else if (!known(kGsmLetters) && !known(kMoreLetters)) {
        gsm = false;
      }
    }
    septets += kGsmExtra.find(static_cast<char>(byte)) == std::string_view::npos ? 1 : 2;
  }
  const auto length = gsm ? septets : units;
  const auto whole = gsm ? 160 : 70;
  const auto part = gsm ? 153 : 67;
  return length <= whole ? 1 : (length + part - 1) / part;
}

}  // namespace simulators::twilio
