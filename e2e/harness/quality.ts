import type { Page } from './browser.ts';

/** How the video and sound that one page receives of others were, between two looks. */
export interface Quality {
  readonly seconds: number;
  readonly frames: number; // decoded a second
  readonly longestGap: number; // ms between two frames on the screen
  readonly freezes: number; // by the browser's own count
  readonly frozen: number; // % of the time
  readonly concealed: number; // % of the sound that was made up
  readonly kbit: number; // received a second
  readonly width: number; // of the picture at the end
  readonly nacks: number;
  readonly keyFrames: number; // asked for
}

/** Watches every video element from now on; asked again, it begins anew. */
const WATCH = `(() => {
  const watch = (window.aqGaps ??= { seen: new WeakSet(), last: new WeakMap(), longest: 0 });
  const look = video => {
    if (watch.seen.has(video)) return;
    watch.seen.add(video);
    const next = (now, frame) => {
      const last = watch.last.get(video);
      if (last !== undefined) watch.longest = Math.max(watch.longest, frame.presentationTime - last);
      watch.last.set(video, frame.presentationTime);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  };
  // Our own picture comes from the camera, not from the network.
  const live = window.aqInspect.peers.filter(peer => peer.connection.connectionState !== 'closed');
  const received = new Set(live.flatMap(peer => peer.connection.getReceivers().map(receiver => receiver.track.id)));
  for (const video of document.querySelectorAll('video'))
    if (video.srcObject?.getVideoTracks().some(track => received.has(track.id))) look(video);
  watch.longest = 0;
})()`;

const TOTALS = `(async () => {
  const peer = window.aqInspect.peers.filter(each => each.connection.connectionState !== 'closed').at(-1);
  const all = [...(await peer.connection.getStats()).values()].filter(entry => entry.type === 'inbound-rtp');
  const sum = name => all.reduce((total, entry) => total + (entry[name] ?? 0), 0);
  return {
    at: performance.now(),
    frames: sum('framesDecoded'),
    freezes: sum('freezeCount'),
    frozen: sum('totalFreezesDuration'),
    concealed: sum('concealedSamples') - sum('silentConcealedSamples'),
    samples: sum('totalSamplesReceived'),
    bytes: sum('bytesReceived') + sum('headerBytesReceived'),
    nacks: sum('nackCount'),
    keyFrames: sum('pliCount') + sum('firCount'),
    width: Math.max(0, ...all.map(entry => entry.frameWidth ?? 0)),
    longest: window.aqGaps.longest,
  };
})()`;

type Totals = Record<
  'at' | 'frames' | 'freezes' | 'frozen' | 'concealed' | 'samples' | 'bytes' | 'nacks' | 'keyFrames' | 'width' | 'longest',
  number
>;

/** Looks at what the page receives for so long; from the browser's own statistics. */
export async function quality(page: Page, seconds: number): Promise<Quality> {
  await page.evaluate(WATCH);
  const begin = await page.evaluate<Totals>(TOTALS);
  await page.until(`performance.now() >= ${begin.at + seconds * 1_000}`, 'time to pass', seconds * 1_000 + 30_000);
  const end = await page.evaluate<Totals>(TOTALS);
  const took = (end.at - begin.at) / 1_000;
  return {
    seconds: took,
    frames: (end.frames - begin.frames) / took,
    longestGap: end.longest,
    freezes: end.freezes - begin.freezes,
    frozen: (100 * (end.frozen - begin.frozen)) / took,
    concealed: (100 * (end.concealed - begin.concealed)) / Math.max(1, end.samples - begin.samples),
    kbit: ((end.bytes - begin.bytes) * 8) / took / 1_000,
    width: end.width,
    nacks: end.nacks - begin.nacks,
    keyFrames: end.keyFrames - begin.keyFrames,
  };
}

/** A line of figures for people, in the order of the columns of docs/benchmarks.md. */
export function figures({ frames, longestGap, freezes, frozen, concealed, kbit, width, nacks, keyFrames }: Quality): string {
  return [
    `${frames.toFixed(1)} frames/s`,
    `longest gap ${longestGap.toFixed(0)} ms`,
    `${freezes} freezes (${frozen.toFixed(1)} %)`,
    `${concealed.toFixed(2)} % of the sound concealed`,
    `${kbit.toFixed(0)} kbit/s`,
    `${width} wide`,
    `${nacks} NACKs`,
    `${keyFrames} key frames asked`,
  ].join(', ');
}
