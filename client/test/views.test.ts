import { strict as assert } from 'node:assert';
import { type TestContext, test } from 'node:test';
import type { ClientMessage } from '@aqlinks/protocol';
import { Views } from '../src/people/views.ts';
import { fakeTrack } from './support/fake-connection.ts';

/** Observers as browsers have them, worked by hand. */
function newViews(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const observers: Record<'sizes' | 'sight', ((entries: unknown[]) => void)[]> = { sizes: [], sight: [] };
  const observer = (kind: keyof typeof observers) =>
    class {
      constructor(callback: (entries: unknown[]) => void) {
        observers[kind].push(callback);
      }
      observe(): void {}
      unobserve(): void {}
    };
  const globals: Record<string, unknown> = {
    ResizeObserver: observer('sizes'),
    IntersectionObserver: observer('sight'),
    devicePixelRatio: 2,
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
  t.after(() => {
    for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  });
  const names = new Map<MediaStreamTrack, string>();
  const views = new Views(media => names.get(media));
  const sent: ClientMessage[] = [];
  views.on('send', message => sent.push(message));
  const fire = (kind: keyof typeof observers, entry: unknown) => {
    for (const callback of observers[kind]) callback([entry]);
  };
  return {
    views,
    received(name: string): MediaStreamTrack {
      const media = fakeTrack(name);
      names.set(media, name);
      return media;
    },
    resize: (target: Element, width: number, height: number) => fire('sizes', { target, contentRect: { width, height } }),
    scroll: (target: Element, isIntersecting: boolean) => fire('sight', { target, isIntersecting }),
    /** What was told since, as `TRACK WIDTH HEIGHT`. */
    told(): string[] {
      t.mock.timers.tick(1_000);
      return sent.splice(0).map(message => (message.event === 'view' ? Object.values(message.data).join(' ') : message.event));
    },
  };
}

const element = () => ({}) as Element;

/** SPEC:P62 */
test('the size of what shows a video is told in pixels of the screen, once it changes', t => {
  const { views, received, resize, told } = newViews(t);
  const [camera, tile] = [received('camera'), element()];
  views.show(camera, tile);
  resize(tile, 160, 90);
  assert.deepEqual(told(), ['camera 320 180']);
  resize(tile, 158, 89); // as good as the same
  assert.deepEqual(told(), []);
  resize(tile, 640, 360);
  assert.deepEqual(told(), ['camera 1280 720']);
});

test('what cannot be seen needs no picture', t => {
  const { views, received, resize, scroll, told } = newViews(t);
  const [camera, tile] = [received('camera'), element()];
  const hide = views.show(camera, tile);
  resize(tile, 160, 90);
  scroll(tile, false);
  assert.deepEqual(told(), ['camera 0 0']);
  scroll(tile, true);
  assert.deepEqual(told(), ['camera 320 180']);
  hide();
  assert.deepEqual(told(), ['camera 0 0']);
});

test('in two places it is as large as in the larger; moved from one to another it was never away', t => {
  const { views, received, resize, told } = newViews(t);
  const [camera, small, large] = [received('camera'), element(), element()];
  const hide = views.show(camera, small);
  resize(small, 80, 45);
  const hideLarge = views.show(camera, large);
  resize(large, 320, 180);
  assert.deepEqual(told(), ['camera 640 360']);
  hideLarge();
  assert.deepEqual(told(), ['camera 160 100']);
  hide();
  views.show(camera, large);
  resize(large, 80, 45);
  assert.deepEqual(told(), []);
});

test('a new connection is told anew, and of our own picture nothing is said', t => {
  const { views, received, resize, told } = newViews(t);
  const [camera, tile, own] = [received('camera'), element(), element()];
  views.show(camera, tile);
  views.show(fakeTrack('our own'), own);
  resize(tile, 80, 45);
  resize(own, 80, 45);
  assert.deepEqual(told(), ['camera 160 100']);
  views.reset();
  resize(tile, 80, 45);
  assert.deepEqual(told(), ['camera 160 100']);
});

test('where nothing can be observed, nothing is said', t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const views = new Views(() => 'camera');
  views.on('send', () => assert.fail('told'));
  views.show(fakeTrack('camera'), element())();
  t.mock.timers.tick(1_000);
});
