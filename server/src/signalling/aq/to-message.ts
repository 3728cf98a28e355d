import type { IceServer, PlainServerMessage, ProtocolError, ServerMessage } from '@aqlinks/protocol';
import type { Notice } from '../../session.ts';

/** What a client understands: the plain protocol, or that and `aqlinks.v1`. */
export type Dialect = 'plain' | 'extended';

/** What the rooms do not know and `welcome` tells. */
export interface ServerFacts {
  readonly serverVersion: string;
  readonly keepaliveSeconds: number;
  readonly iceServers: (userId: string) => readonly IceServer[]; // with credentials of this user
}

/** And what only this one client is told. */
export interface ClientFacts extends ServerFacts {
  readonly resumeKey: string;
}

/** The message that tells a client of a notice; undefined: its protocol has no words for it. */
export function toMessage(notice: Notice, dialect: Dialect, facts: ClientFacts): ServerMessage | undefined {
  return dialect === 'plain' ? toPlain(notice) : toExtended(notice, facts);
}

export function errorMessage(error: ProtocolError): PlainServerMessage {
  return { event: 'error', data: JSON.stringify(error) };
}

function toPlain(notice: Notice): PlainServerMessage | undefined {
  switch (notice.type) {
    case 'offer':
      return { event: 'offer', data: JSON.stringify({ type: 'offer', sdp: notice.sdp }) };
    case 'chat':
      return { event: 'chat', message: notice.text, from: notice.name, time: clock(notice.at) };
    case 'room-message':
      return { event: 'chat', message: notice.text, from: notice.room, time: clock(notice.at) }; // its only words for it
    default:
      return undefined;
  }
}

const clock = (at: number) => new Date(at).toISOString().slice(11, 19); // HH:MM:SS, UTC

function toExtended(notice: Notice, facts: ClientFacts): ServerMessage | undefined {
  switch (notice.type) {
    case 'joined':
      return { event: 'welcome', data: welcome(notice, facts) };
    case 'waiting':
      return {
        event: notice.type,
        data: { room: notice.room, serverVersion: facts.serverVersion, keepaliveSeconds: facts.keepaliveSeconds },
      };
    case 'chat':
      return { event: 'chat', message: notice.text, from: notice.name, time: clock(notice.at), participant: notice.participant };
    case 'offer':
      return toPlain(notice);
    case 'shutdown':
      return {
        event: 'shutdown',
        data: { message: 'The server restarts. You will be back in a moment.', reconnectAfter: notice.reconnectAfter },
      };
    case 'participant-joined':
      return { event: notice.type, data: { participant: notice.participant } };
    case 'participant-left':
      return { event: notice.type, data: { participant: notice.participant, reason: notice.reason } };
    case 'track-published':
      return { event: notice.type, data: { participant: notice.participant, track: notice.track } };
    case 'track-unpublished':
      return { event: notice.type, data: { participant: notice.participant, track: notice.track } };
    case 'track-muted':
      return { event: notice.type, data: { participant: notice.participant, track: notice.track, muted: notice.muted } };
    case 'track-paused': {
      const { participant, track, paused, reason } = notice;
      return { event: notice.type, data: { participant, track, paused, reason } };
    }
    case 'publishing':
      return { event: notice.type, data: { source: notice.source, mid: notice.mid } };
    case 'subscribed':
      return { event: notice.type, data: { participant: notice.participant, track: notice.track, mid: notice.mid } };
    case 'room-message':
      return { event: notice.type, data: { message: notice.text, time: clock(notice.at) } };
    case 'token-expiring': {
      const { seconds, grace } = notice;
      return { event: notice.type, data: { expires_at: new Date(notice.expiresAt).toISOString(), seconds, grace } };
    }
    case 'token-accepted': {
      const expiresAt = notice.expiresAt === undefined ? {} : { expires_at: new Date(notice.expiresAt).toISOString() };
      return { event: notice.type, data: expiresAt };
    }
    case 'rights':
      return { event: notice.type, data: { role: notice.role, rights: [...notice.rights], changing: notice.changing } };
    case 'role-changed':
      return { event: notice.type, data: { participant: notice.participant, role: notice.role } };
    case 'lobby-joined':
      return { event: notice.type, data: { participant: notice.participant } };
    case 'lobby-left':
      return { event: notice.type, data: { participant: notice.participant } };
    case 'room-changed':
      return { event: notice.type, data: { locked: notice.locked, lobby: notice.lobby } };
    case 'muted-by':
    case 'ask-unmute':
      return { event: notice.type, data: { source: notice.source, ...(notice.by === undefined ? {} : { by: notice.by }) } };
    case 'moved':
      return { event: notice.type, data: { room: notice.room } };
    case 'speakers':
      return { event: notice.type, data: { participants: [...notice.participants] } };
    case 'layers':
      return { event: notice.type, data: { source: notice.source, active: [...notice.active] } };
    case 'unsubscribed':
      return { event: notice.type, data: { track: notice.track, mid: notice.mid } };
  }
}

function welcome(notice: Extract<Notice, { type: 'joined' }>, facts: ClientFacts) {
  const { room, self, others, rights, locked, lobby, waiting } = notice;
  const { serverVersion, keepaliveSeconds, resumeKey } = facts;
  const iceServers = facts.iceServers(self.userId);
  return {
    room,
    participant: self,
    participants: [...others],
    rights: [...rights],
    locked,
    lobby,
    ...(rights.includes('admit') ? { waiting: [...waiting] } : {}),
    serverVersion,
    keepaliveSeconds,
    resume: resumeKey,
    ...(iceServers.length === 0 ? {} : { iceServers: [...iceServers] }),
  };
}
