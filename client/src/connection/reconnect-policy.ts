/** How long to wait, in ms, before the `attempt`th try (from 1) to get a lost connection back; `undefined`: give up. */
export type ReconnectPolicy = (attempt: number) => number | undefined;

const FIRST = 1_000; // ms
const LONGEST = 30_000; // ms
const TRIES = 10;
/** Up to a quarter earlier, so that the clients of a server which restarted do not all come in the same instant. */
const JITTER = 0.25;

/** As SPEC P26 has it: 1 s doubling to 30 s, with jitter, ten tries. `random` is in [0, 1). */
export function exponentialBackoff(random: () => number = Math.random): ReconnectPolicy {
  return attempt => {
    if (attempt > TRIES) return undefined;
    const delay = Math.min(LONGEST, FIRST * 2 ** (attempt - 1));
    return Math.round(delay * (1 - JITTER * random()));
  };
}
