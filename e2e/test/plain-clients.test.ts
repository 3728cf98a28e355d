import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newChromium } from '../harness/chromium.ts';
import { keepsReceiving, receives, receivesNothing } from '../harness/person.ts';
import { HABITS, type Habit, plainPage } from '../harness/plain-page.ts';
import { newPlainPerson } from '../harness/plain-person.ts';
import { newServer } from '../harness/server.ts';

/** The media that two partners of one habit get of each other: who adds no tracks is heard and seen by nobody. */
const heard = (habit: Habit) => (habit === 'adds-no-tracks' ? 0 : 1);

for (const habit of HABITS) {
  test(`an existing client that ${habit.replaceAll('-', ' ')} takes part in a call`, async t => {
    const server = await newServer(t);
    const door = { server, address: await plainPage(t) };
    const browser = await newChromium(t);
    const join = (user: string, room: string, habits: Habit = habit) =>
      newPlainPerson(browser, door, { user, room, habit: habits });

    const ann = await join('ann', 'red', 'trickles');
    const ben = await join('ben', 'red');
    const eve = await join('eve', 'blue');
    await receives(ben.page, { people: 1 });
    if (heard(habit)) await receives(ann.page, { people: 1 });

    await ben.say('hello from ben');
    await ann.hears('ben', 'hello from ben');

    const cat = await join('cat', 'red');
    await receives(cat.page, { people: 1 + heard(habit) });
    await receives(ben.page, { people: 1 + heard(habit) });
    if (heard(habit)) await receives(ann.page, { people: 2 });
    await keepsReceiving(ben.page);
    await receivesNothing(eve.page);
    assert.deepEqual(await eve.page.evaluate('state.chat'), []);

    await ben.page.reload(); // the same user again: replaces the old connection
    await receives(ben.page, { people: 1 + heard(habit) }, 'after the reload, frames and sound');
    if (heard(habit)) await receives(ann.page, { people: 2 }, 'after the reload of another, frames and sound');
    await receives(cat.page, { people: 1 + heard(habit) }, 'after the reload of another, frames and sound');

    await ann.leave();
    await cat.page.until(`document.querySelectorAll('video').length === ${heard(habit)}`, 'the video of who left to go');
    if (heard(habit)) await keepsReceiving(cat.page);
    await receivesNothing(eve.page);

    for (const person of [ben, cat, eve]) assert.deepEqual(await person.errors(), []);
    const rooms = await server.rooms();
    assert.deepEqual(rooms.map(({ room_id, peer_count }) => [room_id, peer_count]).sort(), [
      ['blue', 1],
      ['red', 2],
    ]);
  });
}
