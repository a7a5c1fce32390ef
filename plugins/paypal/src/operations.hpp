// All operations of this adapter, for the table in plugin.cpp. Each group is in the file of its
// name.
#pragma once

#include "order.hpp"
#include "reporting.hpp"

namespace paypal {

// ---- payments_create.cpp ----

// What an order is made of; payments and payment links share it.
struct OrderFields {
  std::int64_t amount = 0;
  std::string currency;
  bool authorize = false;
  std::string operationId;
  std::string reference;
  std::optional<std::string> description;
  std::optional<std::string> descriptor;
  std::optional<std::string> returnUrl;
  std::optional<std::string> email;
  std::string vaultId;     // of a saved way to pay
  std::string sourceKind;  // its kind at PayPal, e.g. "card"; empty without one
};
sdk::Result<std::string> orderBody(const OrderFields& in);
sdk::HttpRequest createOrder(std::string body, const sdk::Call& call);
// The end of the creation of an order by its answer.
sdk::Step createdPayment(const OrderFields& fields, const sdk::HttpResponse& response,
                         const sdk::Call& call);

struct PaymentCreating {
  OrderFields fields;
  bool readsToken = false;
};
sdk::Step startPaymentCreate(PaymentCreating& state, const sdk::PaymentCreate& in,
                             const sdk::Call& call);
sdk::Step nextPaymentCreate(PaymentCreating& state, const sdk::HttpResponse& response,
                            const sdk::Call& call);

// ---- payments_confirm.cpp ----

struct PaymentConfirming {
  enum class Stage { Look, Token, Moved };
  Stage stage = Stage::Look;
  std::string providerId;
  std::string vaultId;
  std::string sourceKind;
  Order order;
  bool refusedAsDone = false;
};
sdk::Step startPaymentConfirm(PaymentConfirming& state, const sdk::PaymentConfirm& in);
sdk::Step nextPaymentConfirm(PaymentConfirming& state, const sdk::HttpResponse& response,
                             const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPaymentConfirm(const sdk::PaymentConfirm& in);
sdk::Step judgePaymentConfirm(const sdk::HttpResponse& response, const sdk::PaymentConfirm& in,
                              const sdk::Call& call);

// ---- payments_capture.cpp ----

struct PaymentCapturing {
  std::string providerId;
  std::optional<std::int64_t> amount;
  std::string currency;
  bool looked = false;
  Order order;
};
sdk::Step startPaymentCapture(PaymentCapturing& state, const sdk::PaymentCapture& in);
sdk::Step nextPaymentCapture(PaymentCapturing& state, const sdk::HttpResponse& response,
                             const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPaymentCapture(const sdk::PaymentCapture& in);
sdk::Step judgePaymentCapture(const sdk::HttpResponse& response, const sdk::PaymentCapture& in,
                              const sdk::Call& call);

// ---- payments_cancel.cpp ----

struct PaymentCanceling {
  std::string providerId;
  bool looked = false;
  Order order;
};
sdk::Step startPaymentCancel(PaymentCanceling& state, const sdk::PaymentCancel& in);
sdk::Step nextPaymentCancel(PaymentCanceling& state, const sdk::HttpResponse& response,
                            const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPaymentCancel(const sdk::PaymentCancel& in);
sdk::Step judgePaymentCancel(const sdk::HttpResponse& response, const sdk::PaymentCancel& in,
                             const sdk::Call& call);

// ---- payments_read.cpp ----

sdk::Result<sdk::HttpRequest> buildPaymentGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Payment> parsePaymentGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Step startPaymentsList(ReportPage& state, const sdk::ListQuery& in, const sdk::Call& call);
sdk::Step nextPaymentsList(ReportPage& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
struct PaymentLookup {
  std::string operationId;
  std::optional<std::int64_t> createdUnixS;
  ReportPage page;
  std::string foundId;
};
sdk::Step startPaymentLookup(PaymentLookup& lookup, const sdk::PaymentCreate& in,
                             const sdk::Call& call);
sdk::Step nextPaymentLookup(PaymentLookup& lookup, const sdk::HttpResponse& response,
                            const sdk::Call& call);

// ---- refunds.cpp ----

// `paymentId` is the order's, where it is known.
sdk::Result<sdk::Refund> refundOf(json::View object, std::string_view paymentId);

struct RefundCreating {
  sdk::RefundCreate input;
  bool looked = false;
};
sdk::Step startRefundCreate(RefundCreating& state, const sdk::RefundCreate& in);
sdk::Step nextRefundCreate(RefundCreating& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askRefundCreate(const sdk::RefundCreate& in);
sdk::Step judgeRefundCreate(const sdk::HttpResponse& response, const sdk::RefundCreate& in,
                            const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildRefundGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Refund> parseRefundGet(const sdk::HttpResponse& response,
                                        const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildRefundsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Refund>> parseRefundsList(const sdk::HttpResponse& response,
                                                     const sdk::ListQuery& in,
                                                     const sdk::Call& call);

// ---- payment_methods.cpp ----

sdk::Result<sdk::PaymentMethod> paymentMethodOf(json::View object, bool live);
sdk::Result<sdk::HttpRequest> buildMethodAttach(const sdk::PaymentMethodAttach& in,
                                                const sdk::Call& call);
sdk::Result<sdk::PaymentMethod> parseMethodAttach(const sdk::HttpResponse& response,
                                                  const sdk::PaymentMethodAttach& in,
                                                  const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildMethodsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::PaymentMethod>> parseMethodsList(const sdk::HttpResponse& response,
                                                            const sdk::ListQuery& in,
                                                            const sdk::Call& call);
struct MethodDetaching {
  std::string path;
  sdk::PaymentMethod method;
  bool looked = false;
};
sdk::Step startMethodDetach(MethodDetaching& state, const sdk::PaymentMethodDetach& in);
sdk::Step nextMethodDetach(MethodDetaching& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askMethodDetach(const sdk::PaymentMethodDetach& in);
sdk::Step judgeMethodDetach(const sdk::HttpResponse& response, const sdk::PaymentMethodDetach& in,
                            const sdk::Call& call);

// ---- setup_intents.cpp ----

sdk::Result<sdk::SetupIntent> setupIntentOf(json::View object, bool live);
sdk::Result<sdk::HttpRequest> buildSetupCreate(const sdk::SetupIntentCreate& in,
                                               const sdk::Call& call);
sdk::Result<sdk::SetupIntent> parseSetupCreate(const sdk::HttpResponse& response,
                                               const sdk::SetupIntentCreate& in,
                                               const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSetupGet(const sdk::ProviderRef& in);
sdk::Result<sdk::SetupIntent> parseSetupGet(const sdk::HttpResponse& response,
                                            const sdk::ProviderRef& in, const sdk::Call& call);

// ---- products.cpp ----

// Whether a product may have the operation's id for its own.
bool canBeProductId(std::string_view operationId);
sdk::Result<std::string> productBody(const sdk::ProductCreate& in);
sdk::Result<sdk::Product> productOf(json::View object, bool live);
sdk::Result<sdk::HttpRequest> buildProductCreate(const sdk::ProductCreate& in,
                                                 const sdk::Call& call);
sdk::Result<sdk::Product> parseProductCreate(const sdk::HttpResponse& response,
                                             const sdk::ProductCreate& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askProductCreate(const sdk::ProductCreate& in);
sdk::Result<sdk::Product> judgeProductCreate(const sdk::HttpResponse& response,
                                             const sdk::ProductCreate& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildProductGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Product> parseProductGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildProductsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Product>> parseProductsList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// ---- plans.cpp ----

struct PlanCreating {
  sdk::PlanCreate input;
  bool makesProduct = false;
};
sdk::Result<sdk::Plan> planOf(json::View object, bool live);
// The place of the regular billing cycle among a plan's; 0 if it has none.
std::int64_t regularSequenceOf(json::View plan);
sdk::Result<std::string> planBody(const sdk::PlanCreate& in, std::string_view productId);
sdk::Step startPlanCreate(PlanCreating& state, const sdk::PlanCreate& in, const sdk::Call& call);
sdk::Step nextPlanCreate(PlanCreating& state, const sdk::HttpResponse& response,
                         const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPlanCreate(const sdk::PlanCreate& in);
sdk::Step judgePlanCreate(const sdk::HttpResponse& response, const sdk::PlanCreate& in,
                          const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPlanGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Plan> parsePlanGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                                    const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPlansList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::Plan>> parsePlansList(const sdk::HttpResponse& response,
                                                 const sdk::ListQuery& in, const sdk::Call& call);

// ---- subscriptions.cpp ----

struct SubscriptionCreating {
  enum class Stage { PlanLook, PlanMade, Subscribed };
  Stage stage = Stage::Subscribed;
  sdk::SubscriptionCreate input;
  PlanCreating plan;
  std::string planId;
  std::int64_t regularSequence = 0;
};
sdk::Result<sdk::Subscription> subscriptionOf(json::View object, bool live);
sdk::Step startSubscriptionCreate(SubscriptionCreating& state, const sdk::SubscriptionCreate& in,
                                  const sdk::Call& call);
sdk::Step nextSubscriptionCreate(SubscriptionCreating& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildSubscriptionGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Subscription> parseSubscriptionGet(const sdk::HttpResponse& response,
                                                    const sdk::ProviderRef& in,
                                                    const sdk::Call& call);

// ---- subscriptions_change.cpp ----

struct SubscriptionChanging {
  std::string providerId;
  bool changed = false;
  std::optional<sdk::NextAction> nextAction;
};
sdk::Step startSubscriptionUpdate(SubscriptionChanging& state, const sdk::SubscriptionUpdate& in);
sdk::Step nextSubscriptionUpdate(SubscriptionChanging& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionUpdate(const sdk::SubscriptionUpdate& in);
sdk::Step judgeSubscriptionUpdate(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionUpdate& in, const sdk::Call& call);
sdk::Step startSubscriptionCancel(SubscriptionChanging& state, const sdk::SubscriptionCancel& in);
sdk::Step startSubscriptionPause(SubscriptionChanging& state, const sdk::SubscriptionPause& in);
sdk::Step startSubscriptionResume(SubscriptionChanging& state, const sdk::SubscriptionPause& in);
sdk::Step nextSubscriptionAction(SubscriptionChanging& state, const sdk::HttpResponse& response,
                                 const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionCancel(const sdk::SubscriptionCancel& in);
sdk::Step judgeSubscriptionCancel(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionCancel& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askSubscriptionPause(const sdk::SubscriptionPause& in);
sdk::Step judgeSubscriptionPause(const sdk::HttpResponse& response,
                                 const sdk::SubscriptionPause& in, const sdk::Call& call);
sdk::Step judgeSubscriptionResume(const sdk::HttpResponse& response,
                                  const sdk::SubscriptionPause& in, const sdk::Call& call);

// ---- invoices.cpp ----

sdk::Result<sdk::Invoice> invoiceOf(json::View object, bool live);
// PayPal's words for a unified status.
std::vector<std::string> invoiceWordsOf(std::string_view status);
sdk::HttpRequest searchInvoices(std::string query, std::string body);
sdk::Result<sdk::HttpRequest> buildInvoiceGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Invoice> parseInvoiceGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildInvoicesList(const sdk::ListQuery& in, const sdk::Call& call);
sdk::Result<sdk::Page<sdk::Invoice>> parseInvoicesList(const sdk::HttpResponse& response,
                                                       const sdk::ListQuery& in,
                                                       const sdk::Call& call);

// ---- payment_links.cpp ----

sdk::Result<sdk::HttpRequest> buildLinkCreate(const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call);
sdk::Result<sdk::PaymentLink> parseLinkCreate(const sdk::HttpResponse& response,
                                              const sdk::PaymentLinkCreate& in,
                                              const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildLinkGet(const sdk::ProviderRef& in);
sdk::Result<sdk::PaymentLink> parseLinkGet(const sdk::HttpResponse& response,
                                           const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Step startLinkLookup(PaymentLookup& lookup, const sdk::PaymentLinkCreate& in,
                          const sdk::Call& call);
sdk::Step nextLinkLookup(PaymentLookup& lookup, const sdk::HttpResponse& response,
                         const sdk::Call& call);

// ---- payouts.cpp ----

struct PayoutCreating {
  sdk::PayoutCreate input;
  std::string earlierId;  // of the batch that an earlier attempt made
};
struct PayoutCanceling {
  std::string providerId;
  std::int64_t createdUnixS = 0;
  bool looked = false;
};
sdk::Result<sdk::Payout> payoutBatchOf(json::View object, bool live);
sdk::Result<sdk::Payout> payoutItemOf(json::View item, bool live);
sdk::Step startPayoutCreate(PayoutCreating& state, const sdk::PayoutCreate& in,
                            const sdk::Call& call);
sdk::Step nextPayoutCreate(PayoutCreating& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildPayoutGet(const sdk::ProviderRef& in);
sdk::Step parsePayoutGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                         const sdk::Call& call);
sdk::Step startPayoutCancel(PayoutCanceling& state, const sdk::PayoutCancel& in);
sdk::Step nextPayoutCancel(PayoutCanceling& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPayoutCancel(const sdk::PayoutCancel& in);
sdk::Step judgePayoutCancel(const sdk::HttpResponse& response, const sdk::PayoutCancel& in,
                            const sdk::Call& call);

// ---- disputes.cpp ----

struct DisputeListing {
  sdk::ListQuery input;
  std::string captureId;
  bool readsOrder = false;
};
struct DisputeActing {
  std::string providerId;
  bool acted = false;
};
sdk::Result<sdk::Dispute> disputeOf(json::View object, bool live);
sdk::Result<sdk::HttpRequest> buildDisputeGet(const sdk::ProviderRef& in);
sdk::Step parseDisputeGet(const sdk::HttpResponse& response, const sdk::ProviderRef& in,
                          const sdk::Call& call);
sdk::Step startDisputesList(DisputeListing& state, const sdk::ListQuery& in);
sdk::Step nextDisputesList(DisputeListing& state, const sdk::HttpResponse& response,
                           const sdk::Call& call);
sdk::Step startDisputeAccept(DisputeActing& state, const sdk::DisputeAccept& in);
sdk::Step startDisputeEvidence(DisputeActing& state, const sdk::DisputeEvidence& in);
sdk::Step nextDisputeAction(DisputeActing& state, const sdk::HttpResponse& response,
                            const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askDisputeAccept(const sdk::DisputeAccept& in);
sdk::Step judgeDisputeAccept(const sdk::HttpResponse& response, const sdk::DisputeAccept& in,
                             const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askDisputeEvidence(const sdk::DisputeEvidence& in);
sdk::Step judgeDisputeEvidence(const sdk::HttpResponse& response, const sdk::DisputeEvidence& in,
                               const sdk::Call& call);

// ---- balance.cpp ----

sdk::HttpRequest buildBalanceGet(const sdk::BalanceQuery& in);
sdk::Result<sdk::Balance> parseBalanceGet(const sdk::HttpResponse& response,
                                          const sdk::BalanceQuery& in, const sdk::Call& call);

// ---- accounts.cpp ----

sdk::Result<sdk::HttpRequest> buildAccountCreate(const sdk::AccountCreate& in);
sdk::Result<sdk::Account> parseAccountCreate(const sdk::HttpResponse& response,
                                             const sdk::AccountCreate& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildAccountGet(const sdk::ProviderRef& in);
sdk::Result<sdk::Account> parseAccountGet(const sdk::HttpResponse& response,
                                          const sdk::ProviderRef& in, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildOnboardingLink(const sdk::AccountOnboardingLink& in);
sdk::Result<sdk::AccountLink> parseOnboardingLink(const sdk::HttpResponse& response,
                                                  const sdk::AccountOnboardingLink& in,
                                                  const sdk::Call& call);

// ---- webhook_endpoints.cpp ----

// What is left of something deleted.
struct DeletedRef {
  std::string providerId;
};
inline void writeJson(json::Writer& out, const DeletedRef& ref) {
  out.beginObject().member("provider_id", ref.providerId).endObject();
}
sdk::Result<sdk::WebhookEndpoint> endpointOf(json::View object, bool live);
sdk::Result<sdk::HttpRequest> buildEndpointCreate(const sdk::WebhookEndpointCreate& in);
sdk::Result<sdk::WebhookEndpoint> parseEndpointCreate(const sdk::HttpResponse& response,
                                                      const sdk::WebhookEndpointCreate& in,
                                                      const sdk::Call& call);
sdk::HttpRequest askEndpointCreate(const sdk::WebhookEndpointCreate& in);
sdk::Step judgeEndpointCreate(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointCreate& in, const sdk::Call& call);
sdk::HttpRequest buildEndpointsList(const sdk::ListQuery& in);
sdk::Result<sdk::Page<sdk::WebhookEndpoint>> parseEndpointsList(const sdk::HttpResponse& response,
                                                                const sdk::ListQuery& in,
                                                                const sdk::Call& call);
sdk::Result<sdk::HttpRequest> buildEndpointDelete(const sdk::WebhookEndpointDelete& in);
sdk::Step parseEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call);
sdk::HttpRequest askEndpointDelete(const sdk::WebhookEndpointDelete& in);
sdk::Step judgeEndpointDelete(const sdk::HttpResponse& response,
                              const sdk::WebhookEndpointDelete& in, const sdk::Call& call);

// ---- search.cpp ----

struct Searching {
  sdk::SearchQuery input;
  ReportPage page;
};
sdk::Step startSearch(Searching& state, const sdk::SearchQuery& in, const sdk::Call& call);
sdk::Step nextSearch(Searching& state, const sdk::HttpResponse& response, const sdk::Call& call);

// ---- webhooks.cpp ----

sdk::Recipe webhookRecipe(const sdk::Webhook& webhook);
std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook);

}  // namespace paypal
