// PayPal's order, with what was authorized, captured and refunded under it, as the unified payment.
// Used by the operations on payments, refunds and links, and by webhooks.
#pragma once

#include <string>
#include <vector>

#include "wire.hpp"

namespace paypal {

// A capture, an authorization or a refund of an order.
struct Part {
  std::string id;
  std::string status;  // PayPal's word
  sdk::Money money;
  std::string customId;
  std::string upId;  // of what it came of: the capture of a refund, the authorization of a capture
  std::int64_t createdUnixS = 0;
};

// The unified payment and the parts that it is made of.
struct Order {
  sdk::Payment payment;
  std::string status;  // PayPal's word
  bool authorizes = false;
  std::vector<Part> captures;
  std::vector<Part> authorizations;
  std::vector<Part> refunds;
};

// Reads an order; fails where the id, the amount or a part can't be understood.
sdk::Result<Order> orderOf(json::View object, bool live);

// An answer that must be an order. With `id` it must be that one.
sdk::Result<Order> readOrder(const sdk::HttpResponse& response, const sdk::Call& call,
                             std::string_view id);

sdk::Result<sdk::HttpRequest> getOrder(std::string_view id, std::string_view field = "provider_id");

// A capture whose money arrived, all or part of which may have been refunded since.
bool isPaid(const Part& capture);

// The authorization that captures draw on; null if the order has none.
const Part* authorizationOf(const Order& order);

// Puts the status and the amounts that the parts tell into the payment.
void settle(Order& order);

// Reads one part; fails where the id or the amount can't be understood.
sdk::Result<Part> partOf(json::View object);

}  // namespace paypal
