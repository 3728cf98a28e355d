import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { type Handle, loadAddon } from '../src/index.ts';

const OPTIONS = { workers: 1, port: 0, addresses: [] };

/** The only event that a plane without a peer tells of by itself. */
interface Stats {
  readonly request: number;
  readonly stats: { readonly transports: unknown[] };
}

function started(t: TestContext, options: object = OPTIONS) {
  const batches: Stats[][] = [];
  const wakers: (() => void)[] = [];
  const handle = loadAddon().start(JSON.stringify(options), events => {
    batches.push(JSON.parse(events));
    for (const wake of wakers.splice(0)) wake();
  });
  t.after(() => handle.close());
  const told = () => new Promise<void>(resolve => wakers.push(resolve));
  return { handle, batches, told };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

const workersOf = (handle: Handle): { addresses: { ip: string; port: number }[] }[] => JSON.parse(handle.description).workers;

const collect = (...requests: number[]) => JSON.stringify(requests.map(request => ({ type: 'collect-stats', request })));

const START = "import { loadAddon } from '@aqlinks/media-plane';";

/** Runs it in a process of its own: how that ended, and what it wrote to standard error. */
function run(script: string) {
  const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { end: signal ?? status, stderr };
}

describe('the addon', () => {
  it('gives each worker a port of its own, contiguous from the first', async t => {
    const portsOf = (handle: Handle) => workersOf(handle).map(({ addresses }) => addresses[0]?.port);
    assert.equal(new Set(portsOf(started(t, { ...OPTIONS, workers: 2 }).handle)).size, 2);
    for (let attempts = 20; ; attempts -= 1) {
      const port = await freePort();
      try {
        assert.deepEqual(portsOf(started(t, { ...OPTIONS, port, workers: 3 }).handle), [port, port + 1, port + 2]);
        return;
      } catch (error) {
        // Whoever else runs on this machine may have the next ones.
        if (attempts === 0 || !/cannot be opened|above 65535/.test(String(error))) throw error;
      }
    }
  });

  it('announces the addresses of this machine, loopback included, or the ones that it is told', t => {
    const local = workersOf(started(t).handle)[0]?.addresses.map(({ ip }) => ip) ?? [];
    assert.ok(local.includes('127.0.0.1'));
    assert.deepEqual(
      local.filter(ip => ip.startsWith('fe80')),
      [],
    );
    const told = workersOf(started(t, { ...OPTIONS, addresses: ['192.0.2.7', '2001:db8::7'] }).handle);
    assert.deepEqual(
      told[0]?.addresses.map(({ ip }) => ip),
      ['192.0.2.7', '2001:db8::7'],
    );
    const bound = workersOf(started(t, { ...OPTIONS, bind: '127.0.0.1' }).handle);
    assert.deepEqual(
      bound[0]?.addresses.map(({ ip }) => ip),
      ['127.0.0.1'],
    );
    const mapped = workersOf(started(t, { ...OPTIONS, workers: 2, announcedPort: 50_000 }).handle);
    assert.deepEqual(
      mapped.map(({ addresses }) => addresses[0]?.port),
      [50_000, 50_001],
    );
  });

  it('hands over what one batch of commands caused as one batch of events', async t => {
    const { handle, batches, told } = started(t);
    handle.send(0, collect(1, 2, 3));
    await told();
    assert.equal(batches.length, 1);
    assert.deepEqual(
      batches[0]?.map(({ request }) => request),
      [1, 2, 3],
    );
  });

  it('wakes JavaScript once for all that waits', async t => {
    const { handle, batches, told } = started(t);
    for (let request = 0; request < 100; request += 1) handle.send(0, collect(request));
    while (batches.flat().length < 100) await told();
    assert.ok(batches.length < 100, `${batches.length} batches`);
  });

  it('refuses a command that it does not understand, and the whole batch with it', async t => {
    const { handle, batches, told } = started(t);
    const open = { type: 'open-transport', transport: 1, iceUfrag: 'ufrag', icePwd: 'a-password-that-nobody-shall-read' };
    const wrong: [unknown, RegExp][] = [
      [{ type: 'no-such-command' }, /unknown variant `no-such-command`, expected one of `open-transport`/],
      [{ ...open, icePwd: undefined }, /missing field `icePwd`/],
      [{ ...open, colour: 'red' }, /unknown field `colour`/],
      [{ ...open, transport: -1 }, /invalid value: integer `-1`, expected u32/],
      [{ ...open, transport: 2 ** 32 }, /expected u32/],
      [{ ...open, transport: 1.5 }, /expected u32/],
      [{ ...open, transport: null }, /expected u32/],
      [{ type: 'unpublish-track' }, /missing field `track`/],
      [7, /invalid type: integer `7`/],
    ];
    for (const [command, message] of wrong) {
      const refused = (error: unknown) => {
        assert.ok(error instanceof TypeError, String(error));
        assert.match(error.message, message);
        assert.ok(!error.message.includes(open.icePwd));
        return true;
      };
      assert.throws(() => handle.send(0, JSON.stringify([open, command])), refused, String(message));
    }
    assert.throws(() => handle.send(0, 'not JSON'), TypeError);
    assert.throws(() => handle.send(0, '{}'), TypeError);
    handle.send(0, collect(1));
    await told();
    assert.deepEqual(batches[0]?.[0]?.stats.transports, []);
  });

  it('refuses a worker that is not there', t => {
    const { handle } = started(t);
    assert.throws(() => handle.send(1, collect(1)), /there is no worker 1/);
    assert.throws(() => handle.send(-1, collect(1)), /there is no worker/);
  });

  it('says what is wrong with its options', () => {
    const wrong: [object, RegExp][] = [
      [{ ...OPTIONS, port: 70_000 }, /invalid value: integer `70000`, expected u16/],
      [{ ...OPTIONS, addresses: ['example.org'] }, /invalid IP address/],
      [{ ...OPTIONS, colour: 'red' }, /unknown field `colour`/],
    ];
    for (const [options, message] of wrong) {
      const refused = (error: unknown) => error instanceof TypeError && message.test(error.message);
      assert.throws(() => loadAddon().start(JSON.stringify(options), () => {}), refused, String(message));
    }
    assert.throws(() => loadAddon().start(JSON.stringify({ ...OPTIONS, workers: 0 }), () => {}), /at least one worker/);
    const last = JSON.stringify({ ...OPTIONS, workers: 2, port: 65_535 });
    assert.throws(() => loadAddon().start(last, () => {}), /need ports above 65535/);
  });

  it('names the port that it cannot have, and leaves none behind', async t => {
    const taken = createSocket('udp4').bind(0);
    await once(taken, 'listening');
    t.after(() => taken.close());
    const { port } = taken.address();
    const options = JSON.stringify({ ...OPTIONS, port });
    assert.throws(
      () => loadAddon().start(options, () => {}),
      new RegExp(`UDP port ${port} cannot be opened \\(.*in use.*\\): free it`, 'i'),
    );
  });

  it('frees its ports when it is closed', async t => {
    const first = started(t);
    const port = workersOf(first.handle)[0]?.addresses[0]?.port;
    await first.handle.close();
    const again = started(t, { ...OPTIONS, port });
    assert.equal(workersOf(again.handle)[0]?.addresses[0]?.port, port);
  });

  it('lets the process end once it is closed, and holds it until then', () => {
    const start = `${START} const handle = loadAddon().start('${JSON.stringify(OPTIONS)}', () => process.exit(7));`;
    assert.deepEqual(run(`${start} await handle.close();`), { end: 0, stderr: '' });
    assert.equal(run(`${start} handle.send(0, '${collect(1)}');`).end, 7);
  });

  it('ends with the process, closed or not', () => {
    const start = `${START} const handle = loadAddon().start('${JSON.stringify({ ...OPTIONS, workers: 3 })}', () => {});`;
    assert.equal(run(`${start} process.exit(5);`).end, 5);
    assert.equal(run(`${start} handle.close(); process.exit(5);`).end, 5);
  });

  it('writes as much of a log as it is told to', () => {
    const close = (logLevel: string) =>
      run(`${START} await loadAddon().start('${JSON.stringify({ ...OPTIONS, logLevel })}', () => {}).close();`);
    assert.match(close('debug').stderr, /DEBUG aqlinks_udp::socket: media socket open local=\S+ receive_buffer=\d+/);
    assert.equal(close('info').stderr, '');
  });
});
