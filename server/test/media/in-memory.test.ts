import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InMemoryMediaPlane } from '../../src/media/in-memory.ts';
import { describeMediaPlane } from './contract.ts';

describeMediaPlane('in memory', () => new InMemoryMediaPlane(2));

describe('in-memory media plane', () => {
  it('refuses what a correct control plane never sends', () => {
    const plane = new InMemoryMediaPlane(2);
    const open = { type: 'open-transport', transport: 1, iceUfrag: 'abcd', icePwd: 'p' } as const;
    plane.send(0, [open]);
    assert.throws(() => plane.send(0, [open]), /used before/);
    assert.throws(() => plane.send(0, [{ ...open, transport: 2 }]), /used twice/);
    assert.throws(() => plane.send(0, [{ ...open, transport: 0, iceUfrag: 'other' }]), /no id/);
    assert.throws(() => plane.send(0, [{ type: 'unpublish-track', track: 5 }]), /never was/);
    assert.throws(() => plane.send(2, [open]), /no worker/);
  });

  it('tells what it is told to, in one batch', async () => {
    const plane = new InMemoryMediaPlane();
    const batches: string[][] = [];
    plane.onEvents(events => batches.push(events.map(({ type }) => type)));
    plane.send(0, [{ type: 'open-transport', transport: 1, iceUfrag: 'abcd', icePwd: 'p' }]);
    plane.loseTransport(1, 'timeout');
    plane.failWorker(0);
    await Promise.resolve();
    assert.deepEqual(batches, [['transport-closed', 'worker-failed']]);
    assert.equal(plane.transports.size, 0);
  });
});
