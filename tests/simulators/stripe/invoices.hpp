// Invoices, as subscriptions and the API make them.
#pragma once

#include <string>
#include <vector>

#include "stripe/call.hpp"

namespace simulators::stripe {

struct InvoiceLine {
  std::string description;
  std::string price;  // id, may be empty
  std::string product;
  std::string subscriptionItem;
  std::int64_t amount = 0;
  std::int64_t quantity = 1;
  std::int64_t periodStart = 0;
  std::int64_t periodEnd = 0;
};

struct InvoiceDraft {
  Index customer = kNone;
  std::string currency;
  std::string subscription;
  std::string reason = "manual";
  std::string collection = "charge_automatically";
  std::string method;  // id of the payment method to charge
  std::vector<InvoiceLine> lines;
  Json metadata = Json::object();
};

// A stored draft.
Json& newInvoice(Call& call, const InvoiceDraft& draft);
void finalizeInvoice(Call& call, Json& invoice);
// Charges what is due to the payment method; throws the decline after it was stored.
void payInvoiceNow(Call& call, Json& invoice, const std::string& method);
void voidInvoiceNow(Call& call, Json& invoice);
// The method that would be charged: the given one, the customer's default, or none.
std::string methodToCharge(const Call& call, const std::string& given, const std::string& customer);

}  // namespace simulators::stripe
