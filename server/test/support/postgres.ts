import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

/** A PostgreSQL of the system's package that belongs to one test file, on a free port of loopback. */
export interface Postgres {
  readonly port: number;
  /** The address of a new, empty database in it. */
  newDatabase(): Promise<string>;
  /** Really stops it, at once: connections break, and new ones are refused. */
  stop(): Promise<void>;
  /** On the same port and with the same data; nothing if it runs. */
  start(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

export async function newPostgres(): Promise<Postgres> {
  const user = process.getuid?.() === 0 ? unprivileged() : undefined; // PostgreSQL refuses to run as root
  const folder = mkdtempSync(join(tmpdir(), 'aqlinks-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } };
  execFileSync(
    program('initdb'),
    [...['-D', data, '-U', 'aqlinks', '-A', 'trust', '-E', 'UTF8', '-N', '--locale=C.UTF-8']],
    options,
  );
  const port = await freePort();
  let running: ChildProcess | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    if (running !== undefined) return;
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      'max_connections=60',
      'shared_buffers=16MB',
      'fsync=off', // it is killed in these tests, the machine is not
    ];
    const args = ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])];
    const child = spawn(program('postgres'), args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    running = child;
    const lines: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      lines.push(line);
      if (line.includes('ready to accept connections')) break;
    }
    child.stderr.resume();
    assert.equal(child.exitCode, null, lines.join('\n'));
  }

  async function stop(): Promise<void> {
    const child = running;
    running = undefined;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT'); // immediate shutdown
    await ended;
  }

  await start();
  return {
    ...{ port, stop, start },
    async newDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client(`postgres://aqlinks@127.0.0.1:${port}/postgres`);
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://aqlinks:a-password@127.0.0.1:${port}/${name}`;
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function unprivileged(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const number = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: number('-u'), gid: number('-g') };
    } catch {}
  }
  throw new Error('There is neither a user postgres nor a user nobody to run PostgreSQL as.');
}

const PACKAGED = '/usr/lib/postgresql'; // of Debian and its kin

function program(name: string): string {
  const versions = existsSync(PACKAGED) ? readdirSync(PACKAGED).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map(version => join(PACKAGED, version, 'bin', name)).find(existsSync) ?? name;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return address.port;
}
