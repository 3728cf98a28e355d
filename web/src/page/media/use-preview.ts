import { type Device, type LocalMedia, MediaError } from '@aqlinks/client';
import { useCallback, useEffect, useState } from 'react';
import { recall } from '../join/remembered.ts';

/** Why a device is not there, by device. */
export type Problems = { readonly [Each in Device]?: MediaError };

/** Starts camera and microphone when the page is opened, so that people see themselves before others do. */
export function usePreview(media: LocalMedia) {
  const [problems, setProblems] = useState<Problems>({});

  useEffect(() => {
    let current = true;
    const { camera, microphone } = recall();
    if (camera !== undefined) media.prefer('camera', camera);
    if (microphone !== undefined) media.prefer('microphone', microphone);
    void media.startBoth().then(problems => current && setProblems(problems));
    return () => {
      current = false;
    };
  }, [media]);

  const toggle = useToggle(media, (device, problem) =>
    setProblems(({ [device]: _, ...rest }) => (problem === undefined ? rest : { ...rest, [device]: problem })),
  );
  return { problems, toggle };
}

/** Turns a device on or off, whatever it is now; says what went wrong, or that nothing did. */
export function useToggle(media: LocalMedia, onResult: (device: Device, problem: MediaError | undefined) => void) {
  return useCallback(
    async (device: Device) => {
      try {
        const { state } = media.sources[device];
        if (state === 'on' || state === 'starting') media.mute(device);
        else if (state === 'muted') await media.unmute(device);
        else await media.start(device);
        onResult(device, undefined);
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        onResult(device, error);
      }
    },
    [media, onResult],
  );
}
