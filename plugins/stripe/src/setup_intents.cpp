// setup_intents.create, .get: /v1/setup_intents, which save a way to pay for later.
#include <array>
#include <utility>

#include "errors.hpp"
#include "listing.hpp"
#include "next_action.hpp"
#include "operations.hpp"
#include "reading.hpp"

namespace stripe {

namespace {

using sdk::SetupIntentStatus;

constexpr std::array kStatuses = {
    sdk::StatusName<SetupIntentStatus>{"requires_payment_method",
                                       SetupIntentStatus::RequiresPaymentMethod},
    sdk::StatusName<SetupIntentStatus>{"requires_confirmation",
                                       SetupIntentStatus::RequiresConfirmation},
    sdk::StatusName<SetupIntentStatus>{"requires_action", SetupIntentStatus::RequiresAction},
    sdk::StatusName<SetupIntentStatus>{"processing", SetupIntentStatus::Processing},
    sdk::StatusName<SetupIntentStatus>{"succeeded", SetupIntentStatus::Succeeded},
    sdk::StatusName<SetupIntentStatus>{"canceled", SetupIntentStatus::Canceled},
};

// What a setup that was found again means: the same as the answer that was lost.
sdk::Step foundSetup(json::View object, const Lookup& lookup) {
  sdk::Result<sdk::SetupIntent> intent = setupIntentOf(object);
  if (intent && lookup.confirm && intent->failure) {
    return declinedBy(*intent->failure).withResource(sdk::toJson(*intent)).proven();
  }
  return intent;
}

}  // namespace

sdk::Result<sdk::SetupIntent> setupIntentOf(json::View object) {
  sdk::SetupIntent intent;
  if (auto problem = readCommon(object, "setup_intent", intent)) return std::move(*problem);
  const auto status = object["status"].string();
  if (!status) return unusable("setup_intent", "status");
  intent.status = sdk::mapStatus(kStatuses, *status);
  const std::string_view usage = object["usage"].stringOr("");
  if (usage == "off_session") intent.usage = sdk::SetupUsage::OffSession;
  if (usage == "on_session") intent.usage = sdk::SetupUsage::OnSession;
  intent.clientSecret = textOf(object["client_secret"]);
  const json::View action = object["next_action"];
  if (intent.status == SetupIntentStatus::RequiresAction && action.isObject()) {
    intent.nextAction = nextActionOf(action);
  }
  intent.customerProviderId = idOf(object["customer"]);
  intent.paymentMethod = idOf(object["payment_method"]);
  intent.description = textOf(object["description"]);
  const json::View lastError = object["last_setup_error"];
  if (intent.status == SetupIntentStatus::RequiresPaymentMethod && lastError.isObject()) {
    intent.failure = failureOf(lastError);
  }
  return intent;
}

sdk::Result<sdk::HttpRequest> buildSetupIntentCreate(const sdk::SetupIntentCreate& in,
                                                     const sdk::Call& call) {
  const bool confirm = in.confirm.value_or(false);
  sdk::FormEncoder form;
  form.add("customer", in.customerProviderId).add("payment_method", in.paymentMethod);
  if (in.usage) form.add("usage", sdk::wordOf(*in.usage));
  form.addNested({"automatic_payment_methods", "enabled"}, "true");
  if (confirm) {
    form.add("confirm", true);
    // Stripe takes a page to return to only when it confirms; without one nothing may redirect.
    if (in.returnUrl) {
      form.add("return_url", *in.returnUrl);
    } else {
      form.addNested({"automatic_payment_methods", "allow_redirects"}, "never");
    }
  }
  form.add("description", in.description);
  if (auto problem = addMetadata(form, in.metadata, {{kOperationKey, in.operationId}})) {
    return std::move(*problem);
  }
  return post("/v1/setup_intents", std::move(form), call, "setup_intents.create");
}

sdk::Result<sdk::SetupIntent> parseSetupIntentCreate(const sdk::HttpResponse& response,
                                                     const sdk::SetupIntentCreate& in) {
  sdk::Result<sdk::SetupIntent> intent = readOne(response, "setup_intent", setupIntentOf);
  if (intent && in.customerProviderId && intent->customerProviderId != in.customerProviderId) {
    return sdk::Error::badResponse("Stripe answered with another customer's setup_intent");
  }
  return intent;
}

sdk::Step startSetupIntentLookup(Lookup& lookup, const sdk::SetupIntentCreate& in) {
  lookIn(lookup, "/v1/setup_intents", "setup_intents.list", in.operationId, foundSetup);
  lookup.confirm = in.confirm.value_or(false);
  return startLookup(lookup, {}, in.operationCreatedUnixS);
}

sdk::Result<sdk::HttpRequest> buildSetupIntentGet(const sdk::ProviderRef& in) {
  auto path = objectPath("setup_intents", in.providerId, "provider_id");
  if (!path) return std::move(path).error();
  return get(std::move(*path), {}, "setup_intents.retrieve");
}

sdk::Result<sdk::SetupIntent> parseSetupIntentGet(const sdk::HttpResponse& response,
                                                  const sdk::ProviderRef& in) {
  return readOne(response, "setup_intent", setupIntentOf, in.providerId);
}

}  // namespace stripe
