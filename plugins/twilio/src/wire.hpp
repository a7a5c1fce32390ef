// What all requests to Twilio have in common, and how its answers are taken apart. Used by every
// operation of this adapter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unigate/sdk.hpp>

namespace twilio {

namespace json = unigate::json;
namespace money = unigate::money;
namespace sdk = unigate::sdk;
namespace timestamp = unigate::timestamp;

// Twilio's products live on a host each: names of endpoints of the manifest.
inline constexpr std::string_view kApi = "api";
inline constexpr std::string_view kVerify = "verify";
inline constexpr std::string_view kLookups = "lookups";
inline constexpr std::string_view kMessaging = "messaging";

sdk::HttpRequest get(std::string_view endpoint, std::string path, std::string query,
                     std::string label);
sdk::HttpRequest post(std::string_view endpoint, std::string path, sdk::FormEncoder form,
                      std::string label);

// True for `prefix` and then letters and digits only, e.g. "SM" + 32 hex digits.
bool isSid(std::string_view id, std::string_view prefix);

// "/2010-04-01/Accounts/<account_sid>" + tail. Refuses where the account's settings lack the SID.
sdk::Result<std::string> accountPath(const sdk::Call& call, std::string_view tail);

// A setting that must be a SID; the error names it and the remedy.
sdk::Result<std::string> sidSetting(const sdk::Call& call, std::string_view name,
                                    std::string_view prefix);

// Refuses an id that is no SID of the kind, since "..", "?" and the like would reach another
// resource. `field` is the unified name of the id, `kind` what people call it.
std::optional<sdk::Error> checkSid(std::string_view id, std::string_view prefix,
                                   std::string_view field, std::string_view kind);

// Reads a 2xx answer into `document`; else says what the answer means. An answer of 2xx that is no
// JSON object has an unknown outcome.
std::optional<sdk::Error> readAnswer(const sdk::HttpResponse& response, json::Document& document);

std::optional<std::string> textOf(json::View field);
// Counts come as text: "1". Empty for anything that is no whole number from 0 on.
std::optional<std::int64_t> countOf(std::string_view text);
// Unix seconds of a time of the API of 2010 (RFC 2822).
std::optional<std::int64_t> timeOf(json::View field);
// What Twilio charged: prices are text, negative when we pay and null until they are known.
std::optional<sdk::Cost> costOf(json::View price, json::View unit);

// Addresses of channels beside SMS carry their name: "whatsapp:+14155550100".
inline constexpr std::string_view kWhatsapp = "whatsapp:";
bool isWhatsapp(std::string_view address);
std::string withoutChannel(std::string_view address);

}  // namespace twilio
