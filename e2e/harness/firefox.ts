import type { TestContext } from 'node:test';
import puppeteer, { type Page as DriverPage } from 'puppeteer-core';
import { type Browser, becomesTrue, PATIENCE, type Page } from './browser.ts';
import { INSPECT } from './inspect.ts';

const EXECUTABLE = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** A real headless Firefox with its fake camera and microphone, driven by WebDriver BiDi. */
export async function newFirefox(t: TestContext): Promise<Browser> {
  const driver = await puppeteer.launch({
    browser: 'firefox',
    executablePath: EXECUTABLE,
    headless: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
    },
  });
  const child = driver.process();
  if (child === null) throw new Error('Firefox has no process');
  t.after(() => driver.close());
  return {
    pid: child.pid ?? 0,
    async newPage() {
      const created = await (await driver.createBrowserContext()).newPage();
      await created.setViewport({ width: 1280, height: 800 });
      await created.evaluateOnNewDocument(INSPECT);
      return page(created);
    },
    close: () => driver.close(),
    kill: () => void child.kill('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
  };
}

function page(driver: DriverPage): Page {
  const problems: string[] = [];
  driver.on('pageerror', error => problems.push(String(error)));
  driver.on('console', message => message.type() === 'error' && problems.push(message.text()));
  driver.setDefaultTimeout(PATIENCE);
  const evaluate = <T>(expression: string) => driver.evaluate(expression) as Promise<T>;
  return {
    goto: async url => void (await driver.goto(url)),
    evaluate,
    async until(expression, what, milliseconds = PATIENCE) {
      try {
        await becomesTrue(evaluate, expression, milliseconds);
      } catch (cause) {
        throw new Error(`waited ${milliseconds} ms for ${what}; the page says: ${problems.join(' | ') || 'nothing'}`, { cause });
      }
    },
    click: async selector => {
      await driver.waitForSelector(selector);
      await driver.click(selector);
    },
    fill: (selector, text) => driver.locator(selector).fill(text),
    choose: async (selector, value) => void (await driver.select(selector, value)),
    press: async (selector, key) => {
      await driver.focus(selector);
      await driver.keyboard.press(key as 'Enter');
    },
    reload: async () => void (await driver.reload()),
    screenshot: async path => void (await driver.screenshot({ path: path as `${string}.png` })),
    size: (width, height) => driver.setViewport({ width, height }),
    close: () => driver.close(),
    problems: () => problems.join('\n'),
  };
}
