import type * as z from 'zod';
import { ClientMessage, IceCandidate, SessionDescription } from './client-messages.ts';
import type { ErrorCode } from './errors.ts';
import { ExtendedServerMessage, PlainServerMessage, type ProtocolError, type ServerMessage } from './server-messages.ts';

/** Of something from outside: what it says, or what is wrong with it. Never throws, and never quotes what it read. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ProtocolError };

const CLIENT_EVENTS: ReadonlySet<string> = new Set(ClientMessage.options.map(option => option.shape.event.value));
const EXTENDED_EVENTS: ReadonlySet<string> = new Set(ExtendedServerMessage.options.map(option => option.shape.event.value));

/** One text frame from a client. */
export function parseClientMessage(text: string): Parsed<ClientMessage> {
  const json = readJson(text);
  if (!json.ok) return refused('not-json', 'Send one JSON object a frame: {"event": …, "data": …}.');
  const event = eventOf(json.value);
  if (event === undefined) return refused('not-json', 'Send a JSON object with a string `event`.');
  if (!CLIENT_EVENTS.has(event)) return refused('unknown-event', 'Send only events that the protocol knows.');
  return checked(ClientMessage.safeParse(json.value), event);
}

/** The string inside an `answer`. */
export function parseAnswer(data: string): Parsed<z.infer<typeof SessionDescription>> {
  const json = readJson(data);
  if (!json.ok) return refused('invalid-data', '`data` of an answer is a string of JSON: {"type":"answer","sdp":…}.', 'answer');
  return checked(SessionDescription.safeParse(json.value), 'answer');
}

/** The string inside a `candidate`. */
export function parseCandidate(data: string): Parsed<z.infer<typeof IceCandidate>> {
  const json = data === '' ? { ok: true as const, value: null } : readJson(data); // '' too marks the end of gathering
  if (!json.ok) return refused('invalid-data', '`data` of a candidate is a string of JSON: an RTCIceCandidateInit.', 'candidate');
  return checked(IceCandidate.safeParse(json.value), 'candidate');
}

/** One text frame from the server; `undefined` for what this version does not know and a client ignores. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const json = readJson(text);
  if (!json.ok) return undefined;
  const schema = EXTENDED_EVENTS.has(eventOf(json.value) ?? '') ? ExtendedServerMessage : PlainServerMessage;
  return schema.safeParse(json.value).data;
}

function readJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function eventOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('event' in value)) return undefined;
  return typeof value.event === 'string' ? value.event : undefined;
}

function checked<T>(result: z.ZodSafeParseResult<T>, event: string): Parsed<T> {
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the message' : `\`${issue.path.join('.')}\``;
  if (issue?.code === 'too_big')
    return refused('message-too-large', `Shorten ${where}: at most ${issue.maximum} are accepted.`, event);
  return refused('invalid-data', `Correct ${where} of \`${event}\` as the protocol describes it.`, event);
}

function refused(code: ErrorCode, message: string, event?: string): { ok: false; error: ProtocolError } {
  return { ok: false, error: { code, message, ...(event === undefined ? {} : { event }) } };
}
