import * as z from 'zod';
import { Source } from './model.ts';

const participant = z.string().min(1).max(64); // its id
const role = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}]*$/u);

/** What somebody with the right may do to others, or to the room. */
export const Moderation = z.discriminatedUnion('action', [
  z.object({ action: z.literal('mute'), participant, source: z.enum(['microphone', 'screen-audio']).default('microphone') }),
  z.object({ action: z.literal('stop-video'), participant, source: z.enum(['camera', 'screen']).default('camera') }),
  z.object({ action: z.literal('ask-unmute'), participant, source: Source.default('microphone') }),
  z.object({ action: z.literal('set-role'), participant, role }),
  z.object({ action: z.literal('admit'), participant }),
  z.object({ action: z.literal('remove'), participant, ban: z.boolean().default(false) }), // who waits is sent away
  z.object({ action: z.literal('lock'), locked: z.boolean() }),
  z.object({ action: z.literal('lobby'), lobby: z.boolean() }), // off: whoever waits is let in
  z.object({ action: z.literal('end') }),
]);
export type Moderation = z.infer<typeof Moderation>;
