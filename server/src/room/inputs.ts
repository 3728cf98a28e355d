import type { CloseName, LeaveReason, Moderation, RoleTable, RoomSettings, Source, Track } from '@aqlinks/protocol';
import type { Grant, Notice, RoomEvent } from '../session.ts';

/** What happened to a room, or is asked of it. Participants are named by their ids, which mean nothing in another room. */
export type RoomInput =
  | { readonly type: 'join'; readonly participant: string; readonly grant: Grant }
  /** `close`: what the client is told, if it does not know yet. */
  | { readonly type: 'leave'; readonly participant: string; readonly reason: LeaveReason; readonly close: CloseName | undefined }
  | { readonly type: 'publish'; readonly participant: string; readonly track: Omit<Track, 'muted'> }
  | { readonly type: 'unpublish'; readonly participant: string; readonly source: Source }
  | { readonly type: 'mute'; readonly participant: string; readonly source: Source; readonly muted: boolean }
  | { readonly type: 'chat'; readonly participant: string; readonly text: string }
  | { readonly type: 'moderate'; readonly participant: string; readonly act: Moderation }
  | { readonly type: 'refresh'; readonly participant: string; readonly grant: Grant }
  /** From outside, by somebody who may everything. */
  | { readonly type: 'command'; readonly act: Command; readonly by: string | undefined }
  | { readonly type: 'configure'; readonly settings: RoomSettings; readonly roles: RoleTable | undefined }
  /** `close` for all; whoever is in is told no more than `notice`. */
  | { readonly type: 'close'; readonly reason: LeaveReason; readonly close: CloseName; readonly notice: Notice | undefined }
  | { readonly type: 'tick' };

export type Command =
  | Moderation
  | {
      readonly action: 'ban';
      readonly participant: string;
      readonly reason: string | undefined;
      readonly until: number | undefined;
    }
  | { readonly action: 'move'; readonly participant: string; readonly room: string }
  | { readonly action: 'send'; readonly message: string; readonly to: string | undefined };

/** What is to be done about it, in this order. */
export type RoomEffect =
  | { readonly type: 'notify'; readonly to: string; readonly notice: Notice }
  /** It is in: its media may begin. */
  | { readonly type: 'open'; readonly participant: string }
  /** Whether it may send this source from now on: its section says so in the next offer. */
  | { readonly type: 'permit' | 'shut'; readonly participant: string; readonly source: Source }
  /** It may be published: from now on the media plane knows it. Without this effect it never does. */
  | { readonly type: 'take-track'; readonly track: string }
  | { readonly type: 'forward'; readonly from: string; readonly track: Track; readonly to: string }
  /** Only to those who stay: whoever leaves loses all subscriptions anyway. */
  | { readonly type: 'stop-forwarding'; readonly track: string; readonly to: string }
  /** Nothing of it is forwarded while it is held, and it is no loss to those who receive it. */
  | { readonly type: 'hold'; readonly track: string; readonly held: boolean }
  /** Its track is not published any more. */
  | { readonly type: 'end-track'; readonly track: string }
  /** The connection is over. */
  | { readonly type: 'dismiss'; readonly participant: string; readonly close: CloseName | undefined }
  | { readonly type: 'ban'; readonly userId: string; readonly reason: string | undefined; readonly until: number | undefined }
  | { readonly type: 'event'; readonly event: RoomEvent };
