import type { ClientMessage } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';

interface ViewEvents {
  send: ClientMessage;
}

/** Where a track is shown: its size in pixels of the screen, and whether it can be seen. */
interface Place {
  readonly media: MediaStreamTrack;
  width: number;
  height: number;
  seen: boolean;
}

const STEP = 20; // pixels: sizes are told in steps, so that a window being dragged is not told at every move
const PATIENCE = 100; // ms that changes are gathered: what goes and comes back within them was never away

/**
 * Tells the server how large each video is shown, so that it sends no more than can be seen. Of a track that was never
 * shown nothing is said: it comes in full.
 */
export class Views extends Emitter<ViewEvents> {
  readonly #trackOf: (media: MediaStreamTrack) => string | undefined;
  readonly #places = new Map<Element, Place>();
  readonly #shown = new Set<MediaStreamTrack>();
  readonly #told = new Map<string, string>(); // by track
  readonly #watch: Watch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `trackOf`: the id of a received track; `undefined`: it is ours, or gone. */
  constructor(trackOf: (media: MediaStreamTrack) => string | undefined) {
    super();
    this.#trackOf = trackOf;
    this.#watch = watcher((element, change) => {
      const place = this.#places.get(element);
      if (place === undefined) return;
      Object.assign(place, change);
      this.#later();
    });
  }

  /** The element shows this track from now on. Returns the function that ends it. */
  show(media: MediaStreamTrack, element: Element): () => void {
    if (this.#watch === undefined) return () => undefined;
    const place: Place = { media, width: 0, height: 0, seen: true };
    this.#places.set(element, place);
    this.#shown.add(media);
    this.#watch.begin(element);
    return () => {
      if (this.#places.get(element) !== place) return;
      this.#places.delete(element);
      this.#watch?.end(element);
      this.#later();
    };
  }

  /** A new connection knows nothing of what the last one was told. */
  reset(): void {
    this.#told.clear();
    this.#shown.clear();
    for (const { media } of this.#places.values()) this.#shown.add(media);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, PATIENCE);
  }

  /** Shown in several places, a track is as large as the largest. */
  #tell(): void {
    for (const media of this.#shown) {
      const track = this.#trackOf(media);
      if (track === undefined) continue;
      const places = [...this.#places.values()].filter(place => place.media === media && place.seen);
      const width = largest(places.map(place => place.width));
      const height = largest(places.map(place => place.height));
      const told = `${width} ${height}`;
      if (this.#told.get(track) === told) continue;
      this.#told.set(track, told);
      this.emit('send', { event: 'view', data: { track, width, height } });
    }
    for (const media of this.#shown) if (this.#trackOf(media) === undefined) this.#shown.delete(media);
  }
}

const largest = (lengths: readonly number[]) => Math.ceil(Math.max(0, ...lengths) / STEP) * STEP;

interface Watch {
  begin(element: Element): void;
  end(element: Element): void;
}

/** Of sizes, in pixels of the screen, and of what scrolls in and out of sight. Browsers call back at the beginning, too. */
function watcher(changed: (element: Element, change: Partial<Place>) => void): Watch | undefined {
  if (globalThis.ResizeObserver === undefined || globalThis.IntersectionObserver === undefined) return undefined;
  const sizes = new ResizeObserver(entries => {
    const ratio = globalThis.devicePixelRatio ?? 1;
    for (const { target, contentRect } of entries)
      changed(target, { width: contentRect.width * ratio, height: contentRect.height * ratio });
  });
  const sight = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) changed(target, { seen: isIntersecting });
  });
  return {
    begin(element) {
      sizes.observe(element);
      sight.observe(element);
    },
    end(element) {
      sizes.unobserve(element);
      sight.unobserve(element);
    },
  };
}
