#include "stripe/setup_intents.hpp"

#include "stripe/documents.hpp"
#include "stripe/operations.hpp"
#include "stripe/payment_methods.hpp"

namespace simulators::stripe {
namespace {

std::string statusOf(const Json& setup) {
  return textOf(setup, "status");
}

Json challengeAction(const Call& call, const Json& setup) {
  const auto url = call.origin + "/__sim/3ds/" + textOf(setup, "id");
  const auto returnUrl = textOf(setup, "_return_url");
  if (returnUrl.empty()) {
    return {{"type", "use_stripe_sdk"},
            {"use_stripe_sdk", {{"type", "three_d_secure_redirect"}, {"stripe_js", url}}}};
  }
  return {{"redirect_to_url", {{"return_url", returnUrl}, {"url", url}}},
          {"type", "redirect_to_url"}};
}

std::shared_ptr<const PaymentMethod> methodOf(const Call& call, const Json& setup) {
  return call.account.findMethod(textOf(setup, "payment_method"));
}

void succeed(Call& call, Json& setup, bool authenticated) {
  auto method = *methodOf(call, setup);
  const auto customer = call.account.findCustomer(textOf(setup, "customer"));
  if (customer) method.customer = customer->index;
  method.authenticated = method.authenticated || authenticated;
  call.account.methods.put(std::move(method));
  setup["status"] = "succeeded";
  setup["next_action"] = nullptr;
  setup["last_setup_error"] = nullptr;
  call.event("setup_intent.succeeded", setup);
}

void fail(Call& call, Json& setup, const Decline& reason, const char* type) {
  const auto method = methodOf(call, setup);
  Json error = {{"code", std::string(reason.code)},
                {"doc_url", "https://stripe.com/docs/error-codes/" + std::string(reason.code)},
                {"message", std::string(reason.message)},
                {"type", type}};
  if (!reason.declineCode.empty()) error["decline_code"] = std::string(reason.declineCode);
  if (method) error["payment_method"] = Json::parse(methodJson(call.account, *method));
  setup["last_setup_error"] = std::move(error);
  setup["status"] = "requires_payment_method";
  setup["payment_method"] = nullptr;
  setup["next_action"] = nullptr;
  call.event("setup_intent.setup_failed", setup);
}

void confirm(Call& call, Json& setup) {
  if (!has(setup, "payment_method")) {
    throw invalidParameter("payment_method",
                           "You cannot confirm this SetupIntent because it's missing a payment "
                           "method.",
                           "parameter_missing");
  }
  if (call.params.has("return_url"))
    setup["_return_url"] = std::string(call.params.text("return_url"));
  const auto method = methodOf(call, setup);
  const auto& card = testCard(method->card);
  const bool challenged = card.challenge == Challenge::kAlways ||
                          (card.challenge == Challenge::kUnlessSetUp && !method->authenticated);
  if (challenged) {
    setup["status"] = "requires_action";
    setup["next_action"] = challengeAction(call, setup);
    return call.event("setup_intent.requires_action", setup);
  }
  if (card.decline && card.declinesOnAttach) {
    fail(call, setup, *card.decline, "card_error");
    ApiError error;
    error.status = 402;
    error.type = "card_error";
    error.code = card.decline->code;
    error.declineCode = card.decline->declineCode;
    error.message = card.decline->message;
    error.setupJson = shown(setup).dump();
    throw error;
  }
  succeed(call, setup, false);
}

void applyMethod(Call& call, Json& setup) {
  const auto customer = call.account.findCustomer(textOf(setup, "customer"));
  const auto method = methodParameter(call, customer ? customer->index : kNone);
  if (method == kNone) return;
  setup["payment_method"] = call.account.methodId(method);
  setup["status"] = "requires_confirmation";
}

}  // namespace

void completeSetup(Call& call, Json& setup, bool passed) {
  if (statusOf(setup) != "requires_action") return;
  if (passed) return succeed(call, setup, true);
  static constexpr Decline kFailed{
      "setup_intent_authentication_failure", "",
      "The latest attempt to set up the payment method has failed because authentication failed.",
      ""};
  fail(call, setup, kFailed, "invalid_request_error");
}

Answer createSetup(Call& call) {
  if (!call.params.flag("confirm") && call.params.has("return_url")) {
    throw invalidParameter("return_url", "You can only pass `return_url` with `confirm=true`.",
                           "setup_intent_invalid_parameter");
  }
  auto setup = newDocument(call, "setup_intent", "seti_1", 23);
  setup["client_secret"] = textOf(setup, "id") + "_secret_" +
                           call.account.ids.derived("setup", call.account.lastDocument, 24);
  setup["status"] = "requires_payment_method";
  setup["usage"] =
      call.params.has("usage") ? std::string(call.params.text("usage")) : "off_session";
  setup["payment_method_types"] = call.params.has("payment_method_types")
                                      ? Json(call.params.list("payment_method_types"))
                                      : Json::array({"card"});
  setup["payment_method_options"] = {{"card",
                                      {{"mandate_options", nullptr},
                                       {"network", nullptr},
                                       {"request_three_d_secure", "automatic"}}}};
  if (!call.params.has("payment_method_types")) {
    setup["automatic_payment_methods"] = {{"allow_redirects", "always"}, {"enabled", true}};
  }
  setTexts(setup, call, {"description", "on_behalf_of"});
  const auto customer = customerParameter(call);
  if (customer != kNone) setup["customer"] = call.account.customerId(customer);
  applyMethod(call, setup);
  auto& stored = store(call, "setup_intent", std::move(setup));
  call.event("setup_intent.created", stored);
  if (call.params.flag("confirm")) confirm(call, stored);
  return documentAnswer(call, stored);
}

Answer getSetup(Call& call) {
  return documentAnswer(call, pathDocument(call, "setup_intent", "intent"));
}

Answer listSetups(Call& call) {
  return listDocuments(call, "setup_intent", [&](const Json& setup) {
    for (const auto* name : {"customer", "payment_method"}) {
      if (call.params.has(name) && textOf(setup, name) != call.params.text(name)) return false;
    }
    return true;
  });
}

Answer confirmSetup(Call& call) {
  auto& setup = pathDocument(call, "setup_intent", "intent");
  const auto status = statusOf(setup);
  if (status == "succeeded" || status == "canceled") {
    throw invalidState(
        "You cannot confirm this SetupIntent because it has a status of " + status + ".",
        "setup_intent_unexpected_state");
  }
  applyMethod(call, setup);
  confirm(call, setup);
  return documentAnswer(call, setup);
}

Answer cancelSetup(Call& call) {
  auto& setup = pathDocument(call, "setup_intent", "intent");
  const auto status = statusOf(setup);
  if (status == "succeeded" || status == "canceled") {
    throw invalidState(
        "You cannot cancel this SetupIntent because it has a status of " + status + ".",
        "setup_intent_unexpected_state");
  }
  setup["status"] = "canceled";
  setup["next_action"] = nullptr;
  setTexts(setup, call, {"cancellation_reason"});
  call.event("setup_intent.canceled", setup);
  return documentAnswer(call, setup);
}

}  // namespace simulators::stripe
