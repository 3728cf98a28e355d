import type { Call } from '@aqlinks/client';
import '../styles/over.css';

/** In the lobby: nothing to see and nobody to hear until somebody lets us in. */
export function LobbyScreen({ call, room }: { readonly call: Call; readonly room: string }) {
  return (
    <main className="over" data-testid="lobby-screen">
      <h1>Please wait</h1>
      <p role="status" data-testid="status" data-connection="waiting">
        {room === '' ? 'Somebody in the call will let you in.' : `Somebody in ${room} will let you in.`} They know that you are
        here.
      </p>
      <button type="button" className="primary" data-testid="leave" onClick={() => call.leave()}>
        Leave
      </button>
    </main>
  );
}
