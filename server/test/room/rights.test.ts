import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RIGHTS, type Right, type Source } from '@aqlinks/protocol';
import { brief, events, noticeTo, TestRoom } from './new-room.ts';

const may = (...rights: Right[]) => ({ roles: { guest: rights, host: RIGHTS } });

describe('the right to publish', () => {
  const SOURCES: readonly [Source, Right][] = [
    ['microphone', 'publish-microphone'],
    ['camera', 'publish-camera'],
    ['screen', 'publish-screen'],
    ['screen-audio', 'publish-screen'],
  ];
  for (const [source, right] of SOURCES) {
    it(`of a ${source} is asked at each track (SPEC:P46, SPEC:P47)`, () => {
      const without = new TestRoom(['a', 'b'], may(...RIGHTS.filter(each => each !== right)));
      assert.throws(() => without.room.checkPublish('a', source), { code: 'not-allowed' });
      assert.deepEqual(brief(without.publish('a', source)), [`shut a ${source}`]);
      const only = new TestRoom(['a', 'b'], may(right));
      only.room.checkPublish('a', source);
      assert.deepEqual(brief(only.publish('a', source)), [`take a-${source}`]); // b may neither receive nor see
    });
  }

  it('shuts the sections of a first offer that may not be used (SPEC:P47)', () => {
    const effects = brief(new TestRoom().join('viewer'));
    const shut = ['microphone', 'camera', 'screen', 'screen-audio'].map(source => `shut viewer ${source}`);
    assert.deepEqual(effects, ['open viewer', 'viewer: joined', ...shut]);
  });
});

describe('the right to receive', () => {
  it('decides what is forwarded (SPEC:P48)', () => {
    const room = new TestRoom(['a'], may('publish-camera', 'see-list'));
    room.publish('a');
    assert.deepEqual(brief(room.join('b')).slice(-1), ['a: participant-joined']);
    assert.deepEqual(brief(room.join('host')).slice(-1), ['a-camera -> host']);
    assert.deepEqual(brief(room.publish('b')), [
      'take b-camera',
      'a: track-published',
      'host: track-published',
      'b-camera -> host',
    ]);
  });
});

describe('the right to see the list', () => {
  it('without it, only those are seen who publish what one receives (SPEC:P49)', () => {
    const room = new TestRoom(['host', 'a'], may('receive', 'publish-camera'));
    room.publish('host');
    assert.deepEqual(
      noticeTo(room.join('b'), 'b', 'joined').others.map(({ id }) => id),
      ['host'],
    );
    assert.deepEqual(brief(room.publish('a')).slice(1, 3), ['host: track-published', 'b: participant-joined']);
    const unpublished = brief(room.handle({ type: 'unpublish', participant: 'a', source: 'camera' }));
    assert.deepEqual(unpublished.slice(0, 2), ['host: track-unpublished', 'b: participant-left']);
    assert.deepEqual(
      brief(room.join('c')).filter(told => told.includes('participant-joined')),
      ['host: participant-joined'],
    );
  });
});

describe('the right to chat', () => {
  it('is asked at each line (SPEC:P46)', () => {
    const room = new TestRoom(['a', 'b'], may('receive'));
    assert.throws(() => room.handle({ type: 'chat', participant: 'a', text: 'hello' }), { code: 'not-allowed' });
  });
});

describe('a token’s permissions', () => {
  it('narrow the role, also one that is given in the call (SPEC:P46)', () => {
    const room = new TestRoom(['host']);
    const { rights } = noticeTo(room.join('a', { permissions: ['receive', 'end'] }), 'a', 'joined');
    assert.deepEqual(rights, ['receive']);
    const promoted = room.moderate('host', { action: 'set-role', participant: 'a', role: 'host' });
    assert.deepEqual(noticeTo(promoted, 'a', 'rights').rights, ['receive', 'end']);
  });
});

describe('a change of role', () => {
  it('ends what may not be published any more, between two notices (SPEC:P50)', () => {
    const room = new TestRoom(['host', 'a']);
    room.publish('a');
    room.publish('a', 'microphone');
    const effects = room.moderate('host', { action: 'set-role', participant: 'a', role: 'viewer' });
    assert.deepEqual(brief(effects), [
      'a: rights',
      'shut a microphone',
      'host: track-unpublished',
      'end a-microphone',
      'a-microphone -/> host',
      'shut a camera',
      'host: track-unpublished',
      'end a-camera',
      'a-camera -/> host',
      'shut a screen',
      'shut a screen-audio',
      'a: rights',
      'host: role-changed',
    ]);
    const told = effects.flatMap(effect => (effect.type === 'notify' && effect.notice.type === 'rights' ? [effect.notice] : []));
    assert.deepEqual(
      told.map(({ role, changing }) => [role, changing]),
      [
        ['viewer', true],
        ['viewer', false],
      ],
    );
    assert.deepEqual(events(effects), ['moderated', 'track-unpublished', 'track-unpublished', 'role-changed']);
    const back = brief(room.moderate('host', { action: 'set-role', participant: 'a', role: 'guest' }));
    const permitted = ['microphone', 'camera', 'screen', 'screen-audio'].map(source => `permit a ${source}`);
    assert.deepEqual(back, ['a: rights', ...permitted, 'a: rights', 'host: role-changed']);
  });

  it('brings and takes what is received and seen, at once (SPEC:P50)', () => {
    const room = new TestRoom(['host', 'a'], { roles: { nothing: [] } });
    room.publish('host');
    const taken = brief(room.moderate('host', { action: 'set-role', participant: 'a', role: 'nothing' }));
    assert.deepEqual(
      taken.filter(effect => effect.includes('host-') || effect.includes('participant')),
      ['host-camera -/> a', 'a: participant-left'],
    );
    const given = brief(room.moderate('host', { action: 'set-role', participant: 'a', role: 'viewer' }));
    assert.deepEqual(
      given.filter(effect => effect.includes('host-') || effect.includes('participant')),
      ['a: participant-joined', 'host-camera -> a'],
    );
  });

  it('holds when its user comes again with the same token, and ends with a token of another role (SPEC:P50)', () => {
    const room = new TestRoom(['host', 'a']);
    room.moderate('host', { action: 'set-role', participant: 'a', role: 'viewer' });
    assert.equal(noticeTo(room.join('a2', { userId: 'a' }), 'a2', 'joined').self.role, 'viewer');
    assert.equal(noticeTo(room.join('a3', { userId: 'a', role: 'presenter' }), 'a3', 'joined').self.role, 'presenter');
  });

  it('by new tables of the room or project acts on all who are in, and is told only where it changes something', () => {
    const room = new TestRoom(['a', 'viewer']);
    const configured = room.handle({
      type: 'configure',
      settings: { roles: { guest: ['receive', 'see-list'] } },
      roles: undefined,
    });
    assert.deepEqual(
      brief(configured).filter(effect => effect.endsWith('rights')),
      ['a: rights', 'a: rights'],
    );
    const again = room.handle({ type: 'configure', settings: {}, roles: { guest: ['receive', 'see-list'] } });
    assert.deepEqual(again, []);
  });
});
