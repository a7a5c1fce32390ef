// The operations of the simulated Razorpay, a file for each resource.
#pragma once

#include "razorpay/call.hpp"

namespace simulators::razorpay {

// orders.cpp
Json createOrder(Call& call);
Json listOrders(Call& call);
Json getOrder(Call& call);
Json updateOrder(Call& call);
Json listOrderPayments(Call& call);

// payments.cpp
Json listPayments(Call& call);
Json getPayment(Call& call);
Json updatePayment(Call& call);
Json capturePayment(Call& call);

// refunds.cpp
Json createRefund(Call& call);
Json listRefunds(Call& call);
Json listPaymentRefunds(Call& call);
Json getRefund(Call& call);
Json getPaymentRefund(Call& call);
Json updateRefund(Call& call);

// checkout.cpp: what the payer does, asked for by the test
Json payOrder(Call& call);
Json payLink(Call& call);
Json payInvoice(Call& call);
Json authenticateSubscription(Call& call);
Json chargeSubscription(Call& call);

// customers.cpp
Json createCustomer(Call& call);
Json listCustomers(Call& call);
Json getCustomer(Call& call);
Json updateCustomer(Call& call);
Json addBankAccount(Call& call);
Json removeBankAccount(Call& call);
Json listTokens(Call& call);
Json deleteToken(Call& call);
// The customer with this email and contact, made if there is none.
Json& customerOf(Host& host, Book& book, const Json& details);

// plans.cpp, subscriptions.cpp
Json createPlan(Call& call);
Json listPlans(Call& call);
Json getPlan(Call& call);
Json createSubscription(Call& call);
Json listSubscriptions(Call& call);
Json getSubscription(Call& call);
Json updateSubscription(Call& call);
Json cancelSubscription(Call& call);
Json pauseSubscription(Call& call);
Json resumeSubscription(Call& call);

// invoices.cpp
Json createInvoice(Call& call);
Json listInvoices(Call& call);
Json getInvoice(Call& call);
Json updateInvoice(Call& call);
Json issueInvoice(Call& call);
Json cancelInvoice(Call& call);
Json deleteInvoice(Call& call);
Json notifyInvoice(Call& call);

// payment_links.cpp
Json createLink(Call& call);
Json listLinks(Call& call);
Json getLink(Call& call);
Json updateLink(Call& call);
Json cancelLink(Call& call);
Json notifyLink(Call& call);

// payees.cpp
Json createContact(Call& call);
Json listContacts(Call& call);
Json getContact(Call& call);
Json updateContact(Call& call);
Json createFundAccount(Call& call);
Json listFundAccounts(Call& call);
Json getFundAccount(Call& call);
Json updateFundAccount(Call& call);

// payouts.cpp
Json createPayout(Call& call);
Json listPayouts(Call& call);
Json getPayout(Call& call);
Json cancelPayout(Call& call);
Json approvePayout(Call& call);
Json rejectPayout(Call& call);
Json setPayout(Call& call);  // control
Json listTransactions(Call& call);
Json getTransaction(Call& call);
Json getBalance(Call& call);

// transfers.cpp
Json createTransfer(Call& call);
Json createPaymentTransfers(Call& call);
Json listTransfers(Call& call);
Json listPaymentTransfers(Call& call);
Json getTransfer(Call& call);
Json updateTransfer(Call& call);
Json reverseTransfer(Call& call);
Json listReversals(Call& call);

// settlements.cpp
Json listSettlements(Call& call);
Json getSettlement(Call& call);
Json reconcile(Call& call);

// disputes.cpp
Json openDispute(Call& call);    // control
Json decideDispute(Call& call);  // control
Json listDisputes(Call& call);
Json getDispute(Call& call);
Json acceptDispute(Call& call);
Json contestDispute(Call& call);

// accounts.cpp
Json createAccount(Call& call);
Json getAccount(Call& call);
Json updateAccount(Call& call);
Json deleteAccount(Call& call);
Json createStakeholder(Call& call);
Json listStakeholders(Call& call);
Json getStakeholder(Call& call);
Json updateStakeholder(Call& call);
Json requestProduct(Call& call);
Json getProduct(Call& call);
Json updateProduct(Call& call);

// endpoints.cpp: webhooks
Json createMerchantWebhook(Call& call);
Json createWebhook(Call& call);
Json listWebhooks(Call& call);
Json getWebhook(Call& call);
Json updateWebhook(Call& call);
Json deleteWebhook(Call& call);

struct OperationRoute {
  std::vector<Field> fields;  // of the body; of the query for GET
  Operation execute = nullptr;
};
struct FoundOperation {
  const OperationRoute* operation = nullptr;
  std::vector<std::string> ids;
};
// No operation: the URL is not one of the API's.
FoundOperation findOperation(std::string_view method, std::string_view path);

}  // namespace simulators::razorpay
