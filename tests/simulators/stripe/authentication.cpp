#include "stripe/authentication.hpp"

#include <algorithm>
#include <optional>

#include "stripe/errors.hpp"

namespace simulators::stripe {
namespace {

constexpr std::size_t kKeyLengthMin = 16;

bool startsWithIgnoringCase(std::string_view text, std::string_view lowerPrefix) {
  return text.size() >= lowerPrefix.size() &&
         std::equal(lowerPrefix.begin(), lowerPrefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

std::optional<std::string> decodeBase64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return out;
}

std::string keyOf(std::string_view authorization) {
  if (startsWithIgnoringCase(authorization, "bearer ")) return std::string(authorization.substr(7));
  if (!startsWithIgnoringCase(authorization, "basic ")) return {};
  const auto decoded = decodeBase64(authorization.substr(6));
  return decoded ? decoded->substr(0, decoded->find(':')) : std::string();
}

bool wellFormed(std::string_view key) {
  const bool known = key.starts_with("sk_test_") || key.starts_with("sk_live_") ||
                     key.starts_with("rk_test_") || key.starts_with("rk_live_");
  return known && key.size() >= kKeyLengthMin && std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

std::string masked(std::string_view key) {
  if (key.size() < kKeyLengthMin) return "****";
  std::string text(key.substr(0, 8));
  text.append(key.size() - 12, '*').append(key.substr(key.size() - 4));
  return text;
}

}  // namespace

Credentials readCredentials(const HttpRequest& request,
                            const std::vector<std::string>& acceptedKeys) {
  const auto authorization = request.header("Authorization");
  Credentials credentials;
  credentials.secretKey = keyOf(authorization);
  if (credentials.secretKey.empty()) {
    throw unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
        "https://stripe.com/docs/api#authentication for details.");
  }
  const auto& key = credentials.secretKey;
  const bool accepted = acceptedKeys.empty() || std::find(acceptedKeys.begin(), acceptedKeys.end(),
                                                          key) != acceptedKeys.end();
  if (!wellFormed(key) || !accepted) {
    throw unauthorized("Invalid API Key provided: " + masked(key));
  }
  credentials.livemode = key.substr(3, 4) == "live";
  credentials.connectedAccount = request.header("Stripe-Account");
  if (!credentials.connectedAccount.empty() && !credentials.connectedAccount.starts_with("acct_")) {
    auto error =
        unauthorized("The provided key '" + masked(key) + "' does not have access to account '" +
                     credentials.connectedAccount + "' (or that account does not exist).");
    error.status = 403;
    error.code = "account_invalid";
    throw error;
  }
  return credentials;
}

}  // namespace simulators::stripe
