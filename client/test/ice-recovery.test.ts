import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import { IceRecovery } from '../src/negotiation/ice-recovery.ts';
import { FakeConnection } from './support/fake-connection.ts';

function newRecovery(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const connection = new FakeConnection();
  const recovery = new IceRecovery(connection as unknown as RTCPeerConnection);
  const heard: string[] = [];
  recovery.on('restart', () => heard.push('restart'));
  recovery.on('lost', () => heard.push('lost'));
  return { connection, recovery, heard };
}

/** SPEC:P44 */
test('a path that falls silent is sought anew after two seconds, and given up after eight more', t => {
  const { connection, heard } = newRecovery(t);
  connection.iceBecomes('connected');
  connection.iceBecomes('disconnected');
  t.mock.timers.tick(1_999);
  assert.deepEqual(heard, []);
  t.mock.timers.tick(1);
  assert.deepEqual(heard, ['restart']);
  connection.iceBecomes('failed');
  t.mock.timers.tick(7_999);
  assert.deepEqual(heard, ['restart']);
  t.mock.timers.tick(1);
  assert.deepEqual(heard, ['restart', 'lost']);
});

test('a path that comes back by itself, or by the restart, is left alone', t => {
  const { connection, heard } = newRecovery(t);
  connection.iceBecomes('connected');
  connection.iceBecomes('disconnected');
  t.mock.timers.tick(1_000);
  connection.iceBecomes('connected');
  t.mock.timers.tick(60_000);
  assert.deepEqual(heard, []);
  connection.iceBecomes('failed');
  assert.deepEqual(heard, ['restart']);
  connection.iceBecomes('checking');
  connection.iceBecomes('connected');
  t.mock.timers.tick(60_000);
  assert.deepEqual(heard, ['restart']);
});

test('a change of network is not waited out, and one that changed nothing ends nothing', t => {
  const { connection, recovery, heard } = newRecovery(t);
  recovery.handleNetworkChanged();
  assert.deepEqual(heard, [], 'nothing stands yet');
  connection.iceBecomes('connected');
  recovery.handleNetworkChanged();
  recovery.handleNetworkChanged();
  t.mock.timers.tick(60_000);
  assert.deepEqual(heard, ['restart']);
});

test('without a first path there is nothing to restart', t => {
  const { connection, heard } = newRecovery(t);
  connection.iceBecomes('checking');
  connection.iceBecomes('failed');
  assert.deepEqual(heard, ['lost']);
});

test('stopped, it says nothing more', t => {
  const { connection, recovery, heard } = newRecovery(t);
  connection.iceBecomes('connected');
  connection.iceBecomes('disconnected');
  recovery.stop();
  t.mock.timers.tick(60_000);
  connection.iceBecomes('failed');
  assert.deepEqual(heard, []);
});
