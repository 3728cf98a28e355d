import { everyItem } from '@aqlinks/backend';
import type { RoomParticipant, Source } from '@aqlinks/protocol';
import { CommandError, UsageError } from '../command.ts';
import { type Columns, showDone, showPage, showThing } from '../output.ts';
import type { Asked, Noun, Option, Verb } from '../verb.ts';
import { given, PAGING, pageOf } from './paging.ts';

const COLUMNS: Columns<RoomParticipant> = {
  id: participant => participant.id,
  user: participant => participant.user_id,
  name: participant => participant.name,
  role: participant => participant.role,
  waiting: participant => participant.waiting,
  publishes: participant => participant.tracks.map(({ source, muted }) => (muted ? `${source} (muted)` : source)),
  joined: participant => participant.joined_at,
};

interface Place {
  readonly params: { readonly room: string; readonly participant: string };
}

/** People know user ids; the server asks for the id of the participant. Either is taken. */
async function placeOf({ api, arg }: Asked): Promise<Place> {
  const [room, who] = [arg('ROOM'), arg('PARTICIPANT')];
  for await (const { id, user_id } of everyItem(cursor => api.listParticipants({ params: { room }, query: given({ cursor }) }))) {
    if (id === who || user_id === who) return { params: { room, participant: id } };
  }
  throw new CommandError(`${who} is not in ${room}. See: aqlinks participants list ${room}`);
}

/** A verb about one participant. */
const about = (
  verb: Omit<Verb, 'args' | 'run'> & { readonly args?: readonly string[]; act(asked: Asked, place: Place): Promise<string> },
): Verb => ({
  ...verb,
  args: ['ROOM', 'PARTICIPANT', ...(verb.args ?? [])],
  run: async asked => showDone(asked, await verb.act(asked, await placeOf(asked))),
});

/** Of what a verb is about: the first is the default. */
function sources<T extends Source>(...all: readonly [T, ...T[]]) {
  const options: Readonly<Record<string, Option>> = {
    source: { value: 'SOURCE', summary: `${all.join(' or ')}; default: ${all[0]}` },
  };
  const body = ({ option }: Asked): { source?: T } => {
    const source = option('source');
    const found = all.find(each => each === source);
    if (source !== undefined && found === undefined) throw new UsageError(`--source is ${all.join(' or ')} here.`);
    return found === undefined ? {} : { source: found };
  };
  return { options, body };
}

const SOUND = sources('microphone', 'screen-audio');
const ANYTHING = sources('microphone', 'camera', 'screen', 'screen-audio');
const PICTURE = sources('camera', 'screen');

export const participants: Noun = {
  summary: 'people in a room; PARTICIPANT is their id or their user id',
  verbs: {
    list: {
      summary: 'list who is in a room',
      args: ['ROOM'],
      options: PAGING,
      async run(asked) {
        const page = await asked.api.listParticipants({ params: { room: asked.arg('ROOM') }, query: pageOf(asked) });
        return showPage(asked, page, COLUMNS, 'Nobody is in this room.');
      },
    },
    show: {
      summary: 'show one of them, with what they may do',
      args: ['ROOM', 'PARTICIPANT'],
      async run(asked) {
        return showThing(asked, await asked.api.getParticipant(await placeOf(asked)));
      },
    },
    mute: about({
      summary: 'mute somebody',
      options: SOUND.options,
      async act(asked, place) {
        await asked.api.muteParticipant({ ...place, body: SOUND.body(asked) });
        return `Muted ${asked.arg('PARTICIPANT')}.`;
      },
    }),
    'stop-video': about({
      summary: "stop somebody's camera or screen",
      options: PICTURE.options,
      async act(asked, place) {
        await asked.api.stopVideo({ ...place, body: PICTURE.body(asked) });
        return `Stopped the video of ${asked.arg('PARTICIPANT')}.`;
      },
    }),
    'ask-unmute': about({
      summary: 'ask somebody to unmute',
      options: ANYTHING.options,
      async act(asked, place) {
        await asked.api.askUnmute({ ...place, body: ANYTHING.body(asked) });
        return `Asked ${asked.arg('PARTICIPANT')}.`;
      },
    }),
    role: about({
      summary: 'change the role of somebody, at once',
      args: ['ROLE'],
      examples: ['participants role meeting-room-1 alice presenter'],
      async act(asked, place) {
        await asked.api.changeRole({ ...place, body: { role: asked.arg('ROLE') } });
        return `${asked.arg('PARTICIPANT')} is ${asked.arg('ROLE')} now.`;
      },
    }),
    move: about({
      summary: 'move somebody to another room',
      args: ['TO'],
      async act(asked, place) {
        await asked.api.moveParticipant({ ...place, body: { room: asked.arg('TO') } });
        return `Moved ${asked.arg('PARTICIPANT')} to ${asked.arg('TO')}.`;
      },
    }),
    admit: about({
      summary: 'let somebody in from the lobby',
      async act(asked, place) {
        await asked.api.admitParticipant(place);
        return `Admitted ${asked.arg('PARTICIPANT')}.`;
      },
    }),
    remove: about({
      summary: 'remove somebody from the room',
      options: {
        reason: { value: 'TEXT', summary: 'for the audit log' },
        ban: { value: 'DURATION', summary: 'keep them out for so long, such as 1h, or: forever' },
      },
      examples: ['participants remove meeting-room-1 mallory --reason noise --ban 1h'],
      async act(asked, place) {
        const ban = asked.option('ban');
        const body = given({ reason: asked.option('reason'), ban: ban === 'forever' ? true : ban });
        await asked.api.removeParticipant({ ...place, body });
        return `Removed ${asked.arg('PARTICIPANT')}.`;
      },
    }),
  },
};
