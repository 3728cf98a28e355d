import type { Call, LeaveReason, LocalMedia, Right, Rights, Source } from '@aqlinks/client';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Notice {
  readonly key: number;
  readonly text: string;
  readonly kind: Kind;
  readonly action?: Action | undefined;
}

type Kind = 'news' | 'important' | 'problem';

interface Action {
  readonly label: string;
  readonly run: () => void;
}

const SHOWN: Record<Kind, number> = { news: 4_000, important: 15_000, problem: 12_000 }; // ms

/** Short news of the call, newest last, each gone after a while. */
export function useNotices(call: Call, media: LocalMedia) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const next = useRef(1);
  const dismiss = useCallback((key: number) => setNotices(all => all.filter(notice => notice.key !== key)), []);
  const tell = useCallback(
    (kind: Kind, text: string, action?: Action) => {
      const key = next.current++;
      setNotices(all => [...all.filter(notice => notice.text !== text), { key, text, kind, action }].slice(-3));
      setTimeout(() => dismiss(key), SHOWN[kind]);
    },
    [dismiss],
  );
  useEffect(() => {
    const ends = [
      call.on(
        'participant-joined',
        ({ name }) => call.getSnapshot().connection.name === 'connected' && tell('news', `${name} joined`),
      ),
      call.on('participant-left', ({ participant, reason }) => {
        if (reason !== 'replaced') tell('news', `${participant.name} ${LEFT[reason] ?? 'left'}`);
      }),
      call.on('interrupted', source => source !== 'screen-audio' && tell('problem', INTERRUPTED[source])),
      call.on(
        'rights',
        ({ role, rights, changing }) => !changing && tell('important', `You are ${role} now. ${whatOneMay(rights)}`),
      ),
      call.on('muted-by', ({ source, by = 'The organizer' }) => tell('important', `${by} ${STOPPED[source]}`)),
      call.on('ask-unmute', ({ source, by = 'The organizer' }) =>
        tell('important', `${by} ${ASKED[source]}`, startAction(call, media, source)),
      ),
      call.on('room-message', ({ message }) => tell('important', message)),
      call.on('moved', ({ room }) => tell('important', `You are moved to ${room}.`)),
      call.on('error', ({ message }) => tell('problem', message)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [call, media, tell]);
  return { notices, tell, dismiss };
}

const INTERRUPTED = {
  camera: 'Your camera was disconnected.',
  microphone: 'Your microphone was disconnected.',
  screen: 'Sharing of your screen ended.',
} as const;

const LEFT: { readonly [Reason in LeaveReason]?: string } = {
  timeout: 'lost the connection',
  removed: 'was removed',
  revoked: 'was removed',
  expired: 'is no longer admitted',
  moved: 'was moved to another room',
};

const STOPPED: Record<Source, string> = {
  microphone: 'muted you',
  camera: 'stopped your video',
  screen: 'stopped the sharing of your screen',
  'screen-audio': 'muted the sound of your screen',
};

const ASKED: Record<Source, string> = {
  microphone: 'asks you to unmute',
  camera: 'asks you to turn your camera on',
  screen: 'asks you to share your screen',
  'screen-audio': 'asks you to share the sound of your screen',
};

/** What may be started with one click. */
function startAction(call: Call, media: LocalMedia, source: Source): Action | undefined {
  if (source !== 'microphone' && source !== 'camera') return undefined;
  const run = () => {
    if (!call.may(source === 'camera' ? 'publish-camera' : 'publish-microphone')) return; // it was taken meanwhile
    const started = media.sources[source].state === 'muted' ? media.unmute(source) : media.start(source);
    started.catch(() => undefined); // the button of the device says why
  };
  return { label: source === 'microphone' ? 'Unmute' : 'Start', run };
}

const NAMED: readonly [Right, string][] = [
  ['publish-microphone', 'speak'],
  ['publish-camera', 'show your camera'],
  ['publish-screen', 'share your screen'],
  ['chat', 'write in the chat'],
];

function whatOneMay(rights: Rights['rights']): string {
  const may = NAMED.filter(([right]) => rights.includes(right)).map(([, words]) => words);
  if (may.length === 0) return 'You may watch and listen.';
  return `You may ${[may.slice(0, -1).join(', '), may.at(-1)].filter(Boolean).join(' and ')}.`;
}
