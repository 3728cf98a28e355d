import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

// Receives the webhooks of aqlinks with nothing but Node: WEBHOOK_SECRET=whsec_… PORT=4001 node receiver.js
// In an application let a library of Standard Webhooks do this, or readWebhook of @aqlinks/backend.

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64');
const MAX_AGE = 5 * 60; // s; an older request was recorded and is played again
const MAX_BODY = 256 * 1024; // bytes
const seen = new Set(); // in an application: a unique column of the table that the events go into

/**
 * @param {string} body exactly as it came
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
function isGenuine(body, headers) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > MAX_AGE) return false;
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return String(signatures) // several, while a secret is changed over
    .split(' ')
    .map(each => Buffer.from(each.replace(/^v1,/, ''), 'base64'))
    .some(each => each.length === right.length && timingSafeEqual(each, right));
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > MAX_BODY) return request.destroy();
  }
  if (!isGenuine(body, request.headers)) return response.writeHead(401).end();
  const id = request.headers['webhook-id'];
  if (!seen.has(id)) {
    seen.add(id); // the same id is the same event, sent again because our answer was lost
    const { type, timestamp, data } = JSON.parse(body);
    console.log(timestamp, type, data.room ?? '', data.participant?.user_id ?? '', data.reason ?? '');
  }
  response.writeHead(204).end(); // quickly: whatever takes long is done afterwards
});
server.listen(Number(process.env.PORT ?? 4001), '127.0.0.1');
