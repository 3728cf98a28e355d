import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** As much of STUN (RFC 8489) as asking where we are, or whether a media port answers, takes. */

export interface SocketAddressSeen {
  readonly ip: string;
  readonly port: number;
}

/** Of an ICE check: `username` is `theirs:ours` (RFC 8445 7.2.2). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const MAGIC_COOKIE = 0x2112_a442;
const HEADER = 20;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const ATTRIBUTE = { username: 0x0006, messageIntegrity: 0x0008, xorMappedAddress: 0x0020, priority: 0x0024 } as const;
const COMPREHENSION_OPTIONAL = { fingerprint: 0x8028, iceControlling: 0x802a } as const;
const FINGERPRINT_XOR = 0x5354_554e;

/** `transaction`: 12 random bytes. */
export function bindingRequest(transaction: Uint8Array, credentials?: Credentials): Buffer {
  if (credentials === undefined) return message(transaction, [], 0);
  const attributes = [
    attribute(ATTRIBUTE.username, Buffer.from(credentials.username)),
    attribute(ATTRIBUTE.priority, Buffer.from([0x6e, 0xff, 0xff, 0xff])),
    attribute(COMPREHENSION_OPTIONAL.iceControlling, Buffer.alloc(8, 1)),
  ];
  const signed = message(transaction, attributes, 24); // with the length of MESSAGE-INTEGRITY (RFC 8489 14.5)
  const integrity = createHmac('sha1', credentials.password).update(signed).digest();
  attributes.push(attribute(ATTRIBUTE.messageIntegrity, integrity));
  const checked = crc32(message(transaction, attributes, 8)); // and of FINGERPRINT (14.7)
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((checked ^ FINGERPRINT_XOR) >>> 0);
  return message(transaction, [...attributes, attribute(COMPREHENSION_OPTIONAL.fingerprint, fingerprint)], 0);
}

/** Where the answerer saw us; undefined: this is no success for this transaction. Never throws. */
export function readBindingSuccess(bytes: Buffer, transaction: Uint8Array): SocketAddressSeen | undefined {
  if (bytes.length < HEADER || bytes.readUInt16BE(0) !== BINDING_SUCCESS || bytes.readUInt32BE(4) !== MAGIC_COOKIE)
    return undefined;
  if (!bytes.subarray(8, HEADER).equals(transaction)) return undefined;
  for (let at = HEADER; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    const value = bytes.subarray(at + 4, at + 4 + length);
    if (value.length < length) return undefined;
    if (type === ATTRIBUTE.xorMappedAddress) return mappedAddress(value, bytes.subarray(4, HEADER));
    at += 4 + length + (-length & 3);
  }
  return undefined;
}

/** RFC 8489 14.2; `mask` is the cookie and the transaction. */
function mappedAddress(value: Buffer, mask: Buffer): SocketAddressSeen | undefined {
  const length = { 1: 4, 2: 16 }[value[1] ?? 0];
  if (length === undefined || value.length !== 4 + length) return undefined;
  const port = value.readUInt16BE(2) ^ mask.readUInt16BE(0);
  const ip = value.subarray(4).map((byte, index) => byte ^ (mask[index] ?? 0));
  if (length === 4) return { ip: ip.join('.'), port };
  const groups = Array.from({ length: 8 }, (_, index) => (((ip[2 * index] ?? 0) << 8) | (ip[2 * index + 1] ?? 0)).toString(16));
  return { ip: groups.join(':'), port };
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

/** `more`: bytes of attributes that are yet to come. */
function message(transaction: Uint8Array, attributes: readonly Buffer[], more: number): Buffer {
  const body = Buffer.concat(attributes);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(BINDING_REQUEST, 0);
  head.writeUInt16BE(body.length + more, 2);
  head.writeUInt32BE(MAGIC_COOKIE, 4);
  return Buffer.concat([head, transaction, body]);
}
