import assert from 'node:assert/strict';
import { KEPT } from '../../src/store/changes.ts';
import type { Store } from '../../src/store/store.ts';
import { overBothDatabases } from '../support/both-databases.ts';

/** What a server hears of the feed. */
async function hear({ changes }: Store): Promise<string[]> {
  const heard: string[] = [];
  await changes.follow(news => {
    if (news === 'reset') heard.push('reset');
    else heard.push(...news.map(({ kind, project, subject }) => `${kind} ${project}/${subject}`));
  });
  return heard;
}

overBothDatabases('the feed of changes', {
  'what one server writes it hears at once, and the others when they look': async (_t, { open }) => {
    const [one, two] = [await open(), await open()];
    await one.rooms.put('default', 'before', {});
    const [own, others] = [await hear(one), await hear(two)];
    await one.rooms.put('default', 'r', {});
    await one.roles.replace('school', {});
    assert.deepEqual(own, ['room default/r', 'roles school/school']);
    assert.deepEqual(others, []);
    await two.changes.pull();
    assert.deepEqual(others, own);
    await two.changes.pull();
    assert.equal(others.length, 2, 'nothing is told twice');
  },

  'what is written at once by many is heard by all, once and in one order': async (_t, { open }) => {
    const stores = [await open(), await open(), await open()];
    const heard = await Promise.all(stores.map(hear));
    const each = Array.from({ length: 40 }, (_, index) => index);
    await Promise.all(each.map(index => stores[index % 3]?.rooms.put('default', `r${index}`, {})));
    await Promise.all(stores.map(({ changes }) => changes.pull()));
    assert.equal(heard[0]?.length, each.length);
    assert.deepEqual(heard[1], heard[0]);
    assert.deepEqual(heard[2], heard[0]);
  },

  'a listener that fails hears the same again': async (_t, { open }) => {
    const [one, two] = [await open(), await open()];
    const heard: number[] = [];
    await two.changes.follow(news => {
      heard.push(news.length);
      if (heard.length === 1) throw new Error('the database went away in the middle');
    });
    await one.rooms.put('default', 'r', {});
    await assert.rejects(two.changes.pull());
    await two.changes.pull();
    assert.deepEqual(heard, [1, 1]);
  },

  'who slept longer than the feed reaches back reads everything anew': async (_t, { open }) => {
    let now = 1_000_000;
    const [one, two, three] = [await open({ now: () => now }), await open(), await open()];
    const [slept, awake] = [await hear(two), await hear(three)];
    await one.rooms.put('default', 'a', {});
    await three.changes.pull();
    now += KEPT + 1;
    await one.prune();
    await one.rooms.put('default', 'b', {});
    await Promise.all([two.changes.pull(), three.changes.pull()]);
    assert.deepEqual(slept, ['reset']);
    assert.deepEqual(awake, ['room default/a', 'room default/b']);
    await one.rooms.put('default', 'c', {});
    await two.changes.pull();
    assert.deepEqual(slept, ['reset', 'room default/c']);
  },

  'what is not committed is not heard': async (_t, { open }) => {
    const store = await open();
    const heard = await hear(store);
    const change = { kind: 'room', project: 'default', subject: 'r' } as const;
    await assert.rejects(
      store.changes.write(change, async () => {
        throw new Error('changed my mind');
      }),
    );
    await store.changes.pull();
    await store.rooms.put('default', 'r', {});
    assert.deepEqual(heard, ['room default/r']);
  },
});
