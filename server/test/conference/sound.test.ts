import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from '../../src/media/media-plane.ts';
import { newConference, settle, TestClient } from './new-conference.ts';

function call(...names: string[]) {
  const conference = newConference({ audioLoudestAbove: 2, audioLoudestCount: 4 });
  const commands: Command[] = [];
  const { send } = conference.plane;
  conference.plane.send = (worker, batch) => {
    commands.push(...batch);
    send.call(conference.plane, worker, batch);
  };
  const people = names.map(name => new TestClient(conference.rooms, name));
  settle(...people);
  const microphones = commands.flatMap(command => (command.type === 'publish-track' && command.group ? [command] : []));
  const hear = async (...tracks: number[]) => {
    conference.plane.emit({ type: 'speakers', worker: 0, group: microphones[0]?.group ?? 0, tracks });
    await Promise.resolve();
  };
  const limits = () => commands.flatMap(command => (command.type === 'configure-group' ? [command.loudest] : []));
  return { ...conference, people, microphones, hear, limits };
}

describe('who speaks', () => {
  it('is told to all in the room, themselves included, on change (SPEC:P66)', async () => {
    const { people, microphones, hear } = call('alice', 'bob');
    const [alice, bob] = people as [TestClient, TestClient];
    assert.equal(microphones.length, 2, 'of the microphones only');
    assert.equal(microphones[0]?.group, microphones[1]?.group);
    for (const person of people) person.take();
    await hear(microphones[1]?.track ?? 0, microphones[0]?.track ?? 0, 999);
    for (const person of people) assert.deepEqual(person.take(), [{ type: 'speakers', participants: [bob.id, alice.id] }]);
    await hear(microphones[1]?.track ?? 0, microphones[0]?.track ?? 0);
    await hear();
    for (const person of people) assert.deepEqual(person.take(), [{ type: 'speakers', participants: [] }]);
  });

  it('is told to who comes while they speak, and to no other room', async () => {
    const { rooms, people, microphones, hear } = call('alice', 'bob');
    const mallory = new TestClient(rooms, 'mallory', 'elsewhere');
    await hear(microphones[0]?.track ?? 0);
    const carol = new TestClient(rooms, 'carol');
    assert.deepEqual(
      carol.take().filter(({ type }) => type === 'speakers'),
      [{ type: 'speakers', participants: [people[0]?.id] }],
    );
    assert.ok(mallory.takeTypes().every(type => type !== 'speakers'));
  });
});

describe('a room above AUDIO_LOUDEST_ABOVE', () => {
  it('forwards only the loudest, and all again when it has shrunk', () => {
    const { rooms, limits } = call('alice', 'bob');
    assert.deepEqual(limits(), []);
    const more = [new TestClient(rooms, 'carol'), new TestClient(rooms, 'dan')];
    assert.deepEqual(limits(), [4]);
    for (const person of more) person.session.leave('left');
    assert.deepEqual(limits(), [4, undefined]);
  });
});
