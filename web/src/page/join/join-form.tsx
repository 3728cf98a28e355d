import { type FormEvent, useId, useState } from 'react';
import { recall, remember } from './remembered.ts';
import { type Seat, USER_TYPES, type UserType } from './seat.ts';
import { Submit } from './submit.tsx';

const MEANINGS: Record<UserType, string> = {
  host: 'Host',
  presenter: 'Presenter',
  guest: 'Guest',
  viewer: 'Viewer – only watches',
};

interface JoinFormProps {
  readonly room: string | undefined; // of an invitation
  readonly joining: boolean;
  readonly onJoin: (seat: Seat) => void;
  readonly onPaste: () => void;
}

export function JoinForm({ room: invited, joining, onJoin, onPaste }: JoinFormProps) {
  const id = useId();
  const [last] = useState(recall);
  const [room, setRoom] = useState(invited ?? last.room ?? 'default');
  const [name, setName] = useState(last.name ?? '');
  const [userType, setUserType] = useState<UserType>(last.userType ?? 'guest');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const seat = { by: 'form', room: room.trim(), name: name.trim(), userType } as const;
    if (seat.room === '' || seat.name === '') return;
    remember({ room: seat.room, name: seat.name, userType });
    onJoin(seat);
  };

  return (
    <form onSubmit={submit}>
      <div className="field">
        <label htmlFor={`${id}name`}>Your name</label>
        <input
          id={`${id}name`}
          data-testid="join-name"
          value={name}
          onChange={event => setName(event.target.value)}
          autoComplete="name"
          maxLength={64}
          required
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}room`}>Room</label>
        <input
          id={`${id}room`}
          data-testid="join-room"
          value={room}
          onChange={event => setRoom(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={128}
          required
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}type`}>You join as</label>
        <select
          id={`${id}type`}
          data-testid="join-type"
          value={userType}
          onChange={event => setUserType(event.target.value as UserType)}
        >
          {USER_TYPES.map(type => (
            <option key={type} value={type}>
              {MEANINGS[type]}
            </option>
          ))}
        </select>
      </div>
      <Submit joining={joining} />
      <button type="button" className="link" onClick={onPaste}>
        I have a token
      </button>
    </form>
  );
}
