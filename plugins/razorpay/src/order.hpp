// A unified payment is an order at Razorpay with the payments that Checkout made for it. Used by
// the operations of payments and refunds, by webhooks and by the search.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reading.hpp"

namespace razorpay {

// The payment of an order and of what was paid for it. `paymentsKnown`: `payments` are all of
// them; else the order alone must tell.
sdk::Result<sdk::Payment> paymentOf(json::View order, const std::vector<json::View>& payments,
                                    bool paymentsKnown, const Context& context);

// The payment of an order that came with `expand[]=payments` or without.
sdk::Result<sdk::Payment> paymentOfListed(json::View order, const Context& context);

// As far as one of Razorpay's payments alone tells; for events that come without the order.
sdk::Result<sdk::Payment> paymentOfPayment(json::View payment, const Context& context);

// The one of an order's payments that decides: captured, else authorised, else the newest.
json::View decisivePayment(const std::vector<json::View>& payments);
bool isCaptured(json::View payment);

// True if nothing was tried on the order yet, so that it has no payments to ask for.
bool isUntouched(json::View order);

// An order that was read, kept while its payments are asked for.
struct OrderState {
  std::string orderId;
  std::string orderText;  // JSON
  bool orderRead = false;
};

sdk::Result<sdk::HttpRequest> askOrder(std::string_view orderId, std::string_view field,
                                       const sdk::Call& call);
sdk::HttpRequest askPaymentsOf(const std::string& orderId, const sdk::Call& call);
sdk::Result<sdk::HttpRequest> askPayment(std::string_view paymentId, std::string_view field,
                                         const sdk::Call& call);
// The answer to askOrder into the state.
std::optional<sdk::Error> keepOrder(OrderState& state, const sdk::HttpResponse& response);
// The answer to askPaymentsOf: `document` then owns the payments.
std::optional<sdk::Error> readPayments(const sdk::HttpResponse& response, json::Document& document,
                                       std::vector<json::View>& payments);
// The unified payment of a kept order and payments; with our own context.
sdk::Result<sdk::Payment> together(const OrderState& state, const std::vector<json::View>& payments,
                                   const sdk::Call& call);

// POST /v1/payments/{id}/capture for all that is authorised: Razorpay takes no other amount.
sdk::Result<sdk::HttpRequest> askCapture(json::View payment, const sdk::Call& call);
// The answer to it. A payment that was captured in the meantime leaves the outcome open, so that
// the gateway asks.
sdk::Result<sdk::Payment> readCapture(const OrderState& state, const sdk::HttpResponse& response,
                                      const sdk::Call& call);

}  // namespace razorpay
