import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/** A machine of its own (a network namespace), and how to run something on it. */
export interface Host {
  readonly run: readonly string[]; // what precedes a command
}

/** A server's machine, and a person's with Wi-Fi and a mobile network to it; nothing of it touches the networks of this machine. */
export interface TwoNetworks {
  readonly server: Host;
  readonly person: Host;
  /** Of the server, by whichever network. */
  readonly address: string;
  /** The person walks out of the house: only the mobile network is left. */
  loseWifi(): void;
}

const SERVER = '10.201.0.1';
const ROUTES = { wifi: { net: '10.201.1', metric: '100' }, mobile: { net: '10.201.2', metric: '200' } };

/** Needs root; gone with the test. */
export function newTwoNetworks(t: TestContext): TwoNetworks {
  const [server, person] = [`aqs${process.pid}`, `aqp${process.pid}`];
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const on = (host: string, ...words: string[]) => ip('-n', host, ...words);
  t.after(() => {
    for (const host of [server, person]) ip('netns', 'del', host); // its interfaces go with it
  });
  for (const host of [server, person]) {
    ip('netns', 'add', host);
    on(host, 'link', 'set', 'lo', 'up');
  }
  on(server, 'addr', 'add', `${SERVER}/32`, 'dev', 'lo');
  for (const [name, { net, metric }] of Object.entries(ROUTES)) {
    on(server, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', person);
    on(server, 'addr', 'add', `${net}.1/24`, 'dev', name);
    on(person, 'addr', 'add', `${net}.2/24`, 'dev', name);
    for (const host of [server, person]) on(host, 'link', 'set', name, 'up');
    on(person, 'route', 'add', 'default', 'via', `${net}.1`, 'dev', name, 'metric', metric);
  }
  const run = (host: string) => ({ run: ['ip', 'netns', 'exec', host] });
  return {
    server: run(server),
    person: run(person),
    address: SERVER,
    loseWifi: () => on(person, 'link', 'set', 'wifi', 'down'),
  };
}
