// All operations of this adapter, for the table in plugin.cpp. Each group is in the file of its
// name. `build` and `parse` (or `start` and `next`) carry an operation out; `ask` and `judge` (or a
// look-up) tell what became of a lost one.
#pragma once

#include "accounts.hpp"
#include "lookup.hpp"
#include "subscriptions_create.hpp"
#include "subscriptions_update.hpp"
#include "wire.hpp"

namespace stripe {

// payments_create.cpp
sdk::Result<sdk::HttpRequest> buildPaymentCreate(const sdk::PaymentCreate& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Payment> parsePaymentCreate(const sdk::HttpResponse& response,
                                             const sdk::PaymentCreate& in);
sdk::Step startPaymentLookup(Lookup& lookup, const sdk::PaymentCreate& in);

// payments_confirm.cpp
sdk::Result<sdk::HttpRequest> buildPaymentConfirm(const sdk::PaymentConfirm& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Payment> parsePaymentConfirm(const sdk::HttpResponse& response,
                                              const sdk::PaymentConfirm& in);
sdk::Result<sdk::HttpRequest> askPaymentConfirm(const sdk::PaymentConfirm& in);
sdk::Result<sdk::Payment> judgePaymentConfirm(const sdk::HttpResponse& response,
                                              const sdk::PaymentConfirm& in);

// payments_capture.cpp
sdk::Result<sdk::HttpRequest> buildPaymentCapture(const sdk::PaymentCapture& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Payment> parsePaymentCapture(const sdk::HttpResponse& response,
                                              const sdk::PaymentCapture& in);
sdk::Result<sdk::HttpRequest> askPaymentCapture(const sdk::PaymentCapture& in);
sdk::Result<sdk::Payment> judgePaymentCapture(const sdk::HttpResponse& response,
                                              const sdk::PaymentCapture& in);

// payments_cancel.cpp
sdk::Result<sdk::HttpRequest> buildPaymentCancel(const sdk::PaymentCancel& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Payment> parsePaymentCancel(const sdk::HttpResponse& response,
                                             const sdk::PaymentCancel& in);
sdk::Result<sdk::HttpRequest> askPaymentCancel(const sdk::PaymentCancel& in);
sdk::Result<sdk::Payment> judgePaymentCancel(const sdk::HttpResponse& response,
                                             const sdk::PaymentCancel& in);

// payments_read.cpp
sdk::Result<sdk::HttpRequest> buildPaymentGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Payment> parsePaymentGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in);
sdk::HttpRequest buildPaymentsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Payment>> parsePaymentsList(const sdk::HttpResponse& response);

// refunds.cpp
sdk::Result<sdk::Refund> refundOf(json::View object);
sdk::Result<sdk::HttpRequest> buildRefundCreate(const sdk::RefundCreate& in, const sdk::Call& call);
sdk::Result<sdk::Refund> parseRefundCreate(const sdk::HttpResponse& response,
                                           const sdk::RefundCreate& in);
sdk::Step startRefundLookup(Lookup& lookup, const sdk::RefundCreate& in);
sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in);
sdk::HttpRequest buildRefundsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Refund>> parseRefundsList(const sdk::HttpResponse& response);

// customers.cpp
sdk::Result<sdk::Customer> customerOf(json::View object);
sdk::Result<sdk::HttpRequest> buildCustomerCreate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Customer> parseCustomerCreate(const sdk::HttpResponse& response);
sdk::Step startCustomerLookup(Lookup& lookup, const sdk::CustomerFields& in);
sdk::Result<sdk::HttpRequest> buildCustomerGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Customer> parseCustomerGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in);
sdk::Result<sdk::HttpRequest> buildCustomerUpdate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Customer> parseCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in);
sdk::Result<sdk::HttpRequest> askCustomerUpdate(const sdk::CustomerFields& in);
sdk::Result<sdk::Customer> judgeCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in);
sdk::Result<sdk::HttpRequest> buildCustomerDelete(const sdk::ProviderRef& in);
sdk::Result<sdk::Customer> parseCustomerDelete(const sdk::HttpResponse& response,
                                               const sdk::ProviderRef& in);
