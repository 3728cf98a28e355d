import * as z from 'zod';
import { RoomName, UserId } from '../claims.ts';
import { RoomSettings } from '../room-settings.ts';
import { text } from '../text.ts';
import { AuditEntries, AuditQuery, AuditRange, AuditVerification } from './audit.ts';
import { ApiKey, ApiKeys, CreatedKey, CreateKey, CreateProject, Project, ProjectId, Projects, RotateKey } from './keys.ts';
import { defineOperations } from './operation.ts';
import {
  AskUnmute,
  Bans,
  ChangeRole,
  MoveParticipant,
  MuteTrack,
  RemoveParticipant,
  RoomParticipant,
  RoomParticipants,
  StopVideo,
} from './participants.ts';
import { CreateRoom, EndRoom, LockRoom, Roles, Room, RoomMessage, Rooms } from './rooms.ts';
import { RoomSession, RoomSessions, SessionParticipants, SessionQuery } from './sessions.ts';
import { CallTimeline, TimelineQuery } from './timeline.ts';
import { IssuedToken, IssueToken, RefreshToken, Revoked, RevokeTokens } from './tokens.ts';
import { Identifier, PageQuery } from './values.ts';
import { CreatedWebhook, Deliveries, Delivery, DeliveryQuery, Webhook, WebhookSettings, Webhooks } from './webhooks.ts';

const room = z.object({ room: RoomName });
const participant = room.extend({ participant: Identifier });
const session = z.object({ session: Identifier });
const webhook = z.object({ webhook: Identifier });
const key = z.object({ key: text(128) });

const PARTICIPANT = '/rooms/{room}/participants/{participant}';

