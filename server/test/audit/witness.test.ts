import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/audit/audit.ts';
import { createWitness } from '../../src/witness.ts';
import { newConference, TestClient } from '../conference/new-conference.ts';

test('what people in a room do to others is written down, with who did it and to whom', () => {
  const entries: AuditEntry[] = [];
  const { roomEvent } = createWitness({
    audit: { record: entry => entries.push(entry) },
    directory: { key: () => undefined },
    trusts: () => false,
  });
  const { rooms } = newConference({ onRoomEvent: roomEvent });
  const host = new TestClient(rooms, 'hanna', 'standup', { role: 'host' });
  const guest = new TestClient(rooms, 'gus');
  host.session.moderate({ action: 'set-role', participant: guest.id, role: 'viewer' });
  host.session.moderate({ action: 'remove', participant: guest.id, ban: false });
  assert.throws(() => host.session.moderate({ action: 'remove', participant: guest.id, ban: false })); // and nothing is written
  assert.deepEqual(
    entries.map(({ action, user, details }) => [action, user, details?.act ?? details?.role ?? '', details?.target ?? '']),
    [
      ['room.moderated', 'hanna', 'set-role', 'gus'],
      ['role.changed', 'gus', 'viewer', ''],
      ['room.moderated', 'hanna', 'remove', 'gus'],
      ['participant.left', 'gus', '', ''],
    ],
  );
});
