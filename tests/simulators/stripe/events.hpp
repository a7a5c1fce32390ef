// What happened in an account, as the API lists it and as webhooks carry it.
#pragma once

#include "common/webhooks.hpp"
#include "stripe/call.hpp"

namespace simulators::stripe {

std::string eventJson(const Account& account, const Event& event);

// Stripe-Signature: t=...,v1=....
WebhookMessage::Headers signatureHeaders(const WebhookEndpoint& endpoint, const std::string& event,
                                         const std::string& body, std::int64_t nowSeconds);

}  // namespace simulators::stripe
