import type { Call } from '@aqlinks/client';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Notice {
  readonly key: number;
  readonly text: string;
  readonly kind: 'news' | 'problem';
}

const SHOWN = { news: 4_000, problem: 12_000 } as const; // ms

/** Short news of the call, newest last, each gone after a while. */
export function useNotices(call: Call) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const next = useRef(1);
  const dismiss = useCallback((key: number) => setNotices(all => all.filter(notice => notice.key !== key)), []);
  const tell = useCallback(
    (kind: Notice['kind'], text: string) => {
      const key = next.current++;
      setNotices(all => [...all.filter(notice => notice.text !== text), { key, text, kind }].slice(-3));
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
        if (reason !== 'replaced')
          tell('news', reason === 'timeout' ? `${participant.name} lost the connection` : `${participant.name} left`);
      }),
      call.on('interrupted', source => source !== 'screen-audio' && tell('problem', INTERRUPTED[source])),
      call.on('error', ({ message }) => tell('problem', message)),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [call, tell]);
  return { notices, tell, dismiss };
}

const INTERRUPTED = {
  camera: 'Your camera was disconnected.',
  microphone: 'Your microphone was disconnected.',
  screen: 'Sharing of your screen ended.',
} as const;
