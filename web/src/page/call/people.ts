import type { CallSnapshot, LocalSource } from '@aqlinks/client';

/** One person as a tile shows them. */
export interface Person {
  readonly id: string; // of the participant
  readonly userId: string;
  readonly name: string;
  readonly role: string;
  readonly me: boolean;
  readonly camera: MediaStreamTrack | undefined; // undefined: off
  readonly paused: boolean; // our network has no room for the camera
  readonly muted: boolean; // the microphone is off, or there is none
  readonly speaking: boolean;
}

/** A screen that somebody shares. */
export interface Screen {
  readonly person: Person;
  readonly paused: boolean;
  readonly media: MediaStreamTrack;
}

/** Everyone in the call, ourselves first. */
export function peopleOf({ self, participants, local, speaking }: CallSnapshot): Person[] {
  const others = participants.map(({ id, userId, name, role, tracks }): Person => {
    const camera = tracks.find(({ source }) => source === 'camera');
    const microphone = tracks.find(({ source }) => source === 'microphone');
    return {
      ...{ id, userId, name, role, me: false },
      camera: camera?.muted === false ? camera.media : undefined,
      paused: camera?.paused === true,
      muted: microphone === undefined || microphone.muted,
      speaking: speaking.has(id),
    };
  });
  if (self === undefined) return others;
  const me = {
    ...self,
    me: true,
    camera: on(local.camera),
    paused: false,
    muted: on(local.microphone) === undefined,
    speaking: speaking.has(self.id),
  };
  return [me, ...others];
}

/** All screens that are shared, those of others first. */
export function screensOf({ participants, local }: CallSnapshot, people: readonly Person[]): Screen[] {
  const screens: Screen[] = [];
  for (const { id, tracks } of participants) {
    const person = people.find(each => each.id === id);
    const { media, paused = false } = tracks.find(({ source }) => source === 'screen') ?? {};
    if (person !== undefined && media !== undefined) screens.push({ person, media, paused });
  }
  const me = people.find(each => each.me);
  const mine = on(local.screen);
  if (me !== undefined && mine !== undefined) screens.push({ person: me, media: mine, paused: false });
  return screens;
}

/** What is to be heard: microphones and the sound of screens, of others only. */
export function soundsOf({ participants }: CallSnapshot): MediaStreamTrack[] {
  return participants.flatMap(({ tracks }) =>
    tracks.flatMap(({ kind, media }) => (kind === 'audio' && media !== undefined ? [media] : [])),
  );
}

function on(local: LocalSource): MediaStreamTrack | undefined {
  return local.state === 'on' ? local.media : undefined;
}
