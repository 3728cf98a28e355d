import { test } from 'node:test';
import type { Page } from '../harness/browser.ts';
import { newCallPerson } from '../harness/call-person.ts';
import { newChromium } from '../harness/chromium.ts';
import { receives } from '../harness/person.ts';
import { newServer } from '../harness/server.ts';

const says = (page: Page, words: RegExp) => page.until(`${words}.test(document.body.innerText)`, `the page to say ${words}`);

test('the page says in words that the token expired', async t => {
  const server = await newServer(t);
  const page = await (await newChromium(t)).newPage();
  await page.goto(`${server.page}#token=${server.token({ user_id: 'ann', room: 'red', exp: 1_000_000_000 })}`);
  await page.until(`document.querySelector('[data-testid="join-button"]') !== null`, 'the form');
  await page.click('[data-testid="join-button"]');
  await says(page, /expired/i);
});

test('the page says in words that the room is full', async t => {
  const server = await newServer(t, { MAX_PARTICIPANTS_PER_ROOM: '1' });
  const browser = await newChromium(t);
  await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const page = await browser.newPage();
  await page.goto(server.page);
  await page.until(`document.querySelector('[data-testid="join-name"]') !== null`, 'the form');
  await page.fill('[data-testid="join-room"]', 'red');
  await page.fill('[data-testid="join-name"]', 'ben');
  await page.click('[data-testid="join-button"]');
  await says(page, /full/i);
});

test('without a camera the page says so, and the person joins all the same', async t => {
  const server = await newServer(t);
  const [with_, without] = [await newChromium(t), await newChromium(t, { devices: 'none' })];
  const ann = await newCallPerson(with_, server, { user: 'ann', room: 'red' });
  const page = await without.newPage();
  await page.goto(server.page);
  await says(page, /no camera|not find a camera|camera was (not )?found/i);
  await page.close();
  const ben = await newCallPerson(without, server, { user: 'ben', room: 'red' });
  await receives(ben.page, { people: 1 });
  await ann.sees('ben');
});

test('a refused permission is named, with what to do', async t => {
  const server = await newServer(t);
  const page = await (await newChromium(t, { devices: 'refused' })).newPage();
  await page.goto(server.page);
  await says(page, /permission|allow/i);
});

test('when the server goes away the page says so, and the call goes on by itself once it is back', async t => {
  const server = await newServer(t);
  const browser = await newChromium(t);
  const ann = await newCallPerson(browser, server, { user: 'ann', room: 'red' });
  const ben = await newCallPerson(browser, server, { user: 'ben', room: 'red' });
  await receives(ann.page, { people: 1 });
  await server.kill();
  await says(ann.page, /reconnect/i);
  await server.start();
  await receives(ann.page, { people: 1 }, 'after the server came back, frames and sound');
  await receives(ben.page, { people: 1 }, 'after the server came back, frames and sound');
  await ann.sees('ben');
});
