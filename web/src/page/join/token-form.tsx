import { type FormEvent, useId, useState } from 'react';
import { readToken } from './address.ts';
import type { Seat } from './seat.ts';
import { Submit } from './submit.tsx';

interface TokenFormProps {
  readonly token: string | undefined; // of the page's address; undefined: to be pasted
  readonly joining: boolean;
  readonly onJoin: (seat: Seat) => void;
  readonly onBack: () => void;
}

/** For who has a token from somebody: it says who they are and which room it is. */
export function TokenForm({ token: given, joining, onJoin, onBack }: TokenFormProps) {
  const id = useId();
  const [pasted, setPasted] = useState('');
  const token = given ?? pasted.trim();
  const { room, name } = readToken(token);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token !== '') onJoin({ by: 'token', token, room, name });
  };

  return (
    <form onSubmit={submit}>
      {given === undefined && (
        <div className="field">
          <label htmlFor={id}>Token</label>
          <textarea
            id={id}
            data-testid="join-token"
            value={pasted}
            onChange={event => setPasted(event.target.value)}
            rows={4}
            spellCheck={false}
            autoComplete="off"
            required
          />
          <p className="hint">A token comes from the service that invited you.</p>
        </div>
      )}
      {name !== undefined && (
        <p className="invited">
          You join {room === undefined ? 'the call' : <strong>{room}</strong>} as <strong>{name}</strong>.
        </p>
      )}
      {given !== undefined && name === undefined && <p className="invited">You join with the token of this link.</p>}
      <Submit joining={joining} />
      <button type="button" className="link" onClick={onBack}>
        Join without a token
      </button>
    </form>
  );
}
