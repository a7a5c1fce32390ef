// All operations of this adapter, for the table in plugin.cpp. Each group is in the file of its
// name.
#pragma once

#include "lookup.hpp"
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

// webhooks.cpp
sdk::Recipe webhookRecipe(const sdk::Webhook& webhook);
std::vector<sdk::WebhookEvent> translateWebhook(const sdk::Webhook& webhook);

}  // namespace stripe
