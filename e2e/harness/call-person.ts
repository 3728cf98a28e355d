import type { Browser, Page } from './browser.ts';
import type { Server } from './server.ts';

/** A person at the page that aqlinks serves, who uses it as a person does. */
export interface CallPerson {
  readonly page: Page;
  readonly user: string;
  sees(user: string): Promise<void>;
  seesNoMore(user: string, milliseconds?: number): Promise<void>;
  say(text: string): Promise<void>;
  hears(text: string): Promise<void>;
  click(what: 'mute' | 'camera' | 'screen' | 'leave'): Promise<void>;
  /** Until the page says it. */
  says(words: RegExp): Promise<void>;
  /** An attribute of somebody's tile, as `data-…` has it. */
  shows(user: string, attribute: string, value: string): Promise<void>;
  /** Opens the menu of somebody and presses these, one after the other. */
  moderates(user: string, ...acts: string[]): Promise<void>;
  /** Gives somebody another role. */
  makes(user: string, role: string): Promise<void>;
}

const id = (name: string) => `[data-testid="${name}"]`;
export const tile = (user: string) => `[data-testid="tile"][data-user="${user}"]`;
const exists = (selector: string) => `document.querySelector(${JSON.stringify(selector)}) !== null`;

export interface Who {
  readonly user: string;
  readonly room: string;
  readonly role?: 'host' | 'presenter' | 'guest' | 'viewer';
}

export async function newCallPerson(browser: Browser, server: Server, who: Who): Promise<CallPerson> {
  const page = await browser.newPage();
  await page.goto(server.page);
  await join(page, who);
  return callPerson(page, who.user);
}

/** Fills in the form and joins. */
export async function join(page: Page, who: Who): Promise<void> {
  await knock(page, who);
  const { user } = who;
  await page.until(exists(tile(user)), `${user} to be in the call`);
}

/** Fills in the form and asks to be let in. */
export async function knock(page: Page, { user, room, role = 'guest' }: Who): Promise<void> {
  await page.until(exists(id('join-name')), 'the form');
  await page.fill(id('join-room'), room);
  await page.fill(id('join-name'), user);
  await page.choose(id('join-type'), role);
  await page.click(id('join-button'));
}

/** Comes with a token of a backend, by the page's link. */
export async function newTokenPerson(
  browser: Browser,
  server: Server,
  claims: { user_id: string } & Record<string, unknown>,
): Promise<CallPerson> {
  const page = await browser.newPage();
  await page.goto(`${server.page}#token=${server.token(claims)}`);
  await page.until(exists(id('join-button')), 'the form');
  await page.click(id('join-button'));
  await page.until(exists(tile(claims.user_id)), `${claims.user_id} to be in the call`);
  return callPerson(page, claims.user_id);
}

export function callPerson(page: Page, user: string): CallPerson {
  return {
    page,
    user,
    sees: other => page.until(exists(tile(other)), `${other} on the page of ${user}`),
    seesNoMore: (other, milliseconds) =>
      page.until(`!(${exists(tile(other))})`, `${other} to go from the page of ${user}`, milliseconds),
    async say(text) {
      if (!(await page.evaluate<boolean>(exists(id('chat-input'))))) await page.click(id('chat-toggle'));
      await page.fill(id('chat-input'), text);
      await page.press(id('chat-input'), 'Enter');
    },
    async hears(text) {
      if (!(await page.evaluate<boolean>(exists(id('chat-messages'))))) await page.click(id('chat-toggle'));
      await page.until(
        `document.querySelector(${JSON.stringify(id('chat-messages'))})?.textContent.includes(${JSON.stringify(text)})`,
        `"${text}" in the chat of ${user}`,
      );
    },
    click: what => page.click(id(what)),
    says: words => page.until(`${words}.test(document.body.innerText)`, `the page of ${user} to say ${words}`),
    shows: (other, attribute, value) =>
      page.until(
        `document.querySelector(${JSON.stringify(tile(other))})?.dataset.${attribute} === ${JSON.stringify(value)}`,
        `${attribute} of ${other} to be ${value} on the page of ${user}`,
      ),
    async moderates(other, ...acts) {
      await page.click(`${tile(other)} ${id('person-menu')}`);
      for (const act of acts) await page.click(id(act));
    },
    async makes(other, role) {
      await page.click(`${tile(other)} ${id('person-menu')}`);
      await page.choose(id('person-role'), role);
      await page.press(id('person-role'), 'Escape');
    },
  };
}
