// refunds.list, of one payment or of all, and our operation's id in PayPal's lists. Used by the
// table in plugin.cpp.
#pragma once

#include <unigate/listed.hpp>

#include "operations.hpp"

namespace paypal {

struct RefundsListing {
  sdk::ListQuery query;
  ReportPage page;  // where no payment is named
};
sdk::Step startRefundsList(RefundsListing& state, const sdk::ListQuery& in, const sdk::Call& call);
sdk::Step nextRefundsList(RefundsListing& state, const sdk::HttpResponse& response,
                          const sdk::Call& call);

// By the orders that the report names.
std::vector<sdk::Mark> marksOfPayments(json::View answer);
// By the refunds of the report or of an order.
std::vector<sdk::Mark> marksOfRefunds(json::View answer);

}  // namespace paypal
