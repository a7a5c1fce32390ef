'use strict';
// Drives the official PayPal SDK against the simulator and prints for each promise whether it was kept. Usage: node paypal_sdk.js
// PORT CLIENT_ID SECRET. What the SDK lacks (catalog products) is fetched plainly.
const http = require('http');
const {
  Client, Environment, OrdersController, PaymentsController, SubscriptionsController, VaultController, TransactionSearchController,
  CheckoutPaymentIntent, ApiError,
} = require('@paypal/paypal-server-sdk');

const [port, clientId, secret] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}`;
// The SDK knows PayPal's own hosts alone: its connections are led here.
const transport = {
  request: ({ path, method, headers }, answer) => http.request({ host: '127.0.0.1', port, path, method, headers }, answer),
};
const client = new Client({
  clientCredentialsAuthCredentials: { oAuthClientId: clientId, oAuthClientSecret: secret },
  environment: Environment.Sandbox, unstable_httpClientOptions: { transport },
});
const orders = new OrdersController(client);
const payments = new PaymentsController(client);
const subscriptions = new SubscriptionsController(client);
const vault = new VaultController(client);
const reports = new TransactionSearchController(client);
const whole = 'return=representation';
const usd = (value) => ({ currencyCode: 'USD', value });

async function approve(links) {
  const { href } = links.find((link) => ['approve', 'payer-action'].includes(link.rel));
  await fetch(href, { redirect: 'manual' });
}
async function refusalOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error instanceof ApiError ? error : Promise.reject(error);
  }
  return {};
}
async function approvedOrder(intent, value, fields = {}) {
  const body = { intent, purchaseUnits: [{ amount: usd(value), ...fields }] };
  const { result } = await orders.createOrder({ body, prefer: whole });
  await approve(result.links);
  return result.id;
}

async function captures(kept) {
  const id = await approvedOrder(CheckoutPaymentIntent.Capture, '25.00', { customId: 'c1' });
  const read = (await orders.getOrder({ id })).result;
  kept.orderApproved = read.status === 'APPROVED' && read.purchaseUnits[0].customId === 'c1' && read.payer.payerId.length === 13;
  const patch = [{ op: 'replace', path: "/purchase_units/@reference_id=='default'/custom_id", value: 'c2' }];
  kept.orderPatched = (await orders.patchOrder({ id, body: patch })).statusCode === 204;
  const { result, statusCode } = await orders.captureOrder({ id, prefer: whole, paypalRequestId: 'capture-1' });
  const capture = result.purchaseUnits[0].payments.captures[0];
  kept.orderCaptured = statusCode === 201 && result.status === 'COMPLETED' && capture.amount.value === '25.00' && capture.customId === 'c2';
  const again = await orders.captureOrder({ id, prefer: whole, paypalRequestId: 'capture-1' });
  kept.captureReplayed = again.statusCode === 200 && again.result.purchaseUnits[0].payments.captures[0].id === capture.id;
  kept.captureRead = (await payments.getCapturedPayment({ captureId: capture.id })).result.status === 'COMPLETED';
  const part = (await payments.refundCapturedPayment({ captureId: capture.id, prefer: whole, body: { amount: usd('5.00') } })).result;
  kept.refundedInPart = part.status === 'COMPLETED' && part.amount.value === '5.00';
  const rest = (await payments.refundCapturedPayment({ captureId: capture.id, prefer: whole, body: {} })).result;
  kept.refundedRest = rest.amount.value === '20.00';
  kept.refundRead = (await payments.getRefund({ refundId: part.id })).result.id === part.id;
  const over = await refusalOf(payments.refundCapturedPayment({ captureId: capture.id, body: {} }));
  kept.refundRefused = over.statusCode === 422 && over.result.details[0].issue === 'CAPTURE_FULLY_REFUNDED';
}

async function authorizations(kept) {
  const id = await approvedOrder(CheckoutPaymentIntent.Authorize, '10.00');
  const { result } = await orders.authorizeOrder({ id, prefer: whole });
  const authorizationId = result.purchaseUnits[0].payments.authorizations[0].id;
  kept.authorized = (await payments.getAuthorizedPayment({ authorizationId })).result.status === 'CREATED';
  const part = await payments.captureAuthorizedPayment({ authorizationId, prefer: whole, body: { amount: usd('4.00'), finalCapture: false } });
  kept.capturedInPart = part.result.amount.value === '4.00' && part.result.finalCapture === false;
  kept.voided = (await payments.voidPayment({ authorizationId })).statusCode === 204;
  const other = await approvedOrder(CheckoutPaymentIntent.Authorize, '10.00');
  const first = (await orders.authorizeOrder({ id: other, prefer: whole })).result.purchaseUnits[0].payments.authorizations[0].id;
  const renewed = (await payments.reauthorizePayment({ authorizationId: first, prefer: whole, body: { amount: usd('11.00') } })).result;
  kept.reauthorized = renewed.id !== first && renewed.amount.value === '11.00';
}

async function sources(kept) {
  const { result } = await orders.createOrder({ body: { intent: 'CAPTURE', purchaseUnits: [{ amount: usd('1.00') }] } });
  kept.minimal = result.purchaseUnits === undefined && result.status === 'CREATED';
  const confirmed = await orders.confirmOrder({ id: result.id, body: { paymentSource: { paypal: { emailAddress: 'c@example.com' } } } });
  kept.confirmed = confirmed.result.status === 'PAYER_ACTION_REQUIRED';
  const mock = '{"mock_application_codes":"INSTRUMENT_DECLINED"}';
  const declined = await refusalOf(orders.captureOrder({ id: result.id, paypalMockResponse: mock }));
  kept.declined = declined.statusCode === 422 && declined.result.details[0].issue === 'INSTRUMENT_DECLINED';

  const setup = (await vault.createSetupToken({ body: { paymentSource: { paypal: { usageType: 'MERCHANT' } }, customer: { id: 'customer_1' } } })).result;
  await approve(setup.links);
  kept.setupApproved = (await vault.getSetupToken(setup.id)).result.status === 'APPROVED';
  const token = (await vault.createPaymentToken({ body: { paymentSource: { token: { id: setup.id, type: 'SETUP_TOKEN' } } } })).result;
  kept.tokenRead = (await vault.getPaymentToken(token.id)).result.customer.id === 'customer_1';
  const listed = (await vault.listCustomerPaymentTokens({ customerId: 'customer_1' })).result;
  kept.tokensListed = listed.paymentTokens.length === 1;
  const paid = await orders.createOrder({
    body: { intent: 'CAPTURE', purchaseUnits: [{ amount: usd('3.00') }], paymentSource: { paypal: { vaultId: token.id } } },
    paypalRequestId: 'vaulted', prefer: whole,
  });
  kept.vaultPays = paid.result.status === 'COMPLETED';
  kept.tokenDeleted = (await vault.deletePaymentToken(token.id)).statusCode === 204;
}

async function billing(kept) {
  const product = await (await fetch(`${url}/v1/catalogs/products`, {
    method: 'POST', body: '{"name":"Video","type":"SERVICE"}',
    headers: { 'Content-Type': 'application/json', Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
  })).json();
  const plan = (await subscriptions.createBillingPlan({
    prefer: whole,
    body: {
      productId: product.id, name: 'Basic', status: 'ACTIVE', paymentPreferences: { paymentFailureThreshold: 2 },
      billingCycles: [{ frequency: { intervalUnit: 'MONTH', intervalCount: 1 }, tenureType: 'REGULAR', sequence: 1, totalCycles: 12,
        pricingScheme: { fixedPrice: usd('10') } }],
    },
  })).result;
  kept.planCreated = plan.status === 'ACTIVE';
  kept.planRead = (await subscriptions.getBillingPlan(plan.id)).result.name === 'Basic';
  kept.plansListed = (await subscriptions.listBillingPlans({ productId: product.id, totalRequired: true })).result.totalItems === 1;
  kept.planTurned = (await subscriptions.deactivateBillingPlan(plan.id)).statusCode === 204
    && (await subscriptions.activateBillingPlan(plan.id)).statusCode === 204;
  const made = (await subscriptions.createSubscription({ prefer: whole, body: { planId: plan.id, customId: 'u1' } })).result;
  await approve(made.links);
  const { id } = made;
  const active = (await subscriptions.getSubscription({ id })).result;
  kept.subscriptionActive = active.status === 'ACTIVE' && active.billingInfo.lastPayment.amount.value === '10.00';
  kept.subscriptionsListed = (await subscriptions.listSubscriptions({ statuses: 'ACTIVE' })).result.subscriptions.length === 1;
  const patch = [{ op: 'replace', path: '/custom_id', value: 'u2' }];
  kept.subscriptionPatched = (await subscriptions.patchSubscription({ id, body: patch })).statusCode === 204;
  const revised = (await subscriptions.reviseSubscription({ id, body: { planId: plan.id } })).result;
  kept.subscriptionRevised = revised.planId === plan.id;
  const times = { startTime: '2020-01-01T00:00:00Z', endTime: '2090-01-01T00:00:00Z' };
  kept.transactionsListed = (await subscriptions.listSubscriptionTransactions({ id, ...times })).result.transactions.length === 1;
  kept.suspended = (await subscriptions.suspendSubscription({ id, body: { reason: 'rest' } })).statusCode === 204;
  kept.activated = (await subscriptions.activateSubscription({ id, body: { reason: 'on' } })).statusCode === 204;
  kept.cancelled = (await subscriptions.cancelSubscription({ id, body: { reason: 'over' } })).statusCode === 204
    && (await subscriptions.getSubscription({ id })).result.status === 'CANCELLED';
}

async function reporting(kept) {
  const balances = (await reports.searchBalances({ currencyCode: 'USD' })).result.balances;
  kept.balanceRead = balances.length === 1 && Number(balances[0].availableBalance.value) > 0;
  const day = 24 * 3600 * 1000;
  const [startDate, endDate] = [-day, day].map((distance) => new Date(Date.now() + distance).toISOString());
  const found = (await reports.searchTransactions({ startDate, endDate })).result;
  kept.transactionsSearched = found.transactionDetails.length > 4
    && found.transactionDetails.some((entry) => entry.transactionInfo.transactionAmount.value === '25.00');
}

async function main() {
  const kept = {};
  for (const part of [captures, authorizations, sources, billing, reporting]) await part(kept);
  // A token that was taken back is replaced without a word to the caller of a fresh client.
  await fetch(`${url}/__sim/paypal/tokens`, { method: 'POST', body: '{"revoke":true}' });
  const fault = await refusalOf(orders.getOrder({ id: 'X' }));
  kept.revokedTokenSeen = fault.statusCode === 401;
  console.log(JSON.stringify(kept));
}

main().catch((error) => { console.error(error); process.exit(1); });
