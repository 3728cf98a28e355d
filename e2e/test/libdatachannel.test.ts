import { strict as assert } from 'node:assert';
import { after, test } from 'node:test';
import { newChromium } from '../harness/chromium.ts';
import { endDatachannel, newDatachannelClient } from '../harness/datachannel-client.ts';
import { encodeMedia } from '../harness/encoded-media.ts';
import { keepsReceiving, receives } from '../harness/person.ts';
import { plainPage } from '../harness/plain-page.ts';
import { newPlainPerson } from '../harness/plain-person.ts';
import { newServer } from '../harness/server.ts';

after(endDatachannel);

test('libdatachannel publishes to a browser and receives from it', async t => {
  const server = await newServer(t);
  const door = { server, address: await plainPage(t) };
  const browser = await newChromium(t);
  const media = await encodeMedia(await browser.newPage(), `${server.origin}/health`);
  const url = (user: string) => server.socketUrl(server.token({ user_id: user, room: 'red' }));

  const ann = await newPlainPerson(browser, door, { user: 'ann', room: 'red', habit: 'trickles' });
  const bot = newDatachannelClient(t, 'bot', { url: url('bot'), media });
  const [video] = (await receives(ann.page, { people: 1 })).filter(entry => entry.kind === 'video');
  assert.deepEqual([video?.codec, video?.width], ['video/VP8', 320]);
  await bot.receives(2, 50);
  await keepsReceiving(ann.page, 60);

  await ann.say('hello bot');
  const silent = newDatachannelClient(t, 'silent', { url: url('silent') }); // adds no tracks
  await silent.receives(4, 50);
  silent.say('hello all');
  await ann.hears('silent', 'hello all');
  assert.deepEqual(bot.chat[0], { from: 'ann', message: 'hello bot' });

  bot.leave();
  await ann.page.until(`document.getElementById('${video?.stream}') === null`, 'the video of who left to go');
});
