#include "stripe/authentication.hpp"

#include <algorithm>

#include "common/authorization.hpp"
#include "stripe/errors.hpp"

namespace simulators::stripe {
namespace {

constexpr std::size_t kKeyLengthMin = 16;

std::string keyOf(const HttpRequest& request) {
  if (auto token = readBearer(request); !token.empty()) return token;
  const auto basic = readBasic(request);
  return basic ? basic->user : std::string();
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
  Credentials credentials;
  credentials.secretKey = keyOf(request);
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
