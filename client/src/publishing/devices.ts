/** Something to choose from. Labels are empty until the person allowed one of its kind. */
export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

export interface DeviceChoices {
  readonly cameras: readonly DeviceChoice[];
  readonly microphones: readonly DeviceChoice[];
  /** Empty where the browser does not let pages choose. */
  readonly speakers: readonly DeviceChoice[];
}

export async function listDevices(): Promise<DeviceChoices> {
  const devices = (await globalThis.navigator?.mediaDevices?.enumerateDevices()) ?? [];
  const of = (kind: MediaDeviceKind) =>
    devices
      .filter(device => device.kind === kind && device.deviceId !== '')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  const choosesSpeakers = 'HTMLMediaElement' in globalThis && 'setSinkId' in HTMLMediaElement.prototype;
  return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: choosesSpeakers ? of('audiooutput') : [] };
}

/** Calls back when something is plugged in or out. Returns the function that ends it. */
export function onDevicesChange(listener: () => void): () => void {
  const devices: MediaDevices | undefined = globalThis.navigator?.mediaDevices;
  devices?.addEventListener('devicechange', listener);
  return () => devices?.removeEventListener('devicechange', listener);
}