/** Everything that `/api/v1` can do: the server serves this table, the OpenAPI document describes it, clients call it. */
export const OPERATIONS = defineOperations({
  // Tokens
  issueToken: {
    at: 'POST /tokens',
    summary: 'Issue a token',
    body: IssueToken,
    created: IssuedToken,
    idempotent: true,
  },
  refreshToken: {
    at: 'POST /tokens/refresh',
    summary: 'Follow up a token that is still valid',
    description:
      'With an API key, or with nothing but the token itself in the body. The new token says the same; what its holder may is asked anew. Revoked tokens are refused.',
    access: 'holder',
    body: RefreshToken,
    created: IssuedToken,
  },
  revokeTokens: {
    at: 'POST /tokens/revoke',
    summary: 'Take tokens back',
    description: 'By token, `jti`, user or room. Whoever is in a call with one of them is removed within a second.',
    body: RevokeTokens,
    answer: Revoked,
  },

  // Rooms
  listRooms: {
    at: 'GET /rooms',
    summary: 'List rooms: those with settings, and those in which somebody is',
    query: PageQuery,
    answer: Rooms,
  },
  createRoom: { at: 'POST /rooms', summary: 'Create a room', body: CreateRoom, created: Room, idempotent: true },
  getRoom: { at: 'GET /rooms/{room}', summary: 'Get a room', params: room, answer: Room },
  putRoom: {
    at: 'PUT /rooms/{room}',
    summary: 'Set all settings of a room, at once also for a running call',
    params: room,
    body: RoomSettings,
    answer: Room,
  },
  deleteRoom: { at: 'DELETE /rooms/{room}', summary: 'Forget the settings of a room, and end its call', params: room },
  endRoom: { at: 'POST /rooms/{room}/end', summary: 'End the call of a room for everyone', params: room, body: EndRoom },
  lockRoom: {
    at: 'POST /rooms/{room}/lock',
    summary: 'Lock or unlock a running call',
    description: 'For this call; `locked` of the settings holds for good.',
    params: room,
    body: LockRoom,
  },
  sendMessage: {
    at: 'POST /rooms/{room}/messages',
    summary: 'Send a message to people in a room',
    params: room,
    body: RoomMessage,
  },
  listBans: {
    at: 'GET /rooms/{room}/bans',
    summary: 'List the users who may not enter a room',
    params: room,
    query: PageQuery,
    answer: Bans,
  },
  liftBan: {
    at: 'DELETE /rooms/{room}/bans/{user_id}',
    summary: 'Let a user in again',
    params: room.extend({ user_id: UserId }),
  },

  // Participants
  listParticipants: {
    at: 'GET /rooms/{room}/participants',
    summary: 'List who is in a room',
    params: room,
    query: PageQuery,
    answer: RoomParticipants,
  },
  getParticipant: { at: `GET ${PARTICIPANT}`, summary: 'Get a participant', params: participant, answer: RoomParticipant },
  muteParticipant: { at: `POST ${PARTICIPANT}/mute`, summary: 'Mute a participant', params: participant, body: MuteTrack },
  stopVideo: {
    at: `POST ${PARTICIPANT}/stop-video`,
    summary: "Stop a participant's camera or screen",
    params: participant,
    body: StopVideo,
  },
  askUnmute: {
    at: `POST ${PARTICIPANT}/ask-unmute`,
    summary: 'Ask a participant to unmute',
    params: participant,
    body: AskUnmute,
  },
  changeRole: {
    at: `POST ${PARTICIPANT}/role`,
    summary: 'Change the role of a participant, at once',
    params: participant,
    body: ChangeRole,
    answer: RoomParticipant,
  },
  moveParticipant: {
    at: `POST ${PARTICIPANT}/move`,
    summary: 'Move a participant to another room',
    params: participant,
    body: MoveParticipant,
  },
  removeParticipant: {
    at: `POST ${PARTICIPANT}/remove`,
    summary: 'Remove a participant',
    params: participant,
    body: RemoveParticipant,
  },
  admitParticipant: { at: `POST ${PARTICIPANT}/admit`, summary: 'Let a participant in from the lobby', params: participant },

  // Audit
  listAudit: { at: 'GET /audit', summary: 'List the audit log, the newest first', query: AuditQuery, answer: AuditEntries },
  verifyAudit: {
    at: 'GET /audit/verify',
    summary: 'Look whether a line of the audit log was changed or is missing',
    answer: AuditVerification,
  },
  exportAudit: {
    at: 'GET /audit/export',
    summary: 'Export the audit log, the oldest first: a line of JSON an entry',
    description: 'Of entries of other projects only the hashes are in it, so that the chain can be verified.',
    query: AuditRange,
    lines: true,
  },

  // Sessions
  listSessions: { at: 'GET /sessions', summary: 'List calls, the newest first', query: SessionQuery, answer: RoomSessions },
  getSession: {
    at: 'GET /sessions/{session}',
    summary: 'Get a call',
    params: session,
    answer: RoomSession,
  },
  listSessionParticipants: {
    at: 'GET /sessions/{session}/participants',
    summary: 'List who was in a call, the latest first',
    params: session,
    query: PageQuery,
    answer: SessionParticipants,
  },
  getSessionTimeline: {
    at: 'GET /sessions/{session}/timeline',
    summary: 'Explain a call: the last hour of its connections, if it ran on this server',
    params: session,
    query: TimelineQuery,
    answer: CallTimeline,
  },

  // Webhooks
  listWebhooks: { at: 'GET /webhooks', summary: 'List webhooks', query: PageQuery, answer: Webhooks },
  createWebhook: {
    at: 'POST /webhooks',
    summary: 'Create a webhook',
    body: WebhookSettings,
    created: CreatedWebhook,
    idempotent: true,
  },
  getWebhook: { at: 'GET /webhooks/{webhook}', summary: 'Get a webhook', params: webhook, answer: Webhook },
  putWebhook: {
    at: 'PUT /webhooks/{webhook}',
    summary: 'Change a webhook',
    params: webhook,
    body: WebhookSettings,
    answer: Webhook,
  },
  rotateWebhook: {
    at: 'POST /webhooks/{webhook}/rotate',
    summary: 'Give a webhook a new secret',
    description: 'For a day events are signed with both.',
    params: webhook,
    created: CreatedWebhook,
    idempotent: true,
  },
  deleteWebhook: { at: 'DELETE /webhooks/{webhook}', summary: 'Delete a webhook', params: webhook },
  testWebhook: {
    at: 'POST /webhooks/{webhook}/test',
    summary: 'Post an event that is only a test, once and at once',
    params: webhook,
    answer: Delivery,
  },
  listDeliveries: {
    at: 'GET /webhooks/{webhook}/deliveries',
    summary: 'List what was posted, the newest first',
    params: webhook,
    query: DeliveryQuery,
    answer: Deliveries,
  },
  replayDelivery: {
    at: 'POST /webhooks/{webhook}/deliveries/{delivery}/replay',
    summary: 'Post an event once more',
    params: webhook.extend({ delivery: Identifier }),
    answer: Delivery,
  },

  // Keys, roles, projects
  listKeys: { at: 'GET /keys', summary: 'List the API keys of the project', query: PageQuery, answer: ApiKeys },
  createKey: { at: 'POST /keys', summary: 'Create an API key', body: CreateKey, created: CreatedKey, idempotent: true },
  getKey: { at: 'GET /keys/{key}', summary: 'Get an API key', params: key, answer: ApiKey },
  rotateKey: {
    at: 'POST /keys/{key}/rotate',
    summary: 'Give an API key a new secret',
    params: key,
    body: RotateKey,
    created: CreatedKey,
    idempotent: true,
  },
  revokeKey: {
    at: 'DELETE /keys/{key}',
    summary: 'Revoke an API key',
    description: 'Whoever is in a call with a token that it signed is removed within a second.',
    params: key,
  },
  getRoles: { at: 'GET /roles', summary: 'Get what the roles of the project may do', answer: Roles },
  putRoles: {
    at: 'PUT /roles',
    summary: 'Set what the roles of the project may do, at once also in running calls',
    body: Roles,
    answer: Roles,
  },
  listProjects: { at: 'GET /projects', summary: 'List projects', access: 'operator', query: PageQuery, answer: Projects },
  createProject: {
    at: 'POST /projects',
    summary: 'Create a project',
    access: 'operator',
    body: CreateProject,
    created: Project,
    idempotent: true,
  },
  getProject: {
    at: 'GET /projects/{project}',
    summary: 'Get a project',
    access: 'operator',
    params: z.object({ project: ProjectId }),
    answer: Project,
  },
});

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
