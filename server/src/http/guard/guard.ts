import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Trusts, trustedProxies } from '../own-origin.ts';
import { refuse } from '../refusal.ts';
import { canonical, clientAddress, isLoopback, limitedAs } from './client-address.ts';
import { type Limit, Limiter, type Tap } from './limiter.ts';

/** What is limited, and by what it is counted. */
export const LIMITED = ['joins', 'requests', 'messages'] as const;
export const LIMITED_BY = ['address', 'project'] as const;
export type Limited = (typeof LIMITED)[number];
export type LimitedBy = (typeof LIMITED_BY)[number];

export interface GuardOptions {
  readonly limits: Readonly<Record<LimitedBy, Readonly<Record<Limited, Limit | 'off'>>>>;
  readonly trusts: Trusts;
  readonly exemptLoopback: boolean; // in development: whoever is on this machine tries things out
  readonly now: () => number; // ms of a monotonic clock
  readonly random: (bytes: number) => Uint8Array;
  readonly held: (what: Limited | 'connections', by: LimitedBy) => void; // told of each that came to nothing
  readonly unknownProxy: (address: string) => void; // told once
}

const CELLS = { address: 65_536, project: 4_096 } as const;

/**
 * An address that was told this often that it asks too much is cut off unanswered until it calms down: even a refusal costs the
 * time in which somebody else could have been let in.
 */
const TOLD: Limit = { count: 300, per: 60_000 };

/** Where reverse proxies stand. From elsewhere anybody may write `X-Forwarded-For`. */
const isNear = trustedProxies(['loopback', 'linklocal', 'uniquelocal']);

/** Keeps anybody from taking the server's time from the others: limits by address and by project. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #limiters: Readonly<Record<LimitedBy, Readonly<Record<Limited, Limiter | undefined>>>>;
  readonly #told: Limiter;
  #hasUnknownProxy = false;

  constructor(options: GuardOptions) {
    this.#options = options;
    const seed = options.random(16);
    const limiters = (by: LimitedBy) => {
      const limiter = (what: Limited) => {
        const limit = options.limits[by][what];
        return limit === 'off' ? undefined : new Limiter(limit, CELLS[by], seed);
      };
      return { joins: limiter('joins'), requests: limiter('requests'), messages: limiter('messages') };
    };
    this.#limiters = { address: limiters('address'), project: limiters('project') };
    this.#told = new Limiter(TOLD, CELLS.address, seed);
  }

  /** Who a connection counts for; undefined: nobody, as that of a proxy, which stands for many. */
  holderOf(socket: Socket): string | undefined {
    const address = canonical(socket.remoteAddress ?? '');
    return this.#options.trusts(address) || this.#isExempt(address) ? undefined : limitedAs(address);
  }

  /** Whether a connection of this holder is worth a look. */
  mayEnter(holder: string | undefined): boolean {
    if (holder === undefined || this.#told.tap(holder).wait(this.#options.now()) === 0) return true;
    this.#options.held('connections', 'address');
    return false;
  }

  /** Takes one of what an address may do, before anything of the request is looked at. Throws `Refusal`. */
  checkAddress(what: 'joins' | 'requests', request: IncomingMessage): void {
    this.#noticeProxy(request);
    const address = this.#addressOf(request);
    if (this.#isExempt(address)) return;
    const holder = limitedAs(address);
    const wait = this.#take(what, 'address', holder);
    if (wait === 0) return;
    this.#told.tap(holder).take(this.#options.now());
    throw tooMany(what, 'your address', wait);
  }

  /** Takes one of what a project may do, once it is known whose request this is. Throws `Refusal`. */
  checkProject(what: 'joins' | 'requests', project: string, request: IncomingMessage): void {
    if (this.#isExempt(this.#addressOf(request))) return;
    const wait = this.#take(what, 'project', project);
    if (wait > 0) throw tooMany(what, 'this project', wait);
  }

  /** Whether one more message of this participant may be taken, each time that it is asked. */
  messages(project: string, request: IncomingMessage): () => boolean {
    const address = this.#addressOf(request);
    if (this.#isExempt(address)) return () => true;
    const ofAddress = this.#limiters.address.messages?.tap(limitedAs(address));
    const ofProject = this.#limiters.project.messages?.tap(project);
    return () => this.#isFree('address', ofAddress) && this.#isFree('project', ofProject);
  }

  /** A proxy that nobody told us of makes all of its clients one address: then a limit meant for one holds up everybody. */
  #noticeProxy({ headers, socket }: IncomingMessage): void {
    if (this.#hasUnknownProxy || headers['x-forwarded-for'] === undefined) return;
    const address = canonical(socket.remoteAddress ?? '');
    if (!isNear(address) || this.#options.trusts(address)) return;
    this.#hasUnknownProxy = true;
    this.#options.unknownProxy(address);
  }

  #isFree(by: LimitedBy, tap: Tap | undefined): boolean {
    if (tap === undefined || tap.take(this.#options.now()) === 0) return true;
    this.#options.held('messages', by);
    return false;
  }

  /** How many ms to wait; 0: it is taken. */
  #take(what: Limited, by: LimitedBy, key: string): number {
    const wait = this.#limiters[by][what]?.tap(key).take(this.#options.now()) ?? 0;
    if (wait > 0) this.#options.held(what, by);
    return wait;
  }

  #addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.#options.trusts);
  }

  #isExempt(address: string): boolean {
    return this.#options.exemptLoopback && isLoopback(address);
  }
}

function tooMany(what: 'joins' | 'requests', whose: string, wait: number) {
  const seconds = Math.ceil(wait / 1_000);
  return refuse('rate-limited', `There are too many ${what} of ${whose}. Come again in ${seconds} s.`, seconds);
}
