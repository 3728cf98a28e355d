/** What is sent to how many: the three shapes of the engine's measurements. */
export interface Shape {
  readonly name: ShapeName;
  readonly text: string;
  readonly publishers: number;
  readonly viewers: number;
  readonly kind: 'video' | 'audio';
  readonly framesPerSecond: number;
  readonly packetsPerFrame: number; // sent back to back
  readonly payload: number; // bytes of a packet
}

export type ShapeName = 'A' | 'B' | 'C';

export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  A: {
    name: 'A',
    text: 'a webinar: 1 publisher × 100 viewers × 600 packets/s of 1,100 bytes',
    publishers: 1,
    viewers: 100,
    kind: 'video',
    framesPerSecond: 30,
    packetsPerFrame: 20,
    payload: 1_100,
  },
  B: {
    name: 'B',
    text: 'a meeting: 1 publisher × 20 viewers × 240 packets/s of 1,100 bytes',
    publishers: 1,
    viewers: 20,
    kind: 'video',
    framesPerSecond: 30,
    packetsPerFrame: 8,
    payload: 1_100,
  },
  C: {
    name: 'C',
    text: 'audio: 1 publisher × 200 viewers × 50 packets/s of 400 bytes',
    publishers: 1,
    viewers: 200,
    kind: 'audio',
    framesPerSecond: 50,
    packetsPerFrame: 1,
    payload: 400,
  },
};

export const isShapeName = (name: string): name is ShapeName => Object.hasOwn(SHAPES, name);
