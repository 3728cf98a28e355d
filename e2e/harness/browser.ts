/** What the tests need of a page, whichever browser and driver shows it. */
export interface Page {
  goto(url: string): Promise<void>;
  /** Of an expression or a call, as text, in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Until the expression is truthy; fails with what was waited for. */
  until(expression: string, what: string, milliseconds?: number): Promise<void>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  choose(selector: string, value: string): Promise<void>;
  press(selector: string, key: string): Promise<void>;
  reload(): Promise<void>;
  screenshot(path: string): Promise<void>;
  size(width: number, height: number): Promise<void>;
  close(): Promise<void>;
  /** Of uncaught errors and console errors, for the message of a failed test. */
  problems(): string;
}

export interface Browser {
  readonly pid: number;
  newPage(): Promise<Page>;
  close(): Promise<void>;
  /** As when the power goes: SIGKILL to the whole browser. */
  kill(): void;
  /** As when the network cable is pulled: its processes are there and answer nothing (SIGSTOP). `kill` ends it. */
  freeze(): void;
}

export const PATIENCE = 30_000; // ms that a test waits for something that must come

const POLLING = 100; // ms

/**
 * Asks again and again from outside: a driver's own waiting evaluates text inside the page, which the policy of our page
 * (no `unsafe-eval`) rightly forbids. A page that is just being loaded is asked again, too.
 */
export async function becomesTrue(evaluate: Page['evaluate'], expression: string, milliseconds: number): Promise<void> {
  const deadline = Date.now() + milliseconds;
  for (let cause: unknown; ; ) {
    try {
      if (await evaluate(`(async () => Boolean(await (${expression})))()`)) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error('it never was', { cause });
    await new Promise(resolve => setTimeout(resolve, POLLING)); // no event tells of all that a page may show
  }
}
