/** Why the server closed a WebSocket (RFC 6455 7.4): a number for programs, a sentence for people. */
export const CLOSE = {
  left: { code: 1000, reconnect: false, reason: 'You left the room.' },
  shuttingDown: { code: 1012, reconnect: true, reason: 'The server restarts. Reconnect in a moment.' },
  tooManyErrors: { code: 1008, reconnect: false, reason: 'Too many invalid messages.' },
  messageTooLarge: { code: 1009, reconnect: false, reason: 'A message was larger than the server accepts.' },
  replaced: { code: 4001, reconnect: false, reason: 'You joined this room from somewhere else.' },
  removed: { code: 4002, reconnect: false, reason: 'You were removed from the room.' },
  timeout: { code: 4003, reconnect: true, reason: 'Nothing was heard from you for too long.' },
  tooSlow: { code: 4004, reconnect: true, reason: 'You did not read what was sent to you.' },
  mediaFailed: { code: 4005, reconnect: true, reason: 'The media connection failed.' },
  expired: { code: 4006, reconnect: false, reason: 'Your token expired, and no new one came.' },
  revoked: { code: 4007, reconnect: false, reason: 'Your admission was taken back.' },
  moved: { code: 4008, reconnect: true, reason: 'You were moved to another room.' },
  ended: { code: 4009, reconnect: false, reason: 'The room was ended.' },
} as const satisfies Record<string, { code: number; reconnect: boolean; reason: string }>;

export type CloseName = keyof typeof CLOSE;
