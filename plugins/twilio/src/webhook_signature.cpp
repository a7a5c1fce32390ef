// How to verify Twilio's webhooks (twilio.com/docs/usage/security): X-Twilio-Signature is the
// HMAC-SHA1 by the auth token of the URL and the sorted parameters. A body that is no form is
// covered by its digest, which stands in the signed URL as bodySHA256.
#include <utility>

#include "operations.hpp"
#include "webhook_form.hpp"

namespace twilio {

namespace {

constexpr std::string_view kHeader = "X-Twilio-Signature";

bool isForm(const sdk::Webhook& webhook) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  std::string_view type = webhook.headers.find("Content-Type").value_or("");
  type = type.substr(0, type.find_first_of("; \t"));
  return sdk::equalsIgnoringCase(type, kForm);
}

}  // namespace

sdk::Recipe webhookRecipe(const sdk::Webhook& webhook) {
  if (webhook.headers.count(kHeader) != 1 || webhook.headers.find(kHeader)->empty()) {
    return sdk::Recipe::reject("there must be exactly one X-Twilio-Signature header");
  }
  const std::vector<std::string> urls = signedUrls(webhook.url);
  if (urls.empty()) return sdk::Recipe::reject("the URL that was called is not known");
  const auto digest = findParameter(readForm(queryOf(webhook.url)), "bodySHA256");
  std::string parameters;
  if (!digest && !webhook.body.empty()) {
    if (!isForm(webhook)) {
      return sdk::Recipe::reject("the body is no form and the URL has no bodySHA256");
    }
    parameters = signedParameters(readForm(webhook.body));
  }
  sdk::Recipe recipe =
      sdk::Recipe::hmac(sdk::Digest::Sha1, sdk::Encoding::Base64, "auth_token",
                        urls.front() + parameters, {std::string(*webhook.headers.find(kHeader))});
  for (std::size_t i = 1; i < urls.size(); ++i) recipe.messages.push_back(urls[i] + parameters);
  if (digest) {
    recipe.digestChecks.push_back(
        {sdk::Digest::Sha256, sdk::Encoding::Hex, std::string(webhook.body), *digest});
  }
  return recipe;
}

}  // namespace twilio
