'use strict';
// Drives the official Stripe SDK against the simulator beyond payments and prints for each promise whether it was kept. Usage: node
// stripe_resources_sdk.js PORT KEY
const Stripe = require('stripe');

const [port, key] = process.argv.slice(2);
const stripe = new Stripe(key, { host: '127.0.0.1', port: Number(port), protocol: 'http', maxNetworkRetries: 0 });

async function steer(path, body = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return answer.json();
}
const DAY = 86400;

async function billing(kept) {
  const customer = await stripe.customers.create({ email: 'zoe@example.com' });
  const setup = await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_visa', confirm: true });
  kept.setupSucceeded = setup.status === 'succeeded';
  kept.setupListed = (await stripe.setupIntents.list({ customer: customer.id })).data[0].id === setup.id;
  const open = await stripe.setupIntents.create({ customer: customer.id });
  kept.setupConfirmed = (await stripe.setupIntents.confirm(open.id, { payment_method: 'pm_card_mastercard' })).status === 'succeeded';
  kept.setupCanceled = (await stripe.setupIntents.cancel((await stripe.setupIntents.create()).id)).status === 'canceled';
  const product = await stripe.products.create({ name: 'Gold', metadata: { k: 'v' } });
  kept.productFound = (await stripe.products.search({ query: "metadata['k']:'v'" })).data[0].id === product.id;
  kept.productUpdated = (await stripe.products.update(product.id, { name: 'Platinum' })).name === 'Platinum';
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1500, recurring: { interval: 'month' } });
  kept.priceListed = (await stripe.prices.list({ product: product.id })).data[0].unit_amount === 1500;
  const subscription = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: price.id, quantity: 2 }], default_payment_method: setup.payment_method, expand: ['latest_invoice'],
  });
  kept.subscribed = subscription.status === 'active' && subscription.latest_invoice.status === 'paid';
  const paused = await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void' } });
  kept.subscriptionPaused = paused.pause_collection.behavior === 'void';
  kept.subscriptionResumed = (await stripe.subscriptions.update(subscription.id, { pause_collection: '' })).pause_collection === null;
  await steer('clock', { advance_s: 32 * DAY });
  kept.charged = (await stripe.invoices.list({ subscription: subscription.id })).data.filter((i) => i.status === 'paid').length === 2;
  kept.invoiceRead = (await stripe.invoices.retrieve(subscription.latest_invoice.id)).amount_paid === 3000;
  kept.subscriptionListed = (await stripe.subscriptions.list({ customer: customer.id })).data.length === 1;
  kept.subscriptionCanceled = (await stripe.subscriptions.cancel(subscription.id)).status === 'canceled';
}

async function selling(kept) {
  const price = await stripe.prices.create({ product_data: { name: 'Tin' }, currency: 'usd', unit_amount: 900 });
  const link = await stripe.paymentLinks.create({ line_items: [{ price: price.id, quantity: 1 }] });
  kept.linkPaid = (await steer(`stripe/payment_links/${link.id}/pay`)).payment_status === 'paid';
  kept.linkClosed = (await stripe.paymentLinks.update(link.id, { active: false })).active === false;
  const session = await stripe.checkout.sessions.create({
    mode: 'payment', success_url: 'https://a.example/', line_items: [{ price: price.id, quantity: 3 }],
  });
  await steer(`stripe/checkout/sessions/${session.id}/complete`);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  kept.sessionPaid = done.payment_intent.amount === 2700 && done.status === 'complete';
  const other = await stripe.checkout.sessions.create({ mode: 'payment', success_url: 'https://a.example/', line_items: [{ price: price.id, quantity: 1 }] });
  kept.sessionExpired = (await stripe.checkout.sessions.expire(other.id)).status === 'expired';
}

async function money(kept) {
  await stripe.paymentIntents.create({ amount: 50000, currency: 'usd', payment_method: 'pm_card_bypassPending', confirm: true, return_url: 'https://a.example/' });
  const payout = await stripe.payouts.create({ amount: 1000, currency: 'usd' });
  const canceled = await stripe.payouts.create({ amount: 1000, currency: 'usd' });
  kept.payoutCanceled = (await stripe.payouts.cancel(canceled.id)).status === 'canceled';
  await steer('clock', { advance_s: 60 });
  kept.payoutPaid = (await stripe.payouts.retrieve(payout.id)).status === 'paid';
  kept.payoutListed = (await stripe.payouts.list({ status: 'paid' })).data[0].id === payout.id;
  const account = await stripe.accounts.create({ type: 'express', country: 'US', capabilities: { transfers: { requested: true } } });
  kept.accountLink = (await stripe.accountLinks.create({
    account: account.id, type: 'account_onboarding', refresh_url: 'https://a.example/', return_url: 'https://a.example/',
  })).url.startsWith('https://');
  await steer(`stripe/accounts/${account.id}/onboard`);
  kept.loginLink = (await stripe.accounts.createLoginLink(account.id)).object === 'login_link';
  kept.accountReady = (await stripe.accounts.retrieve(account.id)).payouts_enabled === true;
  const transfer = await stripe.transfers.create({ amount: 700, currency: 'usd', destination: account.id });
  kept.transferReversed = (await stripe.transfers.createReversal(transfer.id, { amount: 700 })).amount === 700;
  const paid = await stripe.paymentIntents.create({ amount: 900, currency: 'usd', payment_method: 'pm_card_createDispute', confirm: true, return_url: 'https://a.example/' });
  await steer('clock', { advance_s: 10 });
  const dispute = (await stripe.disputes.list({ payment_intent: paid.id })).data[0];
  kept.evidenceSent = (await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })).status === 'under_review';
  await steer('clock', { advance_s: 10 });
  kept.disputeWon = (await stripe.disputes.retrieve(dispute.id)).status === 'won';
}

async function events(kept) {
  const endpoint = await stripe.webhookEndpoints.create({ url: 'https://gw.example.com/w', enabled_events: ['charge.succeeded'] });
  kept.secretShown = endpoint.secret.startsWith('whsec_');
  kept.endpointUpdated = (await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).status === 'disabled';
  kept.endpointDeleted = (await stripe.webhookEndpoints.del(endpoint.id)).deleted === true;
  const event = (await stripe.events.list({ type: 'charge.succeeded', limit: 1 })).data[0];
  kept.eventRead = (await stripe.events.retrieve(event.id)).data.object.object === 'charge';
}

async function main() {
  const kept = {};
  for (const part of [billing, selling, money, events]) await part(kept);
  console.log(JSON.stringify(kept));
}

main().catch((error) => { console.error(error); process.exit(1); });
