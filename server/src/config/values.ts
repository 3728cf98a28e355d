import { BlockList, isIP } from 'node:net';
import * as z from 'zod';

/** How a text of the environment becomes a value. Every parser also takes the value's own type, for options in code. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `30`, `30s`, `500ms`, `2m`, `24h` or `7d`; a bare number is seconds. Undefined: not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * UNITS[(match[2] ?? 's') as keyof typeof UNITS]);
}

/** The shortest text that `parseDuration` reads as this. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= UNITS[unit] && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

/** In milliseconds once parsed; between `min` and `max`, both included. */
export const duration = (min: string, max: string) => {
  const lowest = parseDuration(min) ?? 0;
  const highest = parseDuration(max) ?? Number.MAX_SAFE_INTEGER;
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const ms = parseDuration(String(value));
    if (ms !== undefined && ms >= lowest && ms <= highest) return ms;
    context.addIssue(`must be a duration between ${min} and ${max}, such as 30s, 500ms or 2m`);
    return z.NEVER;
  });
};

export interface Rate {
  readonly count: number;
  readonly per: number; // ms
}

/** `600/m`, `20/s`, `5000/1h`; or `off`. */
export const rate = z
  .union([z.string(), z.object({ count: z.number(), per: z.number() })])
  .transform((value, context): Rate | 'off' => {
    if (value === 'off') return value;
    const [, count = '', amount = '', unit = ''] =
      typeof value === 'string' ? (/^(\d{1,9})\s*\/\s*(\d{0,6})(s|m|h|d)$/.exec(value.trim()) ?? []) : [];
    const parsed: Rate =
      typeof value === 'string' ? { count: Number(count), per: parseDuration(`${amount || 1}${unit}`) ?? 0 } : value;
    if (parsed.count >= 1 && parsed.per >= 1) return Object.freeze(parsed);
    context.addIssue('must be a number a time, such as 600/m, 20/s or 5000/1h, or off');
    return z.NEVER;
  });

export function formatRate({ count, per }: Rate): string {
  return `${count}/${formatDuration(per).replace(/^1(?=\D)/, '')}`;
}

export const whole = (min: number, max: number) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const text = String(value).trim();
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    context.addIssue(`must be a whole number between ${min} and ${max}`);
    return z.NEVER;
  });

/** `true` or `false`, also as `1`, `0`, `yes`, `no`, `on`, `off`. */
export const flag = z.union([z.string(), z.boolean()]).transform((value, context) => {
  const text = String(value).trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  context.addIssue('must be true or false');
  return z.NEVER;
});

/** Commas or spaces between the items; `check` answers what an item must be if it is wrong. */
export const list = (check: (item: string) => string | undefined) =>
  z.union([z.string(), z.array(z.string()).readonly()]).transform((value, context): readonly string[] => {
    const items = (typeof value === 'string' ? value.split(/[\s,]+/) : [...value]).filter(item => item !== '');
    for (const item of items) {
      const problem = check(item);
      if (problem !== undefined) context.addIssue(`${JSON.stringify(item)} ${problem}`);
    }
    return Object.freeze(items);
  });

export const ipAddress = (item: string) => (isIP(item) === 0 ? 'must be an IPv4 or IPv6 address, without a port' : undefined);

/** Or a STUN server that says which one it is. */
export const mediaAddress = (item: string) =>
  item.startsWith('stun:')
    ? iceServerUrl(item)
    : ipAddress(item) && `${ipAddress(item)}, or a STUN server such as stun:host:3478`;

const NETWORK_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

export function network(item: string): string | undefined {
  const problem = 'must be an address, a network such as 10.0.0.0/8, or loopback, linklocal or uniquelocal';
  if (NETWORK_NAMES.has(item)) return undefined;
  const [address = '', prefix, ...rest] = item.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return problem;
  if (prefix === undefined) return undefined;
  if (!/^\d{1,3}$/.test(prefix)) return problem;
  try {
    new BlockList().addSubnet(address, Number(prefix), version === 6 ? 'ipv6' : 'ipv4'); // checks the range of the prefix
    return undefined;
  } catch {
    return problem;
  }
}

/** RFC 7064, RFC 7065. */
export const iceServerUrl = (item: string) =>
  /^(stuns?:[^?\s]+|turns?:[^?\s]+(\?transport=(udp|tcp))?)$/.test(item)
    ? undefined
    : 'must be such as stun:host:port, turn:host:port?transport=udp or turns:host:443?transport=tcp';

export function webOrigin(item: string): string | undefined {
  const origin = URL.canParse(item) ? new URL(item).origin : '';
  return origin === item ? undefined : 'must be an origin such as https://example.com, without a path or a final slash';
}

/** An origin of the web, or nothing. */
export const origin = z.string().check(context => {
  const problem = webOrigin(context.value);
  if (problem !== undefined) context.issues.push({ code: 'custom', message: problem, input: context.value });
});

export interface ListenAddress {
  readonly host: string | undefined; // undefined: every address of the machine
  readonly port: number; // 0: any free one
}

/** `:8080`, `localhost:8080`, `0.0.0.0:8080` or `[::1]:8080`. */
export const listenAddress = z.string().transform((value, context): ListenAddress => {
  const match = /^(?:\[([^\]]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(value.trim());
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match === null || port > 65_535 || (match[1] !== undefined && isIP(match[1]) !== 6)) {
    context.addIssue('must be :PORT or HOST:PORT, such as :8080, 127.0.0.1:8080 or [::1]:8080');
    return z.NEVER;
  }
  return Object.freeze({ host: host === '' ? undefined : host, port });
});
