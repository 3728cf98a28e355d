import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { chromium, type Page as DriverPage } from 'playwright-core';
import { type Browser, becomesTrue, PATIENCE, type Page } from './browser.ts';
import { INSPECT } from './inspect.ts';
import type { Host } from './two-networks.ts';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--autoplay-policy=no-user-gesture-required',
  '--auto-select-desktop-capture-source=Entire screen',
  '--remote-debugging-port=0',
];

/** `fake`: a camera with a moving picture and a microphone that beeps; `refused`: they are there, but the person says no. */
export type Devices = 'fake' | 'none' | 'refused';

const DEVICES: Record<Devices, readonly string[]> = {
  fake: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  none: ['--use-fake-device-for-media-stream=device-count=0', '--use-fake-ui-for-media-stream'],
  refused: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny'],
};

/** How the browser may send media: `no-udp` is a firewall that lets only TCP through; `relay-only` one that lets only TURN. */
export type Network = 'open' | 'no-udp' | 'relay-only';

const NETWORK: Record<Network, readonly string[]> = {
  open: [],
  'no-udp': ['--webrtc-ip-handling-policy=disable_non_proxied_udp'],
  'relay-only': [], // an option of each connection instead
};

export interface ChromiumOptions {
  readonly devices?: Devices;
  readonly network?: Network;
}

/** A real headless Chromium in a process group of its own. */
export async function newChromium(t: TestContext, options: ChromiumOptions = {}): Promise<Browser> {
  const { devices = 'fake', network = 'open' } = options;
  const profile = await mkdtemp(join(tmpdir(), 'aqlinks-chromium-'));
  const child = spawn(
    EXECUTABLE,
    [...FLAGS, ...DEVICES[devices], ...NETWORK[network], `--user-data-dir=${profile}`, 'about:blank'],
    {
      detached: true, // its own group, so that one signal reaches every process of it
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exit = once(child, 'exit');
  const signal = (name: NodeJS.Signals) => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
  };
  t.after(async () => {
    signal('SIGKILL');
    await exit;
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const driver = await chromium.connectOverCDP(await endpoint(child.stderr));
  return {
    pid: child.pid ?? 0,
    async newPage() {
      const permissions = devices === 'refused' ? [] : ['camera', 'microphone'];
      const context = await driver.newContext({ permissions, viewport: { width: 1280, height: 800 } });
      if (network === 'relay-only') await context.addInitScript('window.aqRelayOnly = true');
      await context.addInitScript(INSPECT);
      return page(await context.newPage());
    },
    async close() {
      signal('SIGTERM');
      await exit;
    },
    kill: () => signal('SIGKILL'),
    freeze: () => signal('SIGSTOP'),
  };
}

/** One on another machine (a network namespace), where the page is not on loopback: told that it is safe all the same. */
export async function newChromiumOn(t: TestContext, { run }: Host, origin: string): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'aqlinks-chromium-'));
  const executablePath = join(folder, 'chromium');
  await writeFile(executablePath, `#!/bin/sh\nexec ${run.join(' ')} ${EXECUTABLE} "$@"\n`, { mode: 0o755 });
  const args = [...FLAGS, ...DEVICES.fake, `--unsafely-treat-insecure-origin-as-secure=${origin}`];
  const driver = await chromium.launch({ executablePath, args: args.filter(flag => !flag.startsWith('--remote-debugging')) });
  const close = () => driver.close();
  t.after(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    pid: 0,
    async newPage() {
      const context = await driver.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1280, height: 800 } });
      await context.addInitScript(INSPECT);
      return page(await context.newPage());
    },
    close,
    kill: () => void close(),
    freeze: () => {
      throw new Error('Freeze one on this machine.');
    },
  };
}

async function endpoint(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (found !== undefined) {
      stderr.resume();
      return found;
    }
  }
  throw new Error(`${EXECUTABLE} ended before it listened`);
}

function page(driver: DriverPage): Page {
  const problems: string[] = [];
  driver.on('pageerror', error => problems.push(String(error)));
  driver.on('console', message => message.type() === 'error' && problems.push(message.text()));
  driver.setDefaultTimeout(PATIENCE);
  return {
    goto: async url => void (await driver.goto(url)),
    evaluate: expression => driver.evaluate(expression),
    async until(expression, what, milliseconds = PATIENCE) {
      try {
        await becomesTrue(text => driver.evaluate(text), expression, milliseconds);
      } catch (cause) {
        throw new Error(`waited ${milliseconds} ms for ${what}; the page says: ${problems.join(' | ') || 'nothing'}`, { cause });
      }
    },
    click: selector => driver.click(selector),
    fill: (selector, text) => driver.fill(selector, text),
    choose: async (selector, value) => void (await driver.selectOption(selector, value)),
    press: (selector, key) => driver.press(selector, key),
    reload: async () => void (await driver.reload()),
    screenshot: async path => void (await driver.screenshot({ path })),
    size: (width, height) => driver.setViewportSize({ width, height }),
    close: () => driver.context().close(),
    problems: () => problems.join('\n'),
  };
}
