import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { bindingRequest, type Credentials, readBindingSuccess, type SocketAddressSeen } from './stun.ts';

export interface Asked {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly framed?: boolean; // over TCP: ICE frames datagrams by their length (RFC 4571), a STUN server does not; default: true
  readonly credentials?: Credentials;
}

const REPEATS = [0, 300, 700]; // ms between two datagrams: one may be lost
const PATIENCE = 2_000; // ms in all
const MAX_ANSWER = 2_048; // bytes

/** Sends a STUN binding request there. Where the answerer saw us, or undefined if nobody answers. Never rejects. */
export async function ask({ host, port, protocol, framed = true, credentials }: Asked): Promise<SocketAddressSeen | undefined> {
  const transaction = randomBytes(12);
  const request = bindingRequest(transaction, credentials);
  const read = (bytes: Buffer) => readBindingSuccess(bytes, transaction);
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return await (protocol === 'udp'
      ? overUdp({ host, port }, request, read, signal)
      : overTcp({ host, port, framed }, request, read, signal));
  } catch {
    return undefined; // no route, refused, nobody there
  }
}

type Read = (bytes: Buffer) => SocketAddressSeen | undefined;
type Where = Pick<Asked, 'host' | 'port'>;

async function overUdp({ host, port }: Where, request: Buffer, read: Read, signal: AbortSignal) {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const answered = Promise.withResolvers<SocketAddressSeen>();
  socket.on('error', answered.reject);
  socket.on('message', bytes => {
    const seen = read(bytes);
    if (seen !== undefined) answered.resolve(seen);
  });
  signal.addEventListener('abort', () => answered.reject(signal.reason));
  void repeat(() => socket.send(request, port, host), signal);
  return answered.promise.finally(() => socket.close());
}

/** Ends quietly with the signal, or when the socket is closed. */
async function repeat(send: () => void, signal: AbortSignal): Promise<void> {
  try {
    for (const pause of REPEATS) {
      await delay(pause, undefined, { signal, ref: false });
      send();
    }
  } catch {}
}

async function overTcp(
  { host, port, framed }: Where & { readonly framed: boolean },
  request: Buffer,
  read: Read,
  signal: AbortSignal,
) {
  const socket = connect({ host, port });
  signal.addEventListener('abort', () => socket.destroy(new Error('no answer in time')));
  try {
    await once(socket, 'connect');
    const length = Buffer.alloc(framed ? 2 : 0);
    if (framed) length.writeUInt16BE(request.length);
    socket.write(Buffer.concat([length, request]));
    let received = Buffer.alloc(0);
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk]);
      const seen = read(received.subarray(length.length));
      if (seen !== undefined || received.length > MAX_ANSWER) return seen;
    }
    return undefined;
  } finally {
    socket.destroy();
  }
}
