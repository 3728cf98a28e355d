import { connect } from 'node:net';

// A process of its own that tries to join with bad tokens from one address: `node attacker.ts ADDRESS`. It is bounded, so that it
// takes the server's time and not the machine's. Told a port to attack, or 0 to stop; answers how many attempts it has made.

const [localAddress = ''] = process.argv.slice(2);
const EVERY = 5; // ms
const BATCH = 10; // attempts: 2,000 a second
const MAX_OPEN = 200;

const HEAD = ['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'].join('\r\n');
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const header = Buffer.from('{"alg":"HS256"}').toString('base64url');
const payload = Buffer.from(JSON.stringify({ user_id: 'mallory', exp: 4_000_000_000 })).toString('base64url');
let port = 0;
let attempts = 0;
let open = 0;

function attempt(): void {
  if (open >= MAX_OPEN) return;
  attempts += 1;
  open += 1;
  const signature = Buffer.from(`${attempts}`.padStart(32)).toString('base64url'); // another each time
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  socket.on('connect', () =>
    socket.write(`GET /ws?token=${header}.${payload}.${signature} HTTP/1.1\r\n${HEAD}\r\n${KEY}\r\n\r\n`),
  );
  socket.resume().on('error', () => {});
  socket.on('close', () => {
    open -= 1;
  });
}

setInterval(() => {
  if (port !== 0) for (let each = 0; each < BATCH; each += 1) attempt();
}, EVERY);
process.on('message', message => {
  port = Number(message);
  process.send?.(attempts);
});
process.on('disconnect', () => process.exit(0));
