import type { CloseReason } from '@aqlinks/client';
import '../styles/over.css';

interface OverScreenProps {
  readonly reason: CloseReason;
  readonly onAgain: () => void;
}

/** The call is over: why, and how to come back. */
export function OverScreen({ reason, onAgain }: OverScreenProps) {
  return (
    <main className="over">
      <h1>{reason.type === 'left' ? 'You left the call' : 'The call has ended'}</h1>
      {reason.type !== 'left' && (
        <p role="alert" data-testid="status">
          {reason.message}
        </p>
      )}
      <button type="button" className="primary" onClick={onAgain}>
        Join again
      </button>
    </main>
  );
}
