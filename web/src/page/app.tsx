import { type Call, type CloseReason, LocalMedia } from '@aqlinks/client';
import { useEffect, useState } from 'react';
import { CallScreen } from './call/call-screen.tsx';
import { enterCall } from './join/enter-call.ts';
import { JoinScreen } from './join/join-screen.tsx';
import type { Seat } from './join/seat.ts';
import { LobbyScreen } from './lobby/lobby-screen.tsx';
import { OverScreen } from './over/over-screen.tsx';

/** What the page shows. */
type View =
  | { readonly name: 'join'; readonly problem: CloseReason | undefined }
  | { readonly name: 'joining'; readonly call: Call; readonly seat: Seat }
  | { readonly name: 'lobby'; readonly call: Call; readonly seat: Seat }
  | { readonly name: 'call'; readonly call: Call; readonly seat: Seat }
  | { readonly name: 'over'; readonly reason: CloseReason };

export function App() {
  const [media] = useState(() => new LocalMedia());
  const [view, setView] = useState<View>({ name: 'join', problem: undefined });
  const call = 'call' in view ? view.call : undefined;

  useEffect(() => {
    if (call === undefined) return;
    const leave = () => call.leave();
    window.addEventListener('pagehide', leave);
    const unsubscribe = call.on('connection', state => setView(view => next(view, call, state)));
    return () => {
      unsubscribe();
      window.removeEventListener('pagehide', leave);
    };
  }, [call]);

  switch (view.name) {
    case 'join':
    case 'joining':
      return (
        <JoinScreen
          media={media}
          joining={view.name === 'joining'}
          problem={view.name === 'join' ? view.problem : undefined}
          onJoin={seat => setView({ name: 'joining', call: enterCall(seat, media), seat })}
        />
      );
    case 'lobby':
      return <LobbyScreen call={view.call} room={view.seat.room ?? ''} />;
    case 'call':
      return <CallScreen call={view.call} media={media} seat={view.seat} />;
    case 'over':
      return <OverScreen reason={view.reason} onAgain={() => setView({ name: 'join', problem: undefined })} />;
  }
}

function next(view: View, call: Call, state: ReturnType<Call['getSnapshot']>['connection']): View {
  if (!('call' in view) || view.call !== call) return view;
  switch (state.name) {
    case 'connecting':
    case 'resuming':
    case 'reconnecting':
      return view;
    case 'waiting':
      return { name: 'lobby', call, seat: view.seat };
    case 'connected':
      return { name: 'call', call, seat: view.seat };
    case 'closed':
      return view.name === 'joining' ? { name: 'join', problem: state.reason } : { name: 'over', reason: state.reason };
  }
}
