'use strict';
// Drives the official Twilio SDK against the simulator and prints for each promise whether it was kept. Usage: node twilio_sdk.js PORT
// ACCOUNT_SID TOKEN
const http = require('http');
const twilio = require('twilio');

const [port, accountSid, token] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}`;
// The SDK's hosts are one here: only the authority of each request changes.
class LoopbackClient extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace(/^https:\/\/[a-z.]+twilio\.com/, url) });
  }
}
const client = twilio(accountSid, token, { httpClient: new LoopbackClient() });
const me = '+14155550100';
const you = '+14155552345';

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
// The next post to a server of our own: its URL, header and fields.
function receiver() {
  const waiting = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      response.end();
      const fields = Object.fromEntries(new URLSearchParams(body));
      waiting.shift()?.({ fields, signature: request.headers['x-twilio-signature'] });
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}/status?operation=op_1`,
      next: () => new Promise((taken) => { waiting.push(taken); }),
      close: () => server.close(),
    }));
  });
}

async function messages(kept) {
  const hook = await receiver();
  const first = hook.next();
  const sent = await client.messages.create({ to: you, from: me, body: 'Hello & 100% “é”', statusCallback: hook.url });
  kept.messageQueued = sent.status === 'queued' && sent.body === 'Hello & 100% “é”' && sent.price === null;
  await steer('clock', { advance_s: 5 });
  const { fields, signature } = await first;
  kept.callbackSigned = twilio.validateRequest(token, signature, hook.url, fields) && fields.MessageSid === sent.sid;
  hook.close();
  const delivered = await client.messages(sent.sid).fetch();
  kept.messageDelivered = delivered.status === 'delivered' && delivered.price === '-0.00750' && delivered.dateSent instanceof Date;
  const media = await client.messages.create({ to: you, from: me, mediaUrl: ['https://x.example/1.png', 'https://x.example/2.png'] });
  kept.mediaSent = media.numMedia === '2' && (await client.messages(media.sid).media.list()).length === 2;
  const [service] = await client.messaging.v1.services.list({ limit: 1 });
  const later = await client.messages.create({
    to: you, messagingServiceSid: service.sid, body: 'x', scheduleType: 'fixed', sendAt: new Date(Date.now() + 3600 * 1000),
  });
  kept.messageScheduled = later.status === 'scheduled';
  kept.messageCanceled = (await client.messages(later.sid).update({ status: 'canceled' })).status === 'canceled';
  kept.messageRedacted = (await client.messages(sent.sid).update({ body: '' })).body === '';
  kept.messagesListed = (await client.messages.list({ to: you, dateSentAfter: new Date(Date.now() - 86400000), pageSize: 1 })).length === 3;
  kept.messageDeleted = await client.messages(sent.sid).remove();
  const missing = await refusalOf(client.messages(sent.sid).fetch());
  kept.messageGone = missing.status === 404 && missing.code === 20404;
  const refused = await refusalOf(client.messages.create({ to: '+15005550001', from: me, body: 'x' }));
  kept.messageRefused = refused.status === 400 && refused.code === 21211 && refused.moreInfo.endsWith('21211');
  const whatsApp = await client.messages.create({ to: `whatsapp:${you}`, from: `whatsapp:${me}`, body: 'x' });
  kept.whatsAppSent = whatsApp.to === `whatsapp:${you}`;
}

async function calls(kept) {
  const made = await client.calls.create({ to: you, from: me, twiml: '<Response><Say>Hi</Say></Response>' });
  kept.callQueued = made.status === 'queued';
  await steer('clock', { advance_s: 4 });
  kept.callAnswered = (await client.calls(made.sid).fetch()).status === 'in-progress';
  kept.callEnded = (await client.calls(made.sid).update({ status: 'completed' })).status === 'completed';
  kept.callsListed = (await client.calls.list({ status: 'completed', startTimeAfter: new Date(Date.now() - 86400000) })).length === 1;
}

async function verifications(kept) {
  const service = await client.verify.v2.services.create({ friendlyName: 'Gate', codeLength: 6 });
  kept.verifyServiceRead = (await client.verify.v2.services(service.sid).fetch()).codeLength === 6;
  const scope = client.verify.v2.services(service.sid);
  const started = await scope.verifications.create({ to: you, channel: 'sms' });
  kept.verificationPending = started.status === 'pending' && (await scope.verifications(started.sid).fetch()).sid === started.sid;
  const { code } = await (await fetch(`${url}/__sim/twilio/verifications/${started.sid}`)).json();
  kept.verificationApproved = (await scope.verificationChecks.create({ to: you, code })).status === 'approved';
  const gone = await refusalOf(scope.verificationChecks.create({ to: you, code }));
  kept.verificationGone = gone.status === 404 && gone.code === 20404;
  const second = await scope.verifications.create({ to: you, channel: 'call' });
  kept.verificationCanceled = (await scope.verifications(second.sid).update({ status: 'canceled' })).status === 'canceled';
}

async function rest(kept) {
  const found = await client.lookups.v2.phoneNumbers(you).fetch({ fields: 'line_type_intelligence' });
  kept.lookedUp = found.valid === true && found.lineTypeIntelligence.type === 'mobile' && found.callerName === null;
  kept.lookedUpFirst = (await client.lookups.v1.phoneNumbers(you).fetch({ type: ['carrier'] })).carrier.type === 'mobile';
  kept.balanceRead = Number((await client.balance.fetch()).balance) < 100;
  kept.accountRead = (await client.api.v2010.accounts(accountSid).fetch()).status === 'active';
  const [available] = await client.availablePhoneNumbers('US').local.list({ areaCode: 510, limit: 1 });
  const bought = await client.incomingPhoneNumbers.create({ phoneNumber: available.phoneNumber });
  kept.numberBought = (await client.incomingPhoneNumbers.list({ phoneNumber: available.phoneNumber })).length === 1;
  kept.numberUpdated = (await client.incomingPhoneNumbers(bought.sid).update({ friendlyName: 'Line' })).friendlyName === 'Line';
  const service = await client.messaging.v1.services.create({ friendlyName: 'Pool' });
  const member = await client.messaging.v1.services(service.sid).phoneNumbers.create({ phoneNumberSid: bought.sid });
  kept.numberInService = member.phoneNumber === available.phoneNumber;
  kept.numberReleased = await client.incomingPhoneNumbers(bought.sid).remove();
  const bad = await refusalOf(twilio(accountSid, 'wrong', { httpClient: new LoopbackClient() }).balance.fetch());
  kept.credentialsRefused = bad.status === 401 && bad.code === 20003;
}

async function main() {
  const kept = {};
  for (const part of [messages, calls, verifications, rest]) await part(kept);
  console.log(JSON.stringify(kept));
}

main().catch((error) => { console.error(error); process.exit(1); });
