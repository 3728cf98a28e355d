import { strict as assert } from 'node:assert';
import { PATIENCE, type Page } from './browser.ts';
import { RECEIVED, type Received } from './inspect.ts';

/** What is asked of the media that a person receives from others. Counted since the connection began. */
export interface Expected {
  /** Other people whose media arrives: exactly so many streams. */
  readonly people: number;
  /** Video tracks over all; default: one a person. */
  readonly videos?: number;
  readonly audios?: number;
}

/** In the page: truthy once exactly the expected tracks are there, every video decoded and every audio heard. */
function condition({ people, videos = people, audios = people }: Expected, frames: number): string {
  return `(async () => {
    const received = await ${RECEIVED};
    const videos = received.filter(entry => entry.kind === 'video');
    const audios = received.filter(entry => entry.kind === 'audio');
    return new Set(received.map(entry => entry.stream)).size === ${people}
      && videos.length === ${videos} && audios.length === ${audios}
      && videos.every(entry => entry.frames >= ${frames}) && audios.every(entry => entry.energy > 0);
  })()`;
}

export const received = (page: Page): Promise<Received[]> => page.evaluate<Received[]>(RECEIVED);

/** Until the page decodes video and hears audio of exactly these. */
export async function receives(page: Page, expected: Expected, what = 'frames and sound'): Promise<Received[]> {
  try {
    await page.until(condition(expected, 10), `${what} of ${expected.people}`);
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; received: ${JSON.stringify(await received(page))}`, { cause });
  }
  return received(page);
}

/** Until each video that is received now has decoded `more` further frames: the media flows, it does not just exist. */
export async function keepsReceiving(page: Page, more = 15): Promise<void> {
  const before = await received(page);
  assert.ok(
    before.some(entry => entry.kind === 'video'),
    'nothing is received that could go on',
  );
  const expected = JSON.stringify(Object.fromEntries(before.filter(e => e.kind === 'video').map(e => [e.mid, e.frames + more])));
  await page.until(
    `(async () => {
      const expected = ${expected};
      const now = await ${RECEIVED};
      return Object.entries(expected).every(([mid, frames]) => now.some(entry => entry.mid === mid && entry.frames >= frames));
    })()`,
    `${more} more frames`,
    PATIENCE,
  );
}

/** Nothing at all arrives, and nothing was ever offered. */
export async function receivesNothing(page: Page): Promise<void> {
  assert.deepEqual(await received(page), []);
}
