import type { ReactNode } from 'react';

interface ToggleProps {
  readonly testId: string;
  readonly on: boolean;
  readonly label: string; // what pressing it does now
  readonly short: string; // shown under the icon
  readonly busy?: boolean;
  readonly alarming?: boolean; // off is what people should notice
  readonly children: ReactNode;
  readonly onClick: () => void;
}

/** A round button that is on or off. Its label says what pressing it does, so it is not announced as pressed as well. */
export function Toggle({ testId, on, label, short, busy = false, alarming = false, children, onClick }: ToggleProps) {
  const classes = ['toggle', on ? 'toggle-on' : 'toggle-off', alarming && !on && 'toggle-alarming'].filter(Boolean).join(' ');
  return (
    <button
      type="button"
      className={classes}
      data-testid={testId}
      aria-label={label}
      aria-busy={busy}
      title={label}
      onClick={onClick}
    >
      <span className="toggle-face">{children}</span>
      <span className="toggle-short" aria-hidden="true">
        {short}
      </span>
    </button>
  );
}
