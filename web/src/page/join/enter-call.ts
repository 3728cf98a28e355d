import { type Call, connect, type LocalMedia } from '@aqlinks/client';
import { type Seat, watchesOnly } from './seat.ts';
import { tokenSource } from './token-source.ts';

/** Joins with the devices as they are: on, muted, or still starting. */
export function enterCall(seat: Seat, media: LocalMedia): Call {
  if (watchesOnly(seat)) media.stopAll();
  const url = new URL('websocket', window.location.href);
  // A token without a room takes the one of our address, as the server does (SPEC P4).
  const room = new URL(window.location.href).searchParams.get('room');
  if (seat.by === 'token' && room !== null) url.searchParams.set('room', room);
  const common = { url, media };
  return seat.by === 'token' ? connect({ ...common, token: seat.token }) : connect({ ...common, getToken: tokenSource(seat) });
}
