import { CloseIcon } from '../parts/icons.tsx';
import type { Notice } from './use-notices.ts';

interface NoticesProps {
  readonly notices: readonly Notice[];
  readonly onDismiss: (key: number) => void;
}

export function Notices({ notices, onDismiss }: NoticesProps) {
  return (
    <div className="notices" aria-live="polite">
      {notices.map(({ key, text, kind, action }) => (
        <p key={key} className={`notice notice-${kind}`}>
          {text}
          {action !== undefined && (
            <button
              type="button"
              className="notice-action"
              onClick={() => {
                action.run();
                onDismiss(key);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" aria-label="Dismiss" onClick={() => onDismiss(key)}>
            <CloseIcon />
          </button>
        </p>
      ))}
    </div>
  );
}
