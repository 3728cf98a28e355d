import type { Source } from '@aqlinks/protocol';
import type { Command } from '../room/inputs.ts';
import { RequestError, type RoomControl } from '../session.ts';

/** A live room in the hands of its owner: each call is one command to it. */
export function createControl(command: (act: Command, by?: string) => void): RoomControl {
  return {
    mute: (participant, source, by) => command({ action: 'mute', participant, source: sound(source) }, by),
    stopVideo: (participant, source, by) => command({ action: 'stop-video', participant, source: picture(source) }, by),
    askUnmute: (participant, source, by) => command({ action: 'ask-unmute', participant, source }, by),
    setRole: (participant, role) => command({ action: 'set-role', participant, role }),
    move: (participant, room) => command({ action: 'move', participant, room }),
    remove(participant, { reason, ban = false }) {
      if (ban === false) command({ action: 'remove', participant, ban });
      else command({ action: 'ban', participant, reason, until: ban === true ? undefined : ban });
    },
    end: () => command({ action: 'end' }),
    send: (message, to) => command({ action: 'send', message, to }),
    admit: participant => command({ action: 'admit', participant }),
    lock: locked => command({ action: 'lock', locked }),
  };
}

function sound(source: Source): 'microphone' | 'screen-audio' {
  if (source === 'microphone' || source === 'screen-audio') return source;
  throw new RequestError('invalid-data', `A ${source} cannot be muted: stop it.`);
}

function picture(source: Source): 'camera' | 'screen' {
  if (source === 'camera' || source === 'screen') return source;
  throw new RequestError('invalid-data', `A ${source} is no video: mute it.`);
}
