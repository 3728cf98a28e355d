import {
  type Moderation,
  type Parsed,
  type ProtocolError,
  parseAnswer,
  parseCandidate,
  parseClientMessage,
  type Source,
} from '@aqlinks/protocol';

/** A message of a client once it is understood: nothing in it is a string with JSON inside any more. */
export type Incoming =
  | { readonly event: 'answer'; readonly sdp: string }
  | { readonly event: 'candidate' } // checked, and of no further use: the server learns addresses from ICE checks
  | { readonly event: 'chat'; readonly text: string }
  | { readonly event: 'publish' | 'unpublish'; readonly source: Source }
  | { readonly event: 'mute'; readonly source: Source; readonly muted: boolean }
  | { readonly event: 'moderate'; readonly act: Moderation }
  | { readonly event: 'token'; readonly token: string }
  | { readonly event: 'view'; readonly track: string; readonly width: number; readonly height: number }
  | { readonly event: 'ping'; readonly received: number } // messages of ours that it has
  | { readonly event: 'restart-ice' | 'leave' };

const MAX_EVENT_LENGTH = 64; // of a name that we send back

/** Reads one text frame. Never throws. */
export function readMessage(text: string): Parsed<Incoming> {
  const parsed = parseClientMessage(text);
  if (!parsed.ok) return { ok: false, error: bounded(parsed.error) };
  const message = parsed.value;
  switch (message.event) {
    case 'answer': {
      const answer = parseAnswer(message.data);
      return answer.ok ? { ok: true, value: { event: 'answer', sdp: answer.value.sdp } } : answer;
    }
    case 'candidate': {
      const candidate = parseCandidate(message.data);
      return candidate.ok ? { ok: true, value: { event: 'candidate' } } : candidate;
    }
    case 'chat':
      return { ok: true, value: { event: 'chat', text: message.data } };
    case 'publish':
    case 'unpublish':
      return { ok: true, value: { event: message.event, source: message.data.source } };
    case 'view':
      return { ok: true, value: { event: 'view', ...message.data } };
    case 'mute':
      return { ok: true, value: { event: 'mute', ...message.data } };
    case 'moderate':
      return { ok: true, value: { event: 'moderate', act: message.data } };
    case 'token':
      return { ok: true, value: { event: 'token', token: message.data.token } };
    case 'ping':
      return { ok: true, value: { event: 'ping', received: message.data?.received ?? 0 } };
    case 'restart-ice':
    case 'leave':
      return { ok: true, value: { event: message.event } };
  }
}

const bounded = (error: ProtocolError): ProtocolError =>
  error.event === undefined ? error : { ...error, event: error.event.slice(0, MAX_EVENT_LENGTH) };
