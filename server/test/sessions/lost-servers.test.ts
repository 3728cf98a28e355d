import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LostServers } from '../../src/sessions/lost-servers.ts';

const beats = (...entries: [string, number][]) => new Map(entries);

test('a server is dead when its beat stands still for long while we look on', () => {
  const lost = new LostServers(30, 15);
  for (let now = 0; now < 30; now += 10) assert.deepEqual(lost.look(now, beats(['dead', 7], ['alive', now])), []);
  assert.deepEqual(lost.look(30, beats(['dead', 7], ['alive', 30])), [{ id: 'dead', beat: 7 }]);
  assert.deepEqual(lost.look(40, beats(['alive', 40])), []);
});

test('a time in which nobody could look counts for nobody', () => {
  const lost = new LostServers(30, 15);
  lost.look(0, beats(['other', 7]));
  lost.look(10, beats(['other', 7]));
  assert.deepEqual(lost.look(90, beats(['other', 7])), []); // the database was away, for the other one too
  for (const now of [100, 110]) assert.deepEqual(lost.look(now, beats(['other', 7])), []);
  assert.deepEqual(lost.look(120, beats(['other', 7])), [{ id: 'other', beat: 7 }]);
});

test('one that beats again after a pause is alive', () => {
  const lost = new LostServers(30, 15);
  for (let now = 0; now <= 20; now += 10) lost.look(now, beats(['slow', 1]));
  lost.look(30, beats(['slow', 2]));
  for (let now = 40; now < 60; now += 10) assert.deepEqual(lost.look(now, beats(['slow', 2])), []);
});
