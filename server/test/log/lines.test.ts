import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/log.ts';

function linesOf(pretty: boolean, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog({ level: 'debug', pretty, destination: { write: line => lines.push(line) } }));
  return lines;
}

test('on a terminal a line reads like a sentence with its facts', () => {
  const [line = ''] = linesOf(true, log => log.info({ participant: 'p1', room: 'meeting room', count: 2 }, 'Joined'));
  assert.match(line, /^\d\d:\d\d:\d\d info {2}Joined participant=p1 room="meeting room" count=2\n$/);
});

test('an error comes with its stack', () => {
  const [line = ''] = linesOf(true, log => log.error({ err: new TypeError('broken') }, 'A bug'));
  assert.match(line, /ERROR A bug\nTypeError: broken\n {4}at /);
});

test('elsewhere a line is one JSON object, and lines below the level are not written', () => {
  const lines = linesOf(false, log => {
    log.trace({}, 'not written');
    log.debug({ room: 'r\n' }, 'written');
  });
  assert.equal(lines.length, 1);
  const { level, msg, room } = JSON.parse(lines[0] ?? '');
  assert.deepEqual({ level, msg, room }, { level: 20, msg: 'written', room: 'r\n' });
});

test('what others name cannot forge a line', () => {
  const [line = ''] = linesOf(true, log => log.info({ room: 'r\n00:00:00 info  Forged\u001b[2J' }, 'Joined'));
  assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
});
