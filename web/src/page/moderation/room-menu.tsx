import type { Call, CallSnapshot } from '@aqlinks/client';
import { useEffect, useRef, useState } from 'react';
import { Act } from './person-menu.tsx';
import '../styles/moderation.css';

interface RoomMenuProps {
  readonly call: Call;
  readonly snapshot: CallSnapshot;
  readonly onClose: () => void;
}

/** What may be done to the room. */
export function RoomMenu({ call: { moderation }, snapshot, onClose }: RoomMenuProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [sure, setSure] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const { locked, lobby, rights } = snapshot;
  return (
    <dialog ref={dialog} className="settings" aria-label="Room" data-testid="room-menu-dialog" onClose={onClose}>
      <h2>Room</h2>
      {rights.includes('lock') && (
        <div className="switches">
          <label>
            <input
              type="checkbox"
              data-testid="lock"
              checked={locked}
              onChange={event => moderation.lock(event.target.checked)}
            />
            Locked: nobody else comes in
          </label>
          <label>
            <input
              type="checkbox"
              data-testid="lobby"
              checked={lobby}
              onChange={event => moderation.setLobby(event.target.checked)}
            />
            Lobby: whoever comes waits until somebody lets them in
          </label>
        </div>
      )}
      {rights.includes('end') && (
        <div className="acts">
          {sure ? (
            <Act name="end-now" label="End the call for everybody" danger onClick={() => moderation.end()} />
          ) : (
            <Act name="end" label="End for all…" danger onClick={() => setSure(true)} />
          )}
        </div>
      )}
      <button type="button" className="primary" onClick={() => dialog.current?.close()}>
        Done
      </button>
    </dialog>
  );
}
