// The table of this adapter's operations. The manifest beside it says the same.
#include "errors.hpp"
#include "marks.hpp"
#include "operations.hpp"

namespace {

using namespace stripe;
using sdk::listed;
using sdk::oneRequest;
using sdk::severalRequests;

// Stripe keeps an Idempotency-Key for 24 hours at least.
constexpr std::uint32_t kKeyWindowS = 24 * 3600;
constexpr std::uint32_t kMoves = UG_OPERATION_MOVES_MONEY;

constexpr sdk::Operation reads(std::string_view name, sdk::MakeMachine execute) {
  return {.name = name, .flags = UG_OPERATION_READ_ONLY, .execute = execute};
}
// A post under a key; `query` tells what became of it once the key is forgotten.
constexpr sdk::Operation writes(std::string_view name, sdk::MakeMachine execute,
                                sdk::MakeMachine query, std::uint32_t flags = 0) {
  return {.name = name,
          .recovery = UG_RECOVERY_NATIVE,
          .windowS = kKeyWindowS,
          .flags = flags,
          .execute = execute,
          .query = query};
}
// Stripe takes no key for a DELETE, yet a look tells whether it was done.
constexpr sdk::Operation deletes(std::string_view name, sdk::MakeMachine execute,
                                 sdk::MakeMachine query) {
  return {.name = name, .recovery = UG_RECOVERY_QUERY, .execute = execute, .query = query};
}

constexpr sdk::Operation kOperations[] = {
    writes("payments.create", oneRequest<buildPaymentCreate, parsePaymentCreate>,
           severalRequests<startPaymentLookup, nextLookup>, kMoves),
    writes("payments.confirm", oneRequest<buildPaymentConfirm, parsePaymentConfirm>,
           oneRequest<askPaymentConfirm, judgePaymentConfirm>, kMoves),
    writes("payments.capture", oneRequest<buildPaymentCapture, parsePaymentCapture>,
           oneRequest<askPaymentCapture, judgePaymentCapture>, kMoves),
    writes("payments.cancel", oneRequest<buildPaymentCancel, parsePaymentCancel>,
           oneRequest<askPaymentCancel, judgePaymentCancel>),
    reads("payments.get", oneRequest<buildPaymentGet, parsePaymentGet>),
    reads("payments.list", listed<oneRequest<buildPaymentsList, parsePaymentsList>, marksOf>),
    writes("refunds.create", oneRequest<buildRefundCreate, parseRefundCreate>,
           severalRequests<startRefundLookup, nextLookup>, kMoves),
    reads("refunds.get", oneRequest<buildRefundGet, parseRefundGet>),
    reads("refunds.list", listed<oneRequest<buildRefundsList, parseRefundsList>, marksOf>),
    writes("customers.create", oneRequest<buildCustomerCreate, parseCustomerCreate>,
           severalRequests<startCustomerLookup, nextLookup>),
    reads("customers.get", oneRequest<buildCustomerGet, parseCustomerGet>),
    writes("customers.update", oneRequest<buildCustomerUpdate, parseCustomerUpdate>,
           oneRequest<askCustomerUpdate, judgeCustomerUpdate>),
    deletes("customers.delete", oneRequest<buildCustomerDelete, parseCustomerDelete>,
            oneRequest<buildCustomerGet, judgeCustomerDelete>),
    reads("customers.list", oneRequest<buildCustomersList, parseCustomersList>),
    writes("payment_methods.attach",
           severalRequests<startPaymentMethodAttach, nextPaymentMethodAttach>,
           oneRequest<askPaymentMethodAttach, judgePaymentMethodAttach>),
    writes("payment_methods.detach", oneRequest<buildPaymentMethodDetach, parsePaymentMethodDetach>,
           oneRequest<askPaymentMethodDetach, judgePaymentMethodDetach>),
    reads("payment_methods.list", oneRequest<buildPaymentMethodsList, parsePaymentMethodsList>),
    writes("setup_intents.create", oneRequest<buildSetupIntentCreate, parseSetupIntentCreate>,
           severalRequests<startSetupIntentLookup, nextLookup>),
    reads("setup_intents.get", oneRequest<buildSetupIntentGet, parseSetupIntentGet>),
    writes("products.create", oneRequest<buildProductCreate, parseProductCreate>,
           severalRequests<startProductLookup, nextLookup>),
    reads("products.get", oneRequest<buildProductGet, parseProductGet>),
    reads("products.list", oneRequest<buildProductsList, parseProductsList>),
    writes("plans.create", oneRequest<buildPlanCreate, parsePlanCreate>,
           severalRequests<startPlanLookup, nextLookup>),
    reads("plans.get", oneRequest<buildPlanGet, parsePlanGet>),
    reads("plans.list", oneRequest<buildPlansList, parsePlansList>),
    writes("subscriptions.create", severalRequests<startSubscriptionCreate, nextSubscriptionCreate>,
           severalRequests<startSubscriptionLookup, nextLookup>, kMoves),
    reads("subscriptions.get", oneRequest<buildSubscriptionGet, parseSubscriptionGet>),
    reads("subscriptions.list", oneRequest<buildSubscriptionsList, parseSubscriptionsList>),
    writes("subscriptions.update", severalRequests<startSubscriptionUpdate, nextSubscriptionUpdate>,
           oneRequest<askSubscriptionUpdate, judgeSubscriptionUpdate>, kMoves),
    deletes("subscriptions.cancel", oneRequest<buildSubscriptionCancel, parseSubscriptionCancel>,
            oneRequest<askSubscriptionCancel, judgeSubscriptionCancel>),
    writes("subscriptions.pause", oneRequest<buildSubscriptionPause, parseSubscriptionPause>,
           oneRequest<askSubscriptionPause, judgeSubscriptionPause>),
    writes("subscriptions.resume", severalRequests<startSubscriptionResume, nextSubscriptionResume>,
           oneRequest<askSubscriptionPause, judgeSubscriptionResume>, kMoves),
    reads("invoices.get", oneRequest<buildInvoiceGet, parseInvoiceGet>),
    reads("invoices.list", oneRequest<buildInvoicesList, parseInvoicesList>),
    writes("payment_links.create", oneRequest<buildPaymentLinkCreate, parsePaymentLinkCreate>,
           severalRequests<startPaymentLinkLookup, nextLookup>),
    reads("payment_links.get", oneRequest<buildPaymentLinkGet, parsePaymentLinkGet>),
    reads("payment_links.list", oneRequest<buildPaymentLinksList, parsePaymentLinksList>),
    writes("payment_links.cancel", oneRequest<buildPaymentLinkCancel, parsePaymentLinkCancel>,
           oneRequest<askPaymentLinkCancel, judgePaymentLinkCancel>),
    writes("payouts.create", oneRequest<buildPayoutCreate, parsePayoutCreate>,
           severalRequests<startPayoutLookup, nextLookup>, kMoves),
    reads("payouts.get", oneRequest<buildPayoutGet, parsePayoutGet>),
    reads("payouts.list", listed<oneRequest<buildPayoutsList, parsePayoutsList>, marksOf>),
    writes("payouts.cancel", oneRequest<buildPayoutCancel, parsePayoutCancel>,
           oneRequest<askPayoutCancel, judgePayoutCancel>, kMoves),
    reads("disputes.get", oneRequest<buildDisputeGet, parseDisputeGet>),
    reads("disputes.list", oneRequest<buildDisputesList, parseDisputesList>),
    writes("disputes.accept", oneRequest<buildDisputeAccept, parseDisputeAccept>,
           oneRequest<askDisputeAccept, judgeDisputeAccept>, kMoves),
    writes("disputes.submit_evidence", oneRequest<buildDisputeEvidence, parseDisputeEvidence>,
           oneRequest<askDisputeEvidence, judgeDisputeEvidence>),
    reads("balance.get", oneRequest<buildBalanceGet, parseBalanceGet>),
    writes("accounts.create", severalRequests<startAccountCreate, nextAccountCreate>,
           severalRequests<startAccountLookup, nextLookup>),
    reads("accounts.get", oneRequest<buildAccountGet, parseAccountGet>),
    writes("accounts.onboarding_link", oneRequest<buildOnboardingLink, parseOnboardingLink>,
           severalRequests<startOnboardingLinkLookup, nextLinkLookup>),
    writes("accounts.dashboard_link", oneRequest<buildDashboardLink, parseDashboardLink>,
           severalRequests<startDashboardLinkLookup, nextLinkLookup>),
    reads("search.query", oneRequest<buildSearch, parseSearch>),
    writes("webhook_endpoints.create",
           oneRequest<buildWebhookEndpointCreate, parseWebhookEndpointCreate>,
           severalRequests<startWebhookEndpointLookup, nextLookup>),
    reads("webhook_endpoints.list",
          oneRequest<buildWebhookEndpointsList, parseWebhookEndpointsList>),
    deletes("webhook_endpoints.delete",
            oneRequest<buildWebhookEndpointDelete, parseWebhookEndpointDelete>,
            oneRequest<askWebhookEndpointDelete, judgeWebhookEndpointDelete>),
};

constexpr sdk::WebhookHandler kWebhook = {.recipe = webhookRecipe, .translate = translateWebhook};

}  // namespace

UNIGATE_PLUGIN(
    {.id = "stripe", .version = "0.1.0", .requestIdHeader = "Request-Id", .webhook = &kWebhook},
    kOperations);
