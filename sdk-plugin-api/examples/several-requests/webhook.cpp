// Example Pay's webhooks: how they are signed, and what they say. Described in README.md.
#include <charconv>

#include "charge.hpp"

namespace example_pay {

using namespace unigate::sdk;
namespace json = unigate::json;

// [guide:recipe]
// Example-Signature: t=<Unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>" with the webhook secret>
Recipe webhookRecipe(const Webhook& webhook) {
  if (webhook.headers.count("Example-Signature") != 1) {
    return Recipe::reject("there must be exactly one Example-Signature header");
  }
  const std::string_view header = *webhook.headers.find("Example-Signature");
  const std::size_t comma = header.find(",v1=");
  if (header.substr(0, 2) != "t=" || comma == std::string_view::npos) {
    return Recipe::reject("the Example-Signature header can't be understood");
  }
  const std::string_view time = header.substr(2, comma - 2);
  std::int64_t unixS = 0;
  const auto [end, problem] = std::from_chars(time.data(), time.data() + time.size(), unixS);
  if (problem != std::errc() || end != time.data() + time.size() || unixS <= 0) {
    return Recipe::reject("the signed time is no number");
  }
  Recipe recipe = Recipe::hmac(Digest::Sha256, Encoding::Hex, "webhook_secret",
                               std::string(time) + "." + std::string(webhook.body),
                               {std::string(header.substr(comma + 4))});
  recipe.timestampUnixS = unixS;
  recipe.toleranceS = 300;
  return recipe;
}
// [guide:end]

// [guide:translate]
// {"id", "type": "charge.paid", "live": false, "created", "charge": {...}}
std::vector<WebhookEvent> translateWebhook(const Webhook& webhook) {
  json::Document body;
  json::ReadError error;
  if (!body.parse(webhook.body, error)) return {};
  WebhookEvent event;
  event.providerEventId = body["id"].stringOr("");
  event.providerType = body["type"].stringOr("");
  if (event.providerType == "charge.paid") event.type = "payment.succeeded";
  if (event.providerType == "charge.refused") event.type = "payment.failed";
  if (event.providerType == "charge.pending") event.type = "payment.processing";
  if (const auto live = body["live"].boolean()) {
    event.mode = *live ? EventMode::Live : EventMode::Test;
  }
  const json::View charge = body["charge"];
  if (event.type != "provider.event") event.resourceKind = "payment";
  event.providerId = charge["id"].stringOr("");
  event.reference = charge["operation"].stringOr("");
  if (const auto payment = chargeOf(charge, body["live"].booleanOr(false))) {
    event.dataJson = toJson(*payment);
  } else {
    event.fetch = !event.providerId.empty();
  }
  std::vector<WebhookEvent> events;
  events.push_back(std::move(event));
  return events;
}
// [guide:end]

}  // namespace example_pay
