import { type CloseReason, type LocalMedia, MediaError } from '@aqlinks/client';
import { useEffect, useState } from 'react';
import { DevicePickers } from '../media/device-pickers.tsx';
import { usePreview } from '../media/use-preview.ts';
import '../styles/join.css';
import { readAddress, withTokenInFragment } from './address.ts';
import { JoinForm } from './join-form.tsx';
import { Preview } from './preview.tsx';
import { remember } from './remembered.ts';
import type { Seat } from './seat.ts';
import { TokenForm } from './token-form.tsx';

interface JoinScreenProps {
  readonly media: LocalMedia;
  readonly joining: boolean;
  readonly problem: CloseReason | undefined;
  readonly onJoin: (seat: Seat) => void;
}

export function JoinScreen({ media, joining, problem, onJoin }: JoinScreenProps) {
  const { problems, toggle } = usePreview(media);
  const [changed, setChanged] = useState<MediaError>();
  const [address, setAddress] = useState(() => readAddress(window.location.href));
  const [pasting, setPasting] = useState(false);

  useEffect(() => {
    history.replaceState(null, '', withTokenInFragment(window.location.href));
  }, []);
  useEffect(() => {
    if (problem?.type === 'no-token') setPasting(true);
  }, [problem]);

  const byToken = address.token !== undefined || pasting;
  return (
    <main className="join">
      <section className="join-preview" aria-label="Your camera and microphone">
        <Preview media={media} problems={problems} onToggle={toggle} />
        {changed !== undefined && <p className="hint hint-problem">{changed.message}</p>}
        <DevicePickers
          media={media}
          onProblem={(_, error) => setChanged(error instanceof MediaError ? error : undefined)}
          onSpeaker={id => remember({ speaker: id })}
        />
      </section>
      <section className="join-form" aria-label="Join a call">
        <header className="brand">
          <img src="icon.svg" alt="" width="36" height="36" />
          <h1>aqlinks</h1>
        </header>
        {problem !== undefined && problem.type !== 'left' && (
          <p className="problem" role="alert" data-testid="problem">
            {problem.message}
          </p>
        )}
        {byToken ? (
          <TokenForm
            token={address.token}
            joining={joining}
            onJoin={onJoin}
            onBack={() => {
              history.replaceState(null, '', window.location.pathname + window.location.search);
              setAddress(address => ({ ...address, token: undefined }));
              setPasting(false);
            }}
          />
        ) : (
          <JoinForm room={address.room} joining={joining} onJoin={onJoin} onPaste={() => setPasting(true)} />
        )}
      </section>
    </main>
  );
}
