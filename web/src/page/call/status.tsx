import type { ConnectionState } from '@aqlinks/client';
import { useEffect, useState } from 'react';

/** How the connection is, for everybody's eyes and ears; it takes place only when there is something to worry about. */
export function Status({ connection }: { readonly connection: ConnectionState }) {
  const seconds = useCountdown(connection);
  const words = wordsFor(connection, seconds);
  return (
    <div className={`status status-${connection.name}`} data-testid="status" data-connection={connection.name}>
      <span role="status">{words.said}</span>
      {words.detail !== undefined && <span aria-hidden="true"> {words.detail}</span>}
    </div>
  );
}

/** `detail` changes every second and is not read out. */
function wordsFor(connection: ConnectionState, seconds: number): { readonly said: string; readonly detail?: string } {
  switch (connection.name) {
    case 'connecting':
      return { said: 'Connecting…' };
    case 'waiting':
      return { said: 'Waiting to be let in…' };
    case 'connected':
      return { said: 'Connected' };
    case 'resuming':
      return { said: 'The network has changed. One moment…' };
    case 'reconnecting': {
      const when = seconds > 0 ? `Next try in ${seconds} s.` : `Try ${connection.attempt} …`;
      return { said: 'The connection was lost. Reconnecting…', detail: when };
    }
    case 'closed':
      return { said: connection.reason.message };
  }
}

/** Seconds until the next try, counted down. */
function useCountdown(connection: ConnectionState): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (connection.name !== 'reconnecting') return;
    const end = Date.now() + connection.delay;
    const tick = () => setSeconds(Math.max(0, Math.ceil((end - Date.now()) / 1_000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [connection]);
  return seconds;
}
