import { useState } from 'react';
import { inviteLink } from '../join/address.ts';
import { LinkIcon, LockIcon, PeopleIcon } from '../parts/icons.tsx';

const SHOWN = 2_500; // ms that the button says what happened

interface HeaderProps {
  readonly room: string;
  readonly count: number;
  readonly locked: boolean;
}

export function Header({ room, count, locked }: HeaderProps) {
  const [copied, setCopied] = useState<'copied' | 'failed'>();
  const link = inviteLink(window.location.href, room);
  const copy = async () => {
    const result = await (navigator.clipboard?.writeText(link) ?? Promise.reject()).then(
      () => 'copied' as const,
      () => 'failed' as const,
    );
    setCopied(result);
    setTimeout(() => setCopied(undefined), SHOWN);
    if (result === 'failed') window.prompt('Copy this link:', link);
  };
  return (
    <header className="call-header">
      <h1 className="room" title={room}>
        {room}
      </h1>
      <span className="count" title={count === 1 ? '1 person' : `${count} people`}>
        <PeopleIcon />
        {count}
        <span className="visually-hidden">{count === 1 ? ' person' : ' people'} in the call</span>
      </span>
      {locked && (
        <span className="locked" data-testid="locked" title="Nobody else comes in">
          <LockIcon />
          Locked
        </span>
      )}
      <button type="button" className="invite" data-testid="invite" onClick={() => void copy()}>
        <LinkIcon />
        <span aria-live="polite">{copied === 'copied' ? 'Link copied' : 'Copy link'}</span>
      </button>
    </header>
  );
}
