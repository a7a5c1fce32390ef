// Orders and what approving them means; shared by the API's operations, the payer's page and the
// control endpoints.
#pragma once

#include "paypal/call.hpp"

namespace simulators::paypal {

// The payer agrees. Throws 422 if the order does not wait for it.
void approveOrder(World& world, Account& account, Json& order, const std::string& origin);
// The whole order as PayPal shows it now, or its id, status and links alone.
Json renderOrder(Account& account, const Json& order, const std::string& origin, bool whole);

// Whether this payment source is paid with at once, without the payer's visit.
bool paysAtOnce(const Json& source);
// Puts the source on the order and sets its status; throws 422 for a source that is refused.
void applySource(Call& call, Json& order, const Json& source);
// Takes or reserves the money of an approved order, whichever its intent says.
void payOrder(Call& call, Json& order);

// Of captures and of the sales of subscriptions.
struct NewCapture {
  Money amount;
  std::string orderId;
  std::string authorizationId;
  std::string subscriptionId;
  std::string payment;  // the ledger's name for the whole
  std::string key;
  std::string origin;
  bool finalCapture = true;
  Json details = Json::object();  // custom_id, invoice_id, payee, ...
  Metadata metadata;
};
Json& createCapture(World& world, Account& account, NewCapture wish);
Json& createAuthorization(World& world, Account& account, NewCapture wish);
Json renderCapture(const Json& capture, const std::string& origin);
Json renderAuthorization(const Json& authorization, const std::string& origin);

}  // namespace simulators::paypal
