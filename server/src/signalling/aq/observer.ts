import type { CloseName, ErrorCode, LeaveReason } from '@aqlinks/protocol';
import type { Dialect } from './to-message.ts';

/** Told of what happens, for logs and metrics. Must not throw. */
export interface Observer {
  joined(participant: string, room: string, dialect: Dialect): void;
  received(event: string): void;
  refused(code: ErrorCode): void;
  left(participant: string, room: string, reason: LeaveReason | CloseName): void;
  failed(error: unknown): void; // a bug of ours; the call went on
}
