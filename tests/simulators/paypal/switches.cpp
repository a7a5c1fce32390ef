// The switches of a test under /__sim/paypal/.
#include "common/routes.hpp"
#include "paypal/disputes.hpp"
#include "paypal/invoices.hpp"
#include "paypal/orders.hpp"
#include "paypal/pages.hpp"
#include "paypal/payouts.hpp"
#include "paypal/subscriptions.hpp"
#include "paypal/vault.hpp"

namespace simulators::paypal {
namespace {

struct Switch {
  World& world;
  State& state;
  const Certificates& certificates;
  const ApiRequest& request;
  std::vector<std::string> ids;
  Json body;

  // The object of that kind that the path names, whoever has it.
  std::pair<Account&, Json&> named(const std::string& kind) {
    for (auto& [name, account] : state.accounts) {
      if (auto* object = account.of(kind).find(ids.at(0))) return {account, *object};
    }
    throw notFound();
  }
};
using Turn = ApiAnswer (*)(Switch&);

ApiAnswer done() {
  return jsonAnswer(200, Json{{"ok", true}});
}

ApiAnswer rootCertificate(Switch& wish) {
  ApiAnswer answer;
  answer.body = wish.certificates.rootPem();
  answer.contentType = "application/x-pem-file";
  return answer;
}

// {"base_url":"https://api.sandbox.paypal.com"}: where cert_url points to, from now on.
ApiAnswer certificateBase(Switch& wish) {
  wish.state.certificateBase = digText(wish.body, "base_url");
  for (auto& [name, account] : wish.state.accounts) {
    for (const auto* webhook : account.of("webhooks").all()) {
      wish.world.putWebhook(account, *webhook);
    }
  }
  return done();
}

// {"expires_in":N} for the tokens to come; {"revoke":true} takes all that are out.
ApiAnswer tokens(Switch& wish) {
  if (has(wish.body, "expires_in")) {
    wish.state.tokenLifetimeSeconds = integerOf(wish.body, "expires_in", 32400);
  }
  if (flagOf(wish.body, "revoke")) wish.state.tokens.clear();
  return done();
}

ApiAnswer approve(Switch& wish) {
  auto [account, order] = wish.named("orders");
  approveOrder(wish.world, account, order, wish.request.origin);
  return jsonAnswer(200, renderOrder(account, order, wish.request.origin, true));
}

ApiAnswer approveSubscriber(Switch& wish) {
  auto [account, subscription] = wish.named("subscriptions");
  approveSubscription(wish.world, account, subscription, wish.request.origin);
  return jsonAnswer(200, renderSubscription(subscription, wish.request.origin));
}

// {"fails":true}: the subscriber's account refuses every charge from now on.
ApiAnswer failSubscription(Switch& wish) {
  wish.named("subscriptions").second["_fails"] = flagOf(wish.body, "fails");
  return done();
}

ApiAnswer approveSetupToken(Switch& wish) {
  approveSetup(wish.world, wish.named("setup-tokens").second);
  return done();
}

ApiAnswer claimItem(Switch& wish) {
  auto [account, item] = wish.named("payout-items");
  claimPayout(wish.world, account, item, wish.request.origin);
  return done();
}

ApiAnswer payAnInvoice(Switch& wish) {
  auto [account, invoice] = wish.named("invoices");
  payInvoice(wish.world, account, invoice, wish.request.origin);
  return done();
}

// {"reason","value"}: the buyer complains about the capture.
ApiAnswer disputeCapture(Switch& wish) {
  auto [account, capture] = wish.named("captures");
  return jsonAnswer(200, openDispute(wish.world, account, capture, digText(wish.body, "reason"),
                                     digText(wish.body, "value"), wish.request.origin));
}

// {"outcome":"RESOLVED_SELLER_FAVOUR"}
ApiAnswer decideDispute(Switch& wish) {
  auto [account, dispute] = wish.named("disputes");
  const auto outcome = digText(wish.body, "outcome");
  resolveDispute(wish.world, account, dispute, outcome.empty() ? "RESOLVED_SELLER_FAVOUR" : outcome,
                 wish.request.origin);
  return jsonAnswer(200, dispute);
}

const std::vector<Route<Turn>>& turns() {
  static const std::vector<Route<Turn>> kTurns{
      {"GET", "/__sim/paypal/root-certificate", rootCertificate},
      {"POST", "/__sim/paypal/certificates", certificateBase},
      {"POST", "/__sim/paypal/tokens", tokens},
      {"POST", "/__sim/paypal/orders/{}/approve", approve},
      {"POST", "/__sim/paypal/subscriptions/{}/approve", approveSubscriber},
      {"POST", "/__sim/paypal/subscriptions/{}/fails", failSubscription},
      {"POST", "/__sim/paypal/setup-tokens/{}/approve", approveSetupToken},
      {"POST", "/__sim/paypal/payouts-item/{}/claim", claimItem},
      {"POST", "/__sim/paypal/invoices/{}/pay", payAnInvoice},
      {"POST", "/__sim/paypal/captures/{}/dispute", disputeCapture},
      {"POST", "/__sim/paypal/disputes/{}/resolve", decideDispute},
  };
  return kTurns;
}

}  // namespace

ApiAnswer steer(World& world, State& state, const Certificates& certificates,
                const ApiRequest& request) {
  auto found = findRoute(turns(), request.method, request.path);
  if (!found.route) throw notFound();
  Switch wish{world, state, certificates, request, std::move(found.segments), Json::object()};
  if (!request.body.empty()) wish.body = Json::parse(request.body, nullptr, false);
  if (!wish.body.is_object()) throw invalidRequest("MALFORMED_REQUEST_JSON", "not JSON", {});
  return found.route->handler(wish);
}

}  // namespace simulators::paypal
