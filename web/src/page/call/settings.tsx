import type { Device, LocalMedia } from '@aqlinks/client';
import { useEffect, useRef } from 'react';
import { DevicePickers } from '../media/device-pickers.tsx';

interface SettingsProps {
  readonly media: LocalMedia;
  readonly onProblem: (device: Device, error: unknown) => void;
  readonly onSpeaker: (id: string) => void;
  readonly onClose: () => void;
}

/** Which devices, while the call goes on. Escape closes it, as every dialog. */
export function Settings({ media, onProblem, onSpeaker, onClose }: SettingsProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="settings" aria-label="Devices" onClose={onClose}>
      <h2>Devices</h2>
      <DevicePickers media={media} onProblem={onProblem} onSpeaker={onSpeaker} />
      <button type="button" className="primary" onClick={() => dialog.current?.close()}>
        Done
      </button>
    </dialog>
  );
}
