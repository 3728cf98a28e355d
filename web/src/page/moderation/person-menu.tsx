import type { Call, RemoteParticipant, Right } from '@aqlinks/client';
import { useEffect, useRef, useState } from 'react';
import { USER_TYPES } from '../join/seat.ts';
import '../styles/moderation.css';

interface PersonMenuProps {
  readonly call: Call;
  readonly person: RemoteParticipant;
  readonly rights: readonly Right[];
  readonly onClose: () => void;
}

/** What may be done to somebody, as far as we may; the server decides all the same. Escape closes it, as every dialog. */
export function PersonMenu({ call: { moderation }, person, rights, onClose }: PersonMenuProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [sure, setSure] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const { id, name, role, tracks } = person;
  const publishes = (source: string) => tracks.find(track => track.source === source);
  const act = (action: () => void) => () => {
    action();
    dialog.current?.close();
  };
  const microphone = publishes('microphone');
  return (
    <dialog ref={dialog} className="settings person-menu" aria-label={name} data-testid="person-menu-dialog" onClose={onClose}>
      <h2>{name}</h2>
      {rights.includes('mute-others') && (
        <div className="acts">
          {microphone?.muted === false ? (
            <Act name="mute-person" label="Mute" onClick={act(() => moderation.mute(id))} />
          ) : (
            <Act name="ask-unmute" label="Ask to unmute" onClick={act(() => moderation.askUnmute(id))} />
          )}
          {publishes('camera') !== undefined && (
            <Act name="stop-video" label="Stop their video" onClick={act(() => moderation.stopVideo(id))} />
          )}
          {publishes('screen') !== undefined && (
            <Act name="stop-screen" label="Stop their screen" onClick={act(() => moderation.stopVideo(id, 'screen'))} />
          )}
        </div>
      )}
      {rights.includes('change-roles') && (
        <div className="field">
          <label htmlFor="person-role">Role</label>
          <select
            id="person-role"
            data-testid="person-role"
            value={role}
            onChange={event => moderation.setRole(id, event.target.value)}
          >
            {[...new Set([...USER_TYPES, role])].map(type => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </div>
      )}
      {rights.includes('remove') &&
        (sure ? (
          <div className="acts">
            <Act name="remove-now" label="Remove" danger onClick={act(() => moderation.remove(id))} />
            <Act name="ban" label="Remove for good" danger onClick={act(() => moderation.remove(id, { ban: true }))} />
          </div>
        ) : (
          <div className="acts">
            <Act name="remove" label="Remove from the call…" danger onClick={() => setSure(true)} />
          </div>
        ))}
      <button type="button" className="primary" onClick={() => dialog.current?.close()}>
        Done
      </button>
    </dialog>
  );
}

interface ActProps {
  readonly name: string; // for tests
  readonly label: string;
  readonly danger?: boolean;
  readonly onClick: () => void;
}

export function Act({ name, label, danger = false, onClick }: ActProps) {
  return (
    <button type="button" className={danger ? 'act act-danger' : 'act'} data-testid={name} onClick={onClick}>
      {label}
    </button>
  );
}
