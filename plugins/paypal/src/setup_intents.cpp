// setup_intents.create and .get: setup tokens of the vault (/v3/vault/setup-tokens). Once the payer
// has approved one, payment_methods.attach makes a saved payment method of it.
#include <array>
#include <utility>

#include "operations.hpp"

namespace paypal {

namespace {

using sdk::SetupIntentStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<SetupIntentStatus>{"CREATED", SetupIntentStatus::RequiresPaymentMethod},
    sdk::StatusName<SetupIntentStatus>{"PAYER_ACTION_REQUIRED", SetupIntentStatus::RequiresAction},
    sdk::StatusName<SetupIntentStatus>{"APPROVED", SetupIntentStatus::RequiresConfirmation},
    sdk::StatusName<SetupIntentStatus>{"VAULTED", SetupIntentStatus::Succeeded},
    sdk::StatusName<SetupIntentStatus>{"TOKENIZED", SetupIntentStatus::Processing},
};

std::optional<sdk::Error> check(const sdk::SetupIntentCreate& in) {
  if (in.paymentMethod) {
    return sdk::Error::notSupported(
        "payment_method",
        "the payer chooses at PayPal what is saved: leave payment_method out and send the payer "
        "to next_action.url");
  }
  if (!in.returnUrl) {
    return sdk::Error::invalidRequest(
        "return_url", "'return_url' is required: PayPal sends the payer there after the approval");
  }
  if (in.usage == sdk::SetupUsage::OnSession) {
    return sdk::Error::notSupported("usage", "PayPal saves payment methods for off_session only");
  }
  if (in.customerProviderId) {
    const auto path = objectPath("", *in.customerProviderId, "customer_provider_id");
    if (!path) return path.error();
    if (auto bad = tooLong("customer_provider_id", *in.customerProviderId, 22)) return bad;
  }
  return tooLong("description", in.description.value_or(""), 128);
}

}  // namespace

sdk::Result<sdk::SetupIntent> setupIntentOf(json::View object, bool live) {
  sdk::SetupIntent intent;
  intent.providerId = std::string(object["id"].stringOr(""));
  if (intent.providerId.empty()) return sdk::Error::badResponse("PayPal's setup token has no id");
  if (!object["status"].isString()) {
    return sdk::Error::badResponse("PayPal's setup token has no status");
  }
  intent.status = sdk::mapStatus(kStatuses, object["status"].stringOr(""));
  intent.customerProviderId = textOf(object["customer"]["id"]);
  intent.description = textOf(object["payment_source"]["paypal"]["description"]);
  const bool open = intent.status == SetupIntentStatus::RequiresPaymentMethod ||
                    intent.status == SetupIntentStatus::RequiresAction;
  if (open) intent.nextAction = approvalOf(object);
  intent.livemode = live;
  return intent;
}

sdk::Result<sdk::HttpRequest> buildSetupCreate(const sdk::SetupIntentCreate& in,
                                               const sdk::Call& call) {
  if (auto bad = check(in)) return std::move(*bad);
  json::Writer out;
  out.beginObject().key("payment_source").beginObject().key("paypal").beginObject();
  memberIf(out, "description", in.description);
  out.member("usage_type", "MERCHANT").key("experience_context").beginObject();
  out.member("return_url", *in.returnUrl);
  out.member("cancel_url", in.cancelUrl.value_or(*in.returnUrl));
  out.endObject().endObject().endObject();
  if (in.customerProviderId) {
    out.key("customer").beginObject().member("id", *in.customerProviderId).endObject();
  }
  out.endObject();
  return post("/v3/vault/setup-tokens", out.take(), call.idempotencyKey, "setup_tokens.create");
}

sdk::Result<sdk::SetupIntent> parseSetupCreate(const sdk::HttpResponse& response,
                                               const sdk::SetupIntentCreate&,
                                               const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  return setupIntentOf(document.root(), call.live);
}

sdk::Result<sdk::HttpRequest> buildSetupGet(const sdk::ProviderRef& in) {
  auto path = objectPath("/v3/vault/setup-tokens", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "setup_tokens.get");
}

sdk::Result<sdk::SetupIntent> parseSetupGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in, const sdk::Call& call) {
  json::Document document;
  if (auto problem = readAnswer(response, call, document)) return std::move(*problem);
  sdk::Result<sdk::SetupIntent> intent = setupIntentOf(document.root(), call.live);
  if (intent && intent->providerId != in.providerId) {
    return sdk::Error::badResponse("PayPal answered with another setup token");
  }
  return intent;
}

}  // namespace paypal
