// The operations of the simulated PayPal, a file for each resource. Each answers, or throws
// ApiProblem. The provider finds them through operations().
#pragma once

#include <vector>

#include "common/routes.hpp"
#include "paypal/call.hpp"

namespace simulators::paypal {

using Operation = ApiAnswer (*)(Call& call);
using Routes = std::vector<Route<Operation>>;

const Routes& operations();

void addOrders(Routes& routes);          // orders.cpp
void addOrderPayments(Routes& routes);   // order_payments.cpp
void addAuthorizations(Routes& routes);  // authorizations.cpp
void addCaptures(Routes& routes);        // captures.cpp
void addVault(Routes& routes);           // vault.cpp
void addCatalog(Routes& routes);         // catalog.cpp
void addPlans(Routes& routes);           // plans.cpp
void addSubscriptions(Routes& routes);   // subscriptions.cpp
void addInvoices(Routes& routes);        // invoices.cpp
void addPayouts(Routes& routes);         // payouts.cpp
void addDisputes(Routes& routes);        // disputes.cpp
void addReporting(Routes& routes);       // reporting.cpp
void addPartners(Routes& routes);        // partners.cpp
void addNotifications(Routes& routes);   // notifications.cpp

}  // namespace simulators::paypal
