// Example Pay's charge as the unified payment, and its webhooks. Used by the operations in
// several_requests.cpp and by webhook.cpp.
#pragma once

#include <unigate/sdk.hpp>

namespace example_pay {

// Only such an id may become a part of a path.
bool isId(std::string_view id);

// {"id", "status": "paid|pending|refused", "amount", "currency", "operation", "created"}
unigate::sdk::Result<unigate::sdk::Payment> chargeOf(unigate::json::View charge, bool live);

unigate::sdk::Recipe webhookRecipe(const unigate::sdk::Webhook& webhook);
std::vector<unigate::sdk::WebhookEvent> translateWebhook(const unigate::sdk::Webhook& webhook);

}  // namespace example_pay
