'use strict';
// Drives the official Razorpay SDK against the simulator and prints for each promise whether it was kept. Usage: node razorpay_sdk.js
// PORT KEY_ID SECRET
const Razorpay = require('razorpay');

const [port, keyId, secret] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}`;
const razorpay = new Razorpay({ key_id: keyId, key_secret: secret });
razorpay.api.rq.defaults.baseURL = url;

async function steer(path, body = {}) {
  const answer = await fetch(`${url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}
async function refusalOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return {};
}

async function payments(kept) {
  const order = await razorpay.orders.create({ amount: 50000, currency: 'INR', receipt: 'r#1', notes: { key1: 'value' } });
  kept.orderCreated = order.status === 'created' && order.notes.key1 === 'value';
  const checkout = await steer(`razorpay/orders/${order.id}/pay`, { outcome: 'authorized' });
  kept.signatureVerified = Razorpay.validateWebhookSignature(
    `${order.id}|${checkout.razorpay_payment_id}`, checkout.razorpay_signature, secret);
  const captured = await razorpay.payments.capture(checkout.razorpay_payment_id, 50000, 'INR');
  kept.captured = captured.status === 'captured';
  kept.orderPaid = (await razorpay.orders.fetch(order.id)).status === 'paid';
  kept.orderPayments = (await razorpay.orders.fetchPayments(order.id)).items[0].id === captured.id;
  kept.orderEdited = (await razorpay.orders.edit(order.id, { notes: { k: 'v' } })).notes.k === 'v';
  kept.orderListed = (await razorpay.orders.all({ count: 1 })).items[0].id === order.id;
  kept.paymentListed = (await razorpay.payments.all({ count: 5, skip: 0 })).count === 1;
  kept.paymentFetched = (await razorpay.payments.fetch(captured.id)).id === captured.id;
  kept.paymentEdited = (await razorpay.payments.edit(captured.id, { notes: { a: 'b' } })).notes.a === 'b';
  const refund = await razorpay.payments.refund(captured.id, { amount: 10000, speed: 'normal', receipt: 'x' });
  kept.refunded = refund.amount === 10000 && (await razorpay.refunds.fetch(refund.id)).status === 'processed';
  kept.refundsListed = (await razorpay.payments.fetchMultipleRefund(captured.id, { count: 3 })).count === 1;
  kept.refundEdited = (await razorpay.refunds.edit(refund.id, { notes: { c: 'd' } })).notes.c === 'd';
  const error = await refusalOf(razorpay.payments.capture(captured.id, 1, 'INR'));
  kept.refusalReadable = error.statusCode === 400 && error.error.code === 'BAD_REQUEST_ERROR';
}

async function customers(kept) {
  const customer = await razorpay.customers.create({ name: 'G K', email: 'g@example.com', contact: '9000090000', fail_existing: 0 });
  kept.customerCreated = customer.entity === 'customer';
  kept.customerEdited = (await razorpay.customers.edit(customer.id, { name: 'H K' })).name === 'H K';
  kept.customerFetched = (await razorpay.customers.fetch(customer.id)).id === customer.id;
  const order = await razorpay.orders.create({ amount: 100, currency: 'INR' });
  await steer(`razorpay/orders/${order.id}/pay`, { customer_id: customer.id, save: true });
  const tokens = await razorpay.customers.fetchTokens(customer.id);
  kept.tokenDeleted = (await razorpay.customers.deleteToken(customer.id, tokens.items[0].id)).deleted === true;
}

