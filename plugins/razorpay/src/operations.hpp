// All operations of this adapter, for the table in plugin.cpp. Each group is in the file of its
// name. "ask" and "judge" are the one request of a query and what its answer means.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lookup.hpp"
#include "order.hpp"

namespace razorpay {

// payments_create.cpp
sdk::Result<sdk::HttpRequest> buildPaymentCreate(const sdk::PaymentCreate& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Payment> parsePaymentCreate(const sdk::HttpResponse& response,
                                             const sdk::PaymentCreate& in, const sdk::Call& call);
sdk::Step startOrderLookup(OrderState& state, const sdk::PaymentCreate& in, const sdk::Call& call);
sdk::Step nextOrderLookup(OrderState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call);

// payments_read.cpp
sdk::Step startPaymentGet(OrderState& state, const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Step nextPaymentGet(OrderState& state, const sdk::HttpResponse& response,
                         const sdk::Call& call);

// payments_confirm.cpp
struct ConfirmState {
  OrderState order;
  std::string paymentId;  // that Checkout told of; empty: the client sent no checkout result
  bool capturing = false;
};
sdk::Step startPaymentConfirm(ConfirmState& state, const sdk::PaymentConfirm& in,
                              const sdk::Call& call);
sdk::Step nextPaymentConfirm(ConfirmState& state, const sdk::HttpResponse& response,
                             const sdk::Call& call);
sdk::Step nextConfirmQuery(ConfirmState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);

// payments_capture.cpp
struct CaptureState {
  OrderState order;
  std::optional<std::int64_t> amount;
  std::string currency;
  bool capturing = false;
};
sdk::Step startPaymentCapture(CaptureState& state, const sdk::PaymentCapture& in,
                              const sdk::Call& call);
sdk::Step nextPaymentCapture(CaptureState& state, const sdk::HttpResponse& response,
                             const sdk::Call& call);
sdk::Step startCaptureQuery(CaptureState& state, const sdk::PaymentCapture& in,
                            const sdk::Call& call);
sdk::Step nextCaptureQuery(CaptureState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);

// refunds.cpp
struct RefundState {
  std::string given;      // the payment as the client named it
  std::string paymentId;  // Razorpay's payment
  std::string body;
  std::string operationId;
  std::optional<std::int64_t> amount;
  std::string currency;
  std::int64_t seen = 0;
  bool sending = false;  // the payment is known; the answer is about the refund
};
struct RefundsListState {
  sdk::ListQuery query;
  std::string paymentId;
  bool paymentKnown = false;
};
sdk::Result<sdk::Refund> refundOf(json::View object, const Context& context);
sdk::Step startRefundCreate(RefundState& state, const sdk::RefundCreate& in, const sdk::Call& call);
sdk::Step nextRefundCreate(RefundState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Step startRefundLookup(RefundState& state, const sdk::RefundCreate& in, const sdk::Call& call);
sdk::Step nextRefundLookup(RefundState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Step startRefundsList(RefundsListState& state, const sdk::ListQuery& in,
                           const sdk::Call& call);
sdk::Step nextRefundsList(RefundsListState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call);

// payment_methods.cpp
struct DetachState {
  std::string tokenId;
  std::string customerId;
  std::optional<sdk::PaymentMethod> method;  // read before it is deleted
};
sdk::Result<sdk::PaymentMethod> tokenOf(json::View object, const Context& context);
sdk::Step startDetach(DetachState& state, const sdk::PaymentMethodDetach& in,
                      const sdk::Call& call);
sdk::Step nextDetach(DetachState& state, const sdk::HttpResponse& response, const sdk::Call& call);
sdk::Step nextDetachQuery(DetachState& state, const sdk::HttpResponse& response,
                          const sdk::Call& call);

// subscriptions.cpp
struct SubscribeState {
  std::string rest;  // the body without the plan
  std::optional<sdk::PlanCreate> plan;
  Lookup lookup;  // of a plan that an earlier attempt made
  bool lookingForPlan = false;
  bool subscribing = false;
};
sdk::Result<sdk::Subscription> subscriptionOf(json::View object, const Context& context);
sdk::Step startSubscribe(SubscribeState& state, const sdk::SubscriptionCreate& in,
                         const sdk::Call& call);
sdk::Step nextSubscribe(SubscribeState& state, const sdk::HttpResponse& response,
                        const sdk::Call& call);

// subscriptions_change.cpp
struct UpdateState {
  sdk::SubscriptionUpdate in;
  bool reading = false;
};
sdk::Step startSubscriptionUpdate(UpdateState& state, const sdk::SubscriptionUpdate& in,
                                  const sdk::Call& call);
sdk::Step nextSubscriptionUpdate(UpdateState& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);

// disputes.cpp
struct DisputeState {
  std::string providerId;
  bool writes = false;
  std::optional<sdk::Error> (*judge)(const sdk::Dispute& dispute) = nullptr;
  std::optional<sdk::Dispute> dispute;  // while its payment is asked for
};
struct DisputesListState {
  sdk::ListQuery query;
  std::vector<std::string> payments;
  bool paymentsKnown = false;
};
sdk::Result<sdk::Dispute> disputeOf(json::View object, const Context& context);
sdk::Step startDisputeGet(DisputeState& state, const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Step nextDispute(DisputeState& state, const sdk::HttpResponse& response,
                      const sdk::Call& call);
sdk::Step startDisputesList(DisputesListState& state, const sdk::ListQuery& in,
                            const sdk::Call& call);
sdk::Step nextDisputesList(DisputesListState& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Step startDisputeAccept(DisputeState& state, const sdk::DisputeAccept& in,
                             const sdk::Call& call);
sdk::Step startAcceptQuery(DisputeState& state, const sdk::DisputeAccept& in,
                           const sdk::Call& call);
sdk::Step startDisputeEvidence(DisputeState& state, const sdk::DisputeEvidence& in,
                               const sdk::Call& call);
sdk::Step startEvidenceQuery(DisputeState& state, const sdk::DisputeEvidence& in,
                             const sdk::Call& call);

// accounts.cpp
struct AccountState {
  std::string operationId;
  std::optional<sdk::Error> refusal;  // while the account that it names is read
};
sdk::Step startAccountCreate(AccountState& state, const sdk::AccountCreate& in,
                             const sdk::Call& call);
sdk::Step nextAccountCreate(AccountState& state, const sdk::HttpResponse& response,
                            const sdk::Call& call);

// search.cpp
struct SearchState {
  sdk::SearchQuery in;
  bool byReference = false;  // by Razorpay's own filter
};
sdk::Step startSearch(SearchState& state, const sdk::SearchQuery& in, const sdk::Call& call);
sdk::Step nextSearch(SearchState& state, const sdk::HttpResponse& response, const sdk::Call& call);

// webhooks.cpp
sdk::Recipe webhookRecipe(const sdk::Webhook& webhook);
std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook);

// payments_read.cpp
sdk::Result<sdk::HttpRequest> buildPaymentsList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Payment>> parsePaymentsList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// refunds.cpp
sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call);

// customers.cpp
sdk::Result<sdk::Customer> customerOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildCustomerCreate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Customer> parseCustomerCreate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in,
                                               const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildCustomerGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Customer> parseCustomerGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildCustomerUpdate(const sdk::CustomerFields& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::Customer> parseCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in,
                                               const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askCustomerUpdate(const sdk::CustomerFields& in,
                                                const sdk::Call& call);
sdk::Result<sdk::Customer> judgeCustomerUpdate(const sdk::HttpResponse& response,
                                               const sdk::CustomerFields& in,
                                               const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildCustomersList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Customer>> parseCustomersList(const sdk::HttpResponse& response,
                                                         const sdk::ListQuery& in,
                                                         const sdk::Call& call);
sdk::Step startCustomerLookup(Lookup& lookup, const sdk::CustomerFields& in, const sdk::Call& call);

// payment_methods.cpp
sdk::Result<sdk::HttpRequest> buildTokensList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::PaymentMethod>> parseTokensList(const sdk::HttpResponse& response,
                                                           const sdk::ListQuery& in,
                                                           const sdk::Call& call);

// plans.cpp
sdk::Result<sdk::Plan> planOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildPlanCreate(const sdk::PlanCreate& in, const sdk::Call& call);
sdk::Result<sdk::Plan> parsePlanCreate(const sdk::HttpResponse& response, const sdk::PlanCreate& in,
                                       const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                                    const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPlansList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response,
                                                 const sdk::ListQuery& in, const sdk::Call& call);
sdk::Step startPlanLookup(Lookup& lookup, const sdk::PlanCreate& in, const sdk::Call& call);

// subscriptions.cpp
sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in,
                                                   const sdk::Call& call);
sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSubscriptionsList(const sdk::ListQuery& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Subscription>> parseSubscriptionsList(const sdk::HttpResponse& response,
                                                                 const sdk::ListQuery& in,
                                                                 const sdk::Call& call);
sdk::Step startSubscriptionLookup(Lookup& lookup, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call);

// subscriptions_change.cpp
sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in,
                                                    const sdk::Call& call);
sdk::Result<sdk::Subscription> judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionUpdate& in,
                                                       const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::Subscription> parseSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in,
                                                       const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in,
                                                    const sdk::Call& call);
sdk::Result<sdk::Subscription> judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionCancel& in,
                                                       const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSubscriptionPause(const sdk::SubscriptionPause& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::Subscription> parseSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in,
                                                   const sdk::Call& call);
sdk::Result<sdk::Subscription> judgeSubscriptionPause(const sdk::HttpResponse& response,
                                                      const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSubscriptionResume(const sdk::SubscriptionPause& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::Subscription> judgeSubscriptionResume(const sdk::HttpResponse& response,
                                                       const sdk::SubscriptionPause& in,
                                                       const sdk::Call& call);

// invoices.cpp
sdk::Result<sdk::Invoice> invoiceOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildInvoicesList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// payment_links.cpp
sdk::Result<sdk::PaymentLink> linkOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildLinkCreate(const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parseLinkCreate(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildLinkGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parseLinkGet(const sdk::HttpResponse& response,
                                           const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildLinksList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::PaymentLink>> parseLinksList(const sdk::HttpResponse& response,
                                                        const sdk::ListQuery& in,
                                                        const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildLinkCancel(const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parseLinkCancel(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askLinkCancel(const sdk::PaymentLinkCancel& in,
                                            const sdk::Call& call);
sdk::Result<sdk::PaymentLink> judgeLinkCancel(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCancel& in,
                                              const sdk::Call& call);
sdk::Step startLinkLookup(Lookup& lookup, const sdk::PaymentLinkCreate& in, const sdk::Call& call);

// payouts.cpp
sdk::Result<sdk::Payout> payoutOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildPayoutCreate(const sdk::PayoutCreate& in, const sdk::Call& call);
sdk::Result<sdk::Payout> parsePayoutCreate(const sdk::HttpResponse& response,
                                           const sdk::PayoutCreate& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Payout> parsePayoutGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPayoutsList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Payout>> parsePayoutsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in,
                                                     const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPayoutCancel(const sdk::PayoutCancel& in, const sdk::Call& call);
sdk::Result<sdk::Payout> parsePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in, const sdk::Call& call);
sdk::Result<sdk::Payout> judgePayoutCancel(const sdk::HttpResponse& response,
                                           const sdk::PayoutCancel& in, const sdk::Call& call);
sdk::Step startPayoutLookup(Lookup& lookup, const sdk::PayoutCreate& in, const sdk::Call& call);

// disputes.cpp
sdk::Result<sdk::HttpRequest> buildDisputesList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Dispute>> parseDisputesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// accounts.cpp
sdk::AccountStatus accountStatus(std::string_view word);
sdk::Result<sdk::Account> accountOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);

// webhook_endpoints.cpp
sdk::Result<sdk::WebhookEndpoint> endpointOf(json::View object, const Context& context);
sdk::Result<sdk::HttpRequest> buildEndpointCreate(const sdk::WebhookEndpointCreate& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::WebhookEndpoint> parseEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askEndpointCreate(const sdk::WebhookEndpointCreate& in,
                                                const sdk::Call& call);
sdk::Result<sdk::WebhookEndpoint> judgeEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate& in,
                                                      const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildEndpointsList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseEndpointsList(const sdk::HttpResponse& response,
                                                                const sdk::ListQuery& in,
                                                                const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildEndpointDelete(const sdk::WebhookEndpointDelete& in,
                                                  const sdk::Call& call);
sdk::Step parseEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askEndpointDelete(const sdk::WebhookEndpointDelete& in,
                                                const sdk::Call& call);
sdk::Step judgeEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call);

// balance.cpp
sdk::Result<sdk::HttpRequest> buildBalanceGet(const sdk::BalanceQuery& in, const sdk::Call& call);
sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery& in, const sdk::Call& call);

}  // namespace razorpay
