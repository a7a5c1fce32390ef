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

}  // namespace paypal