async function subscriptions(kept) {
  const plan = await razorpay.plans.create({ period: 'weekly', interval: 1, item: { name: 'Gold', amount: 69900, currency: 'INR' } });
  kept.planFetched = (await razorpay.plans.fetch(plan.id)).item.amount === 69900;
  kept.plansListed = (await razorpay.plans.all({ count: 1 })).count === 1;
  const subscription = await razorpay.subscriptions.create({ plan_id: plan.id, total_count: 6, customer_notify: 1 });
  kept.subscriptionCreated = subscription.status === 'created';
  await steer(`razorpay/subscriptions/${subscription.id}/authenticate`);
  kept.subscriptionActive = (await razorpay.subscriptions.fetch(subscription.id)).status === 'active';
  kept.subscriptionUpdated = (await razorpay.subscriptions.update(subscription.id, { quantity: 2, schedule_change_at: 'now' })).quantity === 2;
  kept.subscriptionPaused = (await razorpay.subscriptions.pause(subscription.id, { pause_at: 'now' })).status === 'paused';
  kept.subscriptionResumed = (await razorpay.subscriptions.resume(subscription.id, { resume_at: 'now' })).status === 'active';
  kept.subscriptionsListed = (await razorpay.subscriptions.all({ plan_id: plan.id })).count === 1;
  kept.invoiceOfCharge = (await razorpay.invoices.all({ subscription_id: subscription.id })).items[0].status === 'paid';
  kept.subscriptionCancelled = (await razorpay.subscriptions.cancel(subscription.id)).status === 'cancelled';
}

async function links(kept) {
  const link = await razorpay.paymentLink.create({ amount: 500, currency: 'INR', description: 'For XYZ', reference_id: 'ref1' });
  kept.linkEdited = (await razorpay.paymentLink.edit(link.id, { reference_id: 'ref2' })).reference_id === 'ref2';
  kept.linkListed = (await razorpay.paymentLink.all()).payment_links.length === 1;
  kept.linkCancelled = (await razorpay.paymentLink.cancel(link.id)).status === 'cancelled';
  const paid = await razorpay.paymentLink.create({ amount: 500, currency: 'INR' });
  await steer(`razorpay/payment_links/${paid.id}/pay`);
  kept.linkPaid = (await razorpay.paymentLink.fetch(paid.id)).status === 'paid';
  const invoice = await razorpay.invoices.create({
    type: 'invoice', customer: { name: 'G', email: 'g@example.com' }, line_items: [{ name: 'Book', amount: 400 }],
  });
  kept.invoiceNotified = (await razorpay.invoices.notifyBy(invoice.id, 'email')).success === true;
  kept.invoiceCancelled = (await razorpay.invoices.cancel(invoice.id)).status === 'cancelled';
}

async function marketplace(kept) {
  const order = await razorpay.orders.create({ amount: 50000, currency: 'INR' });
  const payment = (await steer(`razorpay/orders/${order.id}/pay`)).razorpay_payment_id;
  const transfers = await razorpay.payments.transfer(payment, { transfers: [{ account: 'acc_CPRsN1LkFccllA', amount: 100, currency: 'INR' }] });
  kept.transferReversed = (await razorpay.transfers.reverse(transfers.items[0].id, { amount: 100 })).entity === 'reversal';
  kept.transferFetched = (await razorpay.transfers.fetch(transfers.items[0].id)).status === 'reversed';
  const dispute = await steer(`razorpay/payments/${payment}/dispute`, { amount: 5000 });
  kept.disputeListed = (await razorpay.disputes.all({ count: 1 })).count === 1;
  kept.disputeContested = (await razorpay.disputes.contest(dispute.id, { summary: 'sent', action: 'submit' })).status === 'under_review';
  kept.fundAccount = (await razorpay.fundAccount.create({
    customer_id: (await razorpay.customers.create({ name: 'F A', email: 'f@example.com' })).id, account_type: 'bank_account',
    bank_account: { name: 'G K', account_number: '11214311215411', ifsc: 'HDFC0000053' },
  })).entity === 'fund_account';
  await steer('clock', { advance_s: 2 * 86400 });
  kept.settled = (await razorpay.settlements.all({ count: 1 })).count === 1;
  const account = await razorpay.accounts.create({
    email: 'acc@example.org', phone: '9000090000', type: 'route', legal_business_name: 'Acme', business_type: 'partnership',
  });
  kept.accountFetched = (await razorpay.accounts.fetch(account.id)).status === 'created';
  const hook = await razorpay.webhooks.create({ url: 'https://example.com/w', secret: 's', events: ['payment.failed'] }, account.id);
  kept.webhookFetched = (await razorpay.webhooks.fetch(hook.id, account.id)).secret_exists === true;
}

async function main() {
  const kept = {};
  for (const part of [payments, customers, subscriptions, links, marketplace]) await part(kept);
  console.log(JSON.stringify(kept));
}

main().catch((error) => { console.error(error); process.exit(1); });
