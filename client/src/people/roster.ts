import type { LeaveReason, Participant, ServerMessage, Track } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';

/** A track of somebody else. */
export interface RemoteTrack extends Track {
  /** What a media element plays; absent until the section that brings it was negotiated. */
  readonly media: MediaStreamTrack | undefined;
  /** It does not come now: your network has no room for it. It comes again by itself. */
  readonly paused: boolean;
}

/** Somebody else in the room. */
export interface RemoteParticipant extends Omit<Participant, 'tracks'> {
  readonly tracks: readonly RemoteTrack[];
}

interface RosterEvents {
  changed: undefined;
  'participant-joined': RemoteParticipant;
  'participant-left': { readonly participant: RemoteParticipant; readonly reason: LeaveReason };
  /** The media of a track came. */
  track: { readonly participant: RemoteParticipant; readonly track: RemoteTrack; readonly media: MediaStreamTrack };
}

type RosterMessage = Extract<
  ServerMessage,
  {
    event:
      | 'welcome'
      | 'participant-joined'
      | 'participant-left'
      | 'track-published'
      | 'track-unpublished'
      | 'track-muted'
      | 'track-paused'
      | 'role-changed';
  }
>;

/** Who else is in the room and what they publish. Every change makes new objects of what changed and leaves the others. */
export class Roster extends Emitter<RosterEvents> {
  #participants: readonly RemoteParticipant[] = [];

  get participants(): readonly RemoteParticipant[] {
    return this.#participants;
  }

  /** The id of a track that is received. */
  trackOf(media: MediaStreamTrack): string | undefined {
    for (const { tracks } of this.#participants) {
      const track = tracks.find(each => each.media === media);
      if (track !== undefined) return track.id;
    }
    return undefined;
  }

  handleMessage(message: RosterMessage): void {
    switch (message.event) {
      case 'welcome':
        this.#welcome(message.data.participants.map(remote));
        return;
      case 'participant-joined':
        this.#join(remote(message.data.participant));
        return;
      case 'participant-left':
        this.#leave(message.data.participant, message.data.reason);
        return;
      case 'role-changed': {
        const { participant, role } = message.data;
        this.#participants = this.#participants.map(one => (one.id === participant ? { ...one, role } : one));
        this.emit('changed', undefined);
        return;
      }
      case 'track-published': {
        const { track } = message.data;
        this.#tracks(message.data.participant, tracks => [
          ...tracks.filter(({ id }) => id !== track.id),
          { ...track, media: undefined, paused: false },
        ]);
        return;
      }
      case 'track-unpublished':
        this.#tracks(message.data.participant, tracks => tracks.filter(({ id }) => id !== message.data.track));
        return;
      case 'track-muted': {
        const { track: id, muted } = message.data;
        this.#tracks(message.data.participant, tracks => tracks.map(track => (track.id === id ? { ...track, muted } : track)));
        return;
      }
      case 'track-paused': {
        const { track: id, paused } = message.data;
        this.#tracks(message.data.participant, tracks => tracks.map(track => (track.id === id ? { ...track, paused } : track)));
        return;
      }
    }
  }

  /** The media of a track came, or went. */
  handleMedia(participantId: string, trackId: string, media: MediaStreamTrack | undefined): void {
    const before = this.#participants.find(({ id }) => id === participantId)?.tracks.find(({ id }) => id === trackId);
    if (before === undefined || before.media === media) return;
    const track = { ...before, media };
    this.#tracks(participantId, tracks => tracks.map(each => (each === before ? track : each)));
    const participant = this.#participants.find(({ id }) => id === participantId);
    if (participant !== undefined && media !== undefined) this.emit('track', { participant, track, media });
  }

  /** After a reconnection the list is whole again: what differs is told as if it had happened now. */
  #welcome(participants: readonly RemoteParticipant[]): void {
    const before = this.#participants;
    this.#participants = participants;
    this.emit('changed', undefined);
    const among = (list: readonly RemoteParticipant[], { id }: RemoteParticipant) => list.some(other => other.id === id);
    for (const gone of before.filter(one => !among(participants, one))) {
      this.emit('participant-left', { participant: gone, reason: 'disconnected' });
    }
    for (const come of participants.filter(one => !among(before, one))) this.emit('participant-joined', come);
  }

  #join(participant: RemoteParticipant): void {
    this.#participants = [...this.#participants.filter(({ id }) => id !== participant.id), participant];
    this.emit('changed', undefined);
    this.emit('participant-joined', participant);
  }

  #leave(id: string, reason: LeaveReason): void {
    const participant = this.#participants.find(one => one.id === id);
    if (participant === undefined) return;
    this.#participants = this.#participants.filter(one => one !== participant);
    this.emit('changed', undefined);
    this.emit('participant-left', { participant, reason });
  }

  #tracks(id: string, change: (tracks: readonly RemoteTrack[]) => readonly RemoteTrack[]): void {
    const participant = this.#participants.find(one => one.id === id);
    if (participant === undefined) return;
    const tracks = change(participant.tracks);
    if (tracks === participant.tracks) return;
    this.#participants = this.#participants.map(one => (one === participant ? { ...one, tracks } : one));
    this.emit('changed', undefined);
  }
}

function remote(participant: Participant): RemoteParticipant {
  return { ...participant, tracks: participant.tracks.map(track => ({ ...track, media: undefined, paused: false })) };
}
