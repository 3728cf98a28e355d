import { type DeviceChoices, listDevices, onDevicesChange } from '@aqlinks/client';
import { useEffect, useState } from 'react';

const NONE: DeviceChoices = { cameras: [], microphones: [], speakers: [] };

/** What there is to choose from. `granted` changes when the person allows devices: only then do they have names. */
export function useDevices(granted: boolean): DeviceChoices {
  const [choices, setChoices] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list depends on the permission, which no value here carries
  useEffect(() => {
    let current = true;
    const refresh = () => {
      listDevices().then(
        choices => current && setChoices(choices),
        () => current && setChoices(NONE),
      );
    };
    refresh();
    const stop = onDevicesChange(refresh);
    return () => {
      current = false;
      stop();
    };
  }, [granted]);
  return choices;
}
