import type { Browser, Page } from './browser.ts';
import type { Address, Habit } from './plain-page.ts';
import type { Server } from './server.ts';

export interface PlainPerson {
  readonly page: Page;
  say(text: string): Promise<void>;
  hears(from: string, text: string): Promise<void>;
  leave(): Promise<void>;
  errors(): Promise<string[]>;
}

/** What one plain client needs to come in. */
export interface Door {
  readonly server: Server;
  readonly address: Address; // of `plainPage`
}

/** Opens the plain page in a tab of its own and joins. */
export async function newPlainPerson(
  browser: Browser,
  door: Door,
  who: { user: string; room: string; habit: Habit; codec?: string },
): Promise<PlainPerson> {
  const page = await browser.newPage();
  const token = door.server.token({ user_id: who.user, room: who.room, user_type: 'guest' });
  await page.goto(door.address(door.server.socketUrl(token), who.habit, who.codec));
  await page.until('state.open', 'the socket to open');
  return {
    page,
    say: text => page.evaluate(`say(${JSON.stringify(text)})`),
    hears: (from, text) =>
      page.until(
        `state.chat.some(line => line.from === ${JSON.stringify(from)} && line.message === ${JSON.stringify(text)} && /^\\d\\d:\\d\\d:\\d\\d$/.test(line.time))`,
        `the chat line "${text}"`,
      ),
    leave: () => page.evaluate('leave()'),
    errors: () => page.evaluate<string[]>('state.errors'),
  };
}
