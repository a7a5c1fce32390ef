// Stripe's official example answers, of 2026 and of 2023, in the unified model.
#include <map>

#include "operations.hpp"
#include "payment_intent.hpp"
#include "payment_link.hpp"
#include "payout.hpp"
#include "plans.hpp"
#include "subscription.hpp"
#include "support.hpp"

using namespace stripe_test;
namespace sdk = unigate::sdk;

namespace {

// JSON text of what an object becomes; empty if it can't be read.
using Read = std::string (*)(json::View);

template <auto Of>
std::string textOf(json::View object) {
  const auto resource = Of(object);
  if (!resource) return {};
  return sdk::toJson(*resource);
}

const std::map<std::string, Read>& readers() {
  static const std::map<std::string, Read> all = {
      {"account", textOf<stripe::accountOf>},
      {"checkout.session", textOf<stripe::paymentLinkOf>},
      {"customer", textOf<stripe::customerOf>},
      {"deleted_customer", textOf<stripe::customerOf>},
      {"dispute", textOf<stripe::disputeOf>},
      {"invoice", textOf<stripe::invoiceOf>},
      {"payment_intent", textOf<stripe::paymentOf>},
      {"payment_link", textOf<stripe::paymentLinkOf>},
      {"payment_method", textOf<stripe::paymentMethodOf>},
      {"payout", textOf<stripe::payoutOf>},
      {"price", textOf<stripe::planOf>},
      {"product", textOf<stripe::productOf>},
      {"refund", textOf<stripe::refundOf>},
      {"setup_intent", textOf<stripe::setupIntentOf>},
      {"subscription", textOf<stripe::subscriptionOf>},
      {"transfer", textOf<stripe::payoutOf>},
      {"webhook_endpoint", textOf<stripe::webhookEndpointOf>},
  };
  return all;
}

}  // namespace

TEST_CASE("Every official example of our kinds becomes a unified resource") {
  for (const char* year : {"2023-08-16", "2026-07-29"}) {
    json::Document fixtures;
    if (!readContract(std::string("stripe/fixtures3_") + year + ".pared.json", fixtures)) return;
    const json::View resources = fixtures["resources"];
    std::size_t seen = 0;
    for (const auto& [name, read] : readers()) {
      const json::View object = resources[name];
      if (!object.isObject()) continue;
      INFO(year << " " << name);
      const std::string text = read(object);
      REQUIRE_FALSE(text.empty());
      const json::Document unified = parsed(text);
      CHECK(unified["provider_id"].stringOr("") == object["id"].stringOr("none"));
      if (object["currency"].isString() && unified["currency"].exists()) {
        CHECK(unified["currency"].stringOr("") ==
              unigate::money::upper(object["currency"].stringOr("")));
      }
      // All examples are in dollars, whose minor unit is Stripe's.
      if (unified["amount"].exists() && object["amount"].exists()) {
        CHECK(unified["amount"].int64() == object["amount"].int64());
      }
      ++seen;
    }
    CHECK(seen > 10);
  }
}

TEST_CASE("The official examples say what they say in the unified model too") {
  json::Document now;
  json::Document before;
  if (!readContract("stripe/fixtures3_2026-07-29.pared.json", now)) return;
  if (!readContract("stripe/fixtures3_2023-08-16.pared.json", before)) return;
  const auto resources = now["resources"];
  const auto old = before["resources"];

  const auto payment = stripe::paymentOf(resources["payment_intent"]);
  REQUIRE(payment);
  CHECK(payment->providerId == "pi_1PgafyB7WZ01zgkWSjxsAJo3");
  CHECK(payment->status == sdk::PaymentStatus::Failed);
  CHECK(payment->amount == 1099);
  CHECK(payment->currency == "USD");
  const auto refund = stripe::refundOf(resources["refund"]);
  REQUIRE(refund);
  CHECK(refund->status == sdk::RefundStatus::Succeeded);
  CHECK(refund->amount == 100);
  CHECK_FALSE(refund->paymentProviderId.has_value());
  CHECK_FALSE(stripe::customerOf(resources["customer"])->deleted);
  CHECK(stripe::customerOf(resources["deleted_customer"])->deleted);
  const std::string balanceText = json::toText(resources["balance"]);
  const auto balance = stripe::parseBalanceGet(sdk::HttpResponse(200, {}, balanceText));
  REQUIRE(balance);
  REQUIRE(balance->available.size() == 1);
  CHECK(balance->available[0].currency == "USD");

  const auto method = stripe::paymentMethodOf(resources["payment_method"]);
  CHECK(method->type == sdk::PaymentMethodType::Card);
  CHECK(method->last4 == "4242");
  CHECK_FALSE(method->customerProviderId.has_value());
  const auto setup = stripe::setupIntentOf(resources["setup_intent"]);
  CHECK(setup->status == sdk::SetupIntentStatus::RequiresPaymentMethod);
  CHECK(setup->failure.has_value());
  const auto plan = stripe::planOf(resources["price"]);
  CHECK(plan->amount == 2000);
  CHECK(plan->interval == sdk::Interval::Month);
  const auto subscription = stripe::subscriptionOf(resources["subscription"]);
  CHECK(subscription->amount == 2000);
  CHECK(subscription->planProviderId == "price_1PgafmB7WZ01zgkW6dKueIc5");
  CHECK(subscription->currentPeriodStartUnixS.has_value());
  CHECK(stripe::subscriptionOf(old["subscription"])->currentPeriodEndUnixS.has_value());
  const auto invoice = stripe::invoiceOf(old["invoice"]);
  CHECK(invoice->amount == 1000);
  CHECK(invoice->amountDue == 1000);
  const auto link = stripe::paymentLinkOf(old["payment_link"]);
  CHECK(link->status == sdk::PaymentLinkStatus::Active);
  CHECK_FALSE(link->amount.has_value());
  const auto visit = stripe::paymentLinkOf(resources["checkout.session"]);
  CHECK(visit->status == sdk::PaymentLinkStatus::Active);
  CHECK(visit->paymentProviderId == "pi_1PgafyB7WZ01zgkWSjxsAJo3");
  const auto payout = stripe::payoutOf(old["payout"]);
  CHECK(payout->status == sdk::PayoutStatus::Processing);
  CHECK(payout->amount == 1100);
  CHECK(stripe::payoutOf(resources["transfer"])->destination->providerId ==
        "acct_1PgafTB7WZ01zgkW");
  const auto dispute = stripe::disputeOf(old["dispute"]);
  CHECK(dispute->status == sdk::DisputeStatus::NeedsResponse);
  CHECK(dispute->amount == 1000);
  const auto account = stripe::accountOf(resources["account"]);
  CHECK(account->status == sdk::AccountStatus::Pending);
  CHECK(account->requirements.size() == 6);
  CHECK(stripe::webhookEndpointOf(resources["webhook_endpoint"])->enabled);
  const std::string link26 = json::toText(resources["account_link"]);
  CHECK(stripe::parseOnboardingLink(sdk::HttpResponse(200, {}, link26)));
  const std::string login26 = json::toText(resources["login_link"]);
  CHECK(stripe::parseDashboardLink(sdk::HttpResponse(200, {}, login26)));
}