sdk::Result<sdk::Customer> judgeCustomerDelete(const sdk::HttpResponse& response,
                                               const sdk::ProviderRef& in);
sdk::HttpRequest buildCustomersList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Customer>> parseCustomersList(const sdk::HttpResponse& response);

// balance.cpp
sdk::HttpRequest buildBalanceGet(const sdk::BalanceQuery& in);
sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response);

// payment_methods.cpp
struct AttachState {
  std::string customer;
  sdk::FormEncoder metadata;
  bool wrote = false;  // the metadata
};
sdk::Result<sdk::PaymentMethod> paymentMethodOf(json::View object);
sdk::Step startPaymentMethodAttach(AttachState& state, const sdk::PaymentMethodAttach& in,
                                   const sdk::Call& call);
sdk::Step nextPaymentMethodAttach(AttachState& state, const sdk::HttpResponse& response,
                                  const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPaymentMethodAttach(const sdk::PaymentMethodAttach& in);
sdk::Result<sdk::PaymentMethod> judgePaymentMethodAttach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodAttach& in);
sdk::Result<sdk::HttpRequest> buildPaymentMethodsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::PaymentMethod>> parsePaymentMethodsList(
    const sdk::HttpResponse& response);
sdk::Result<sdk::HttpRequest> buildPaymentMethodDetach(const sdk::PaymentMethodDetach& in,
                                                       const sdk::Call& call);
sdk::Result<sdk::PaymentMethod> parsePaymentMethodDetach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodDetach& in);
sdk::Result<sdk::HttpRequest> askPaymentMethodDetach(const sdk::PaymentMethodDetach& in);
sdk::Result<sdk::PaymentMethod> judgePaymentMethodDetach(const sdk::HttpResponse& response,
                                                         const sdk::PaymentMethodDetach& in);

// setup_intents.cpp
sdk::Result<sdk::SetupIntent> setupIntentOf(json::View object);
sdk::Result<sdk::HttpRequest> buildSetupIntentCreate(const sdk::SetupIntentCreate& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::SetupIntent> parseSetupIntentCreate(const sdk::HttpResponse& response,
                                                     const sdk::SetupIntentCreate& in);
sdk::Step startSetupIntentLookup(Lookup& lookup, const sdk::SetupIntentCreate& in);
sdk::Result<sdk::HttpRequest> buildSetupIntentGet(const sdk::ProviderRef& in);
sdk::Result<sdk::SetupIntent> parseSetupIntentGet(const sdk::HttpResponse& response,
                                                  const sdk::ProviderRef& in);

// products.cpp
sdk::Result<sdk::Product> productOf(json::View object);
sdk::Result<sdk::HttpRequest> buildProductCreate(const sdk::ProductCreate& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Product> parseProductCreate(const sdk::HttpResponse& response);
sdk::Step startProductLookup(Lookup& lookup, const sdk::ProductCreate& in);
sdk::Result<sdk::HttpRequest> buildProductGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Product> parseProductGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in);
sdk::HttpRequest buildProductsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Product>> parseProductsList(const sdk::HttpResponse& response);

// plans.cpp
sdk::Result<sdk::HttpRequest> buildPlanCreate(const sdk::PlanCreate& in, const sdk::Call& call);
sdk::Result<sdk::Plan> parsePlanCreate(const sdk::HttpResponse& response,
                                       const sdk::PlanCreate& in);
sdk::Step startPlanLookup(Lookup& lookup, const sdk::PlanCreate& in);
sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in);
sdk::HttpRequest buildPlansList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response);

