'use strict';
// Drives the official Stripe SDK against the simulator; prints the facts that the test asserts. Usage: node stripe_sdk.js PORT KEY
const Stripe = require('stripe');

const stripe = new Stripe(process.argv[3], {
  host: '127.0.0.1', port: Number(process.argv[2]), protocol: 'http', maxNetworkRetries: 2,
});

async function main() {
  const facts = {};
  const customer = await stripe.customers.create({ email: 'zoe@example.com', name: 'Zoë' });
  const updated = await stripe.customers.update(customer.id, { name: '' });
  facts.customer = [customer.name, updated.name];

  const created = await stripe.paymentIntents.create({
    amount: 2500, currency: 'eur', capture_method: 'manual', customer: customer.id, metadata: { order: '7' },
  });
  const confirmed = await stripe.paymentIntents.confirm(created.id, { payment_method: 'pm_card_mastercard' });
  const captured = await stripe.paymentIntents.capture(created.id, { amount_to_capture: 2000 });
  facts.manual = [created.status, confirmed.status, captured.status, captured.amount_received];

  const refund = await stripe.refunds.create({ payment_intent: created.id, amount: 500 });
  const charge = await stripe.charges.retrieve(captured.latest_charge);
  facts.refund = [refund.status, charge.amount_captured, charge.amount_refunded];

  const open = await stripe.paymentIntents.create({ amount: 700, currency: 'usd' });
  facts.canceled = (await stripe.paymentIntents.cancel(open.id, { cancellation_reason: 'duplicate' })).status;

  const seen = [];
  for await (const payment of stripe.paymentIntents.list({ limit: 1 })) seen.push(payment.id);
  facts.listed = seen.length === 2 && seen[0] === open.id && seen[1] === created.id;

  try {
    await stripe.paymentIntents.create({
      amount: 900, currency: 'usd', payment_method: 'pm_card_chargeDeclinedInsufficientFunds', confirm: true,
    });
  } catch (error) {
    facts.declined = [error.type, error.statusCode, error.code, error.decline_code, error.payment_intent.status];
  }

  const options = { idempotencyKey: 'sdk-key' };
  const first = await stripe.paymentIntents.create({ amount: 800, currency: 'usd' }, options);
  const again = await stripe.paymentIntents.create({ amount: 800, currency: 'usd' }, options);
  facts.replayed = first.id === again.id && again.lastResponse.headers['idempotent-replayed'] === 'true';
  try {
    await stripe.paymentIntents.create({ amount: 801, currency: 'usd' }, options);
  } catch (error) {
    facts.keyReused = error.type;
  }
  facts.deleted = (await stripe.customers.del(customer.id)).deleted;
  facts.pending = (await stripe.balance.retrieve()).pending.find((entry) => entry.currency === 'eur').amount;
  console.log(JSON.stringify(facts));
}

main().catch((error) => { console.error(error); process.exit(1); });
