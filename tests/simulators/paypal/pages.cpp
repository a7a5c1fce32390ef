#include "paypal/pages.hpp"

#include "common/form.hpp"
#include "paypal/orders.hpp"
#include "paypal/subscriptions.hpp"
#include "paypal/vault.hpp"

namespace simulators::paypal {
namespace {

constexpr std::string_view kCertificates = "/v1/notifications/certs/";
constexpr std::string_view kCheckout = "/checkoutnow";
constexpr std::string_view kSubscribe = "/webapps/billing/subscriptions";
constexpr std::string_view kRevise = "/webapps/billing/subscriptions/update";
constexpr std::string_view kVault = "/agreements/approve";
constexpr std::string_view kOnboard = "/bizsignup/partner/entry";

std::string parameter(const ApiRequest& request, std::string_view name) {
  for (const auto& [key, value] : parseFormPairs(request.query)) {
    if (key == name) return value;
  }
  return {};
}

ApiAnswer plain(unsigned status, std::string text) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(text);
  answer.contentType = "text/plain; charset=utf-8";
  return answer;
}

// Back to the merchant, with what PayPal adds to the address.
ApiAnswer redirect(const std::string& url, const std::string& parameters) {
  if (url.empty()) return plain(200, "Done. The merchant named no address to return to.\n");
  auto answer = plain(302, "");
  answer.headers.emplace_back("Location",
                              url + (url.find('?') == std::string::npos ? "?" : "&") + parameters);
  return answer;
}

struct Found {
  Account* account = nullptr;
  Json* object = nullptr;
};

Found findObject(State& state, const std::string& kind, const std::string& id) {
  for (auto& [name, account] : state.accounts) {
    if (auto* object = account.of(kind).find(id)) return {&account, object};
  }
  return {};
}

// The payer opens the approve link: he agrees at once, or with outcome=cancel goes back.
ApiAnswer checkout(World& world, State& state, const ApiRequest& request) {
  const auto token = parameter(request, "token");
  const auto found = findObject(state, "orders", token);
  if (!found.object) return plain(404, "No such order.\n");
  const auto context = dig(*found.object, "_context");
  if (parameter(request, "outcome") == "cancel") {
    return redirect(digText(context, "cancel_url"), "token=" + token);
  }
  try {
    approveOrder(world, *found.account, *found.object, request.origin);
  } catch (const ApiProblem&) {
    return plain(409, "This order does not wait for approval.\n");
  }
  return redirect(digText(context, "return_url"),
                  "token=" + token + "&PayerID=" + digText(*found.object, "payer.payer_id"));
}

ApiAnswer subscribe(World& world, State& state, const ApiRequest& request) {
  const auto token = parameter(request, "ba_token");
  for (auto& [name, account] : state.accounts) {
    for (auto* subscription : account.of("subscriptions").all()) {
      if (token.empty() || textOf(*subscription, "_ba") != token) continue;
      const auto context = dig(*subscription, "_context");
      const auto parameters =
          "subscription_id=" + textOf(*subscription, "id") + "&ba_token=" + token;
      if (parameter(request, "outcome") == "cancel") {
        return redirect(digText(context, "cancel_url"), parameters);
      }
      try {
        approveSubscription(world, account, *subscription, request.origin);
      } catch (const ApiProblem&) {
        return plain(409, "This subscription does not wait for approval.\n");
      }
      return redirect(digText(context, "return_url"), parameters);
    }
  }
  return plain(404, "No such subscription.\n");
}

ApiAnswer vault(World& world, State& state, const ApiRequest& request) {
  const auto session = parameter(request, "approval_session_id");
  const auto found = findObject(state, "setup-tokens", session);
  if (!found.object) return plain(404, "No such setup token.\n");
  const auto context = dig(*found.object, "_context");
  const auto parameters = "approval_token_id=" + session + "&approval_session_id=" + session;
  if (parameter(request, "outcome") == "cancel") {
    return redirect(digText(context, "cancel_url"), parameters);
  }
  try {
    approveSetup(world, *found.object);
  } catch (const ApiProblem&) {
    return plain(409, "This setup token does not wait for approval.\n");
  }
  return redirect(digText(context, "return_url"), parameters);
}

// The seller agrees to be onboarded.
ApiAnswer onboard(World& world, State& state, const ApiRequest& request) {
  const auto found = findObject(state, "referrals", parameter(request, "referralToken"));
  if (!found.object) return plain(404, "No such referral.\n");
  const auto merchant = world.mintPayer();
  const auto tracking = digText(*found.object, "referral_data.tracking_id");
  announce(world, *found.account, "MERCHANT.ONBOARDING.COMPLETED", "merchant-onboarding",
           "The merchant account setup is completed",
           Json{{"merchant_id", merchant}, {"tracking_id", tracking}}, request.origin);
  return redirect(digText(*found.object, "referral_data.partner_config_override.return_url"),
                  "merchantId=" + tracking + "&merchantIdInPayPal=" + merchant +
                      "&permissionsGranted=true&consentStatus=true&isEmailConfirmed=true");
}

}  // namespace

bool isPage(std::string_view path) {
  return path.starts_with(kCertificates) || path == kCheckout || path == kSubscribe ||
         path == kRevise || path == kVault || path == kOnboard;
}

ApiAnswer showPage(World& world, State& state, const Certificates& certificates,
                   const ApiRequest& request) {
  if (request.method != "GET") return plain(405, "Use GET.\n");
  if (request.path == kCheckout) return checkout(world, state, request);
  if (request.path == kSubscribe || request.path == kRevise)
    return subscribe(world, state, request);
  if (request.path == kVault) return vault(world, state, request);
  if (request.path == kOnboard) return onboard(world, state, request);
  if (request.path != std::string(kCertificates) + certificates.name()) {
    return plain(404, "No such certificate.\n");
  }
  auto answer = plain(200, certificates.leafPem());
  answer.contentType = "application/x-pem-file";
  return answer;
}

}  // namespace simulators::paypal