// subscriptions_create.cpp
sdk::Step startSubscriptionCreate(SubscriptionCreation& state, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call);
sdk::Step nextSubscriptionCreate(SubscriptionCreation& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Step startSubscriptionLookup(Lookup& lookup, const sdk::SubscriptionCreate& in);

// subscriptions_read.cpp
sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in);
sdk::HttpRequest buildSubscriptionsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Subscription>> parseSubscriptionsList(const sdk::HttpResponse& response);

// subscriptions_update.cpp
sdk::Step startSubscriptionUpdate(SubscriptionChange& state, const sdk::SubscriptionUpdate& in,
                                  const sdk::Call& call);
sdk::Step nextSubscriptionUpdate(SubscriptionChange& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in);
sdk::Result<sdk::Subscription> judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionUpdate& in);

// subscriptions_cancel.cpp
sdk::Result<sdk::HttpRequest> buildSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::Subscription> parseSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in);
sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in);
sdk::Result<sdk::Subscription> judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in);

// subscriptions_pause.cpp
struct Resumption {
  std::string subscription;
  bool wrote = false;
};
sdk::Result<sdk::HttpRequest> buildSubscriptionPause(const sdk::SubscriptionPause& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::Subscription> parseSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in);
sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in);
sdk::Result<sdk::Subscription> judgeSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in);
sdk::Step startSubscriptionResume(Resumption& state, const sdk::SubscriptionPause& in);
sdk::Step nextSubscriptionResume(Resumption& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Result<sdk::Subscription> judgeSubscriptionResume(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionPause& in);

// invoices.cpp
sdk::Result<sdk::Invoice> invoiceOf(json::View object);
sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in);
sdk::HttpRequest buildInvoicesList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response);

// payment_links_create.cpp
sdk::Result<sdk::HttpRequest> buildPaymentLinkCreate(const sdk::PaymentLinkCreate& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parsePaymentLinkCreate(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCreate& in);
sdk::Step startPaymentLinkLookup(Lookup& lookup, const sdk::PaymentLinkCreate& in);

// payment_links.cpp
sdk::Result<sdk::HttpRequest> buildPaymentLinkGet(const sdk::ProviderRef& in);
sdk::Result<sdk::PaymentLink> parsePaymentLinkGet(const sdk::HttpResponse& response,
                                                  const sdk::ProviderRef& in);
sdk::Result<sdk::HttpRequest> buildPaymentLinksList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::PaymentLink>> parsePaymentLinksList(const sdk::HttpResponse& response,
                                                               const sdk::ListQuery& in);
sdk::Result<sdk::HttpRequest> buildPaymentLinkCancel(const sdk::PaymentLinkCancel& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parsePaymentLinkCancel(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCancel& in);
sdk::Result<sdk::HttpRequest> askPaymentLinkCancel(const sdk::PaymentLinkCancel& in);
sdk::Result<sdk::PaymentLink> judgePaymentLinkCancel(const sdk::HttpResponse& response,
                                                     const sdk::PaymentLinkCancel& in);

// payouts.cpp
sdk::Result<sdk::HttpRequest> buildPayoutCreate(const sdk::PayoutCreate& in, const sdk::Call& call);
sdk::Result<sdk::Payout> parsePayoutCreate(const sdk::HttpResponse& response,
                                           const sdk::PayoutCreate& in);
sdk::Step startPayoutLookup(Lookup& lookup, const sdk::PayoutCreate& in);
sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Payout> parsePayoutGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in);
sdk::HttpRequest buildPayoutsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Payout>> parsePayoutsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in);
sdk::Result<sdk::HttpRequest> buildPayoutCancel(const sdk::PayoutCancel& in, const sdk::Call& call);
sdk::Result<sdk::Payout> parsePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in);
sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in);
sdk::Result<sdk::Payout> judgePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in);

