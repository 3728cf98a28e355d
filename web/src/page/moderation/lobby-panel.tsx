import type { Call, Waiting } from '@aqlinks/client';
import { Act } from './person-menu.tsx';
import '../styles/moderation.css';

/** Those who wait to be let in, for those who may let them in. */
export function LobbyPanel({ call: { moderation }, waiting }: { readonly call: Call; readonly waiting: readonly Waiting[] }) {
  return (
    <section className="lobby-panel" aria-label="Lobby" data-testid="lobby-panel">
      <h2>{waiting.length === 1 ? 'Somebody waits to be let in' : `${waiting.length} people wait to be let in`}</h2>
      <ul>
        {waiting.map(({ id, name, userId }) => (
          <li key={id} data-user={userId}>
            <span className="lobby-name">{name}</span>
            <Act name="admit" label="Let in" onClick={() => moderation.admit(id)} />
            <Act name="send-away" label="Send away" danger onClick={() => moderation.remove(id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