// disputes.cpp
sdk::Result<sdk::Dispute> disputeOf(json::View object);
sdk::Result<sdk::HttpRequest> buildDisputeGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Dispute> parseDisputeGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in);
sdk::HttpRequest buildDisputesList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Dispute>> parseDisputesList(const sdk::HttpResponse& response);
sdk::Result<sdk::HttpRequest> buildDisputeAccept(const sdk::DisputeAccept& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Dispute> parseDisputeAccept(const sdk::HttpResponse& response,
                                             const sdk::DisputeAccept& in);
sdk::Result<sdk::HttpRequest> askDisputeAccept(const sdk::DisputeAccept& in);
sdk::Result<sdk::Dispute> judgeDisputeAccept(const sdk::HttpResponse& response,
                                             const sdk::DisputeAccept& in);
sdk::Result<sdk::HttpRequest> buildDisputeEvidence(const sdk::DisputeEvidence& in,
                                                   const sdk::Call& call);
sdk::Result<sdk::Dispute> parseDisputeEvidence(const sdk::HttpResponse& response,
                                               const sdk::DisputeEvidence& in);
sdk::Result<sdk::HttpRequest> askDisputeEvidence(const sdk::DisputeEvidence& in);
sdk::Result<sdk::Dispute> judgeDisputeEvidence(const sdk::HttpResponse& response,
                                               const sdk::DisputeEvidence& in);

// accounts.cpp
sdk::Result<sdk::Account> accountOf(json::View object);
sdk::Step startAccountCreate(AccountCreation& state, const sdk::AccountCreate& in,
                             const sdk::Call& call);
sdk::Step nextAccountCreate(AccountCreation& state, const sdk::HttpResponse& response,
                            const sdk::Call& call);
sdk::Step startAccountLookup(Lookup& lookup, const sdk::AccountCreate& in);
sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in);
sdk::Result<sdk::HttpRequest> buildOnboardingLink(const sdk::AccountOnboardingLink& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::AccountLink> parseOnboardingLink(const sdk::HttpResponse& response);
sdk::Step startOnboardingLinkLookup(AccountCreation& state, const sdk::AccountOnboardingLink& in);
sdk::Result<sdk::HttpRequest> buildDashboardLink(const sdk::AccountDashboardLink& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::AccountLink> parseDashboardLink(const sdk::HttpResponse& response);
sdk::Step startDashboardLinkLookup(AccountCreation& state, const sdk::AccountDashboardLink& in);
sdk::Step nextLinkLookup(AccountCreation& state, const sdk::HttpResponse& response);

// search.cpp
sdk::Result<sdk::HttpRequest> buildSearch(const sdk::SearchQuery& in);
sdk::Result<sdk::Page<sdk::SearchResult>> parseSearch(const sdk::HttpResponse& response,
                                                      const sdk::SearchQuery& in);

// webhook_endpoints.cpp
sdk::Result<sdk::WebhookEndpoint> webhookEndpointOf(json::View object);
sdk::Result<sdk::HttpRequest> buildWebhookEndpointCreate(const sdk::WebhookEndpointCreate& in,
                                                         const sdk::Call& call);
sdk::Result<sdk::WebhookEndpoint> parseWebhookEndpointCreate(const sdk::HttpResponse& response,
                                                             const sdk::WebhookEndpointCreate& in);
sdk::Step startWebhookEndpointLookup(Lookup& lookup, const sdk::WebhookEndpointCreate& in);
sdk::HttpRequest buildWebhookEndpointsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseWebhookEndpointsList(
    const sdk::HttpResponse& response);
sdk::Result<sdk::HttpRequest> buildWebhookEndpointDelete(const sdk::WebhookEndpointDelete& in);
sdk::Step parseWebhookEndpointDelete(const sdk::HttpResponse& response,
                                     const sdk::WebhookEndpointDelete& in);
sdk::Result<sdk::HttpRequest> askWebhookEndpointDelete(const sdk::WebhookEndpointDelete& in);
sdk::Step judgeWebhookEndpointDelete(const sdk::HttpResponse& response,
                                     const sdk::WebhookEndpointDelete& in);

// webhooks.cpp
sdk::Recipe webhookRecipe(const sdk::Webhook& webhook);
std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook);

}  // namespace stripe
