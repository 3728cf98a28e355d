import { MediaError, mediaError } from './media-error.ts';

/** Exactly what browsers call `navigator.mediaDevices`, as far as it is needed here. */
export type Devices = Pick<MediaDevices, 'getUserMedia'> & Partial<Pick<MediaDevices, 'getDisplayMedia'>>;

const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};
const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** The camera or microphone of that id; one that is gone is replaced by the browser's choice. */
export async function captureDevice(source: 'camera' | 'microphone', deviceId?: string): Promise<MediaStreamTrack> {
  const devices = available(source);
  const wanted = source === 'camera' ? CAMERA : MICROPHONE;
  const ask = (constraints: MediaTrackConstraints) =>
    devices.getUserMedia(source === 'camera' ? { video: constraints } : { audio: constraints });
  try {
    return first(await (deviceId === undefined ? ask(wanted) : exactly(deviceId, wanted, ask)));
  } catch (error) {
    throw mediaError(error, source);
  }
}

/** Both at once, so that the person is asked once. What is missing of the two is an error in its place. */
export async function captureBoth(ids: {
  readonly camera?: string | undefined;
  readonly microphone?: string | undefined;
}): Promise<{
  readonly camera: MediaStreamTrack | MediaError;
  readonly microphone: MediaStreamTrack | MediaError;
}> {
  const ideal = (wanted: MediaTrackConstraints, deviceId: string | undefined) =>
    deviceId === undefined ? wanted : { ...wanted, deviceId: { ideal: deviceId } };
  try {
    const constraints = { video: ideal(CAMERA, ids.camera), audio: ideal(MICROPHONE, ids.microphone) };
    const stream = await available('camera').getUserMedia(constraints);
    return { camera: first(stream, 'video'), microphone: first(stream, 'audio') };
  } catch (error) {
    const refused = (device: 'camera' | 'microphone') => (error instanceof MediaError ? error : mediaError(error, device));
    if (refused('camera').code === 'refused') return { camera: refused('camera'), microphone: refused('microphone') };
  }
  const alone = (device: 'camera' | 'microphone') => captureDevice(device, ids[device]).catch((error: MediaError) => error);
  return { camera: await alone('camera'), microphone: await alone('microphone') };
}

/** What the person chooses in the browser's own dialog; its sound only where the browser offers it. */
export async function captureScreen(audio: boolean): Promise<{ video: MediaStreamTrack; audio: MediaStreamTrack | undefined }> {
  const { getDisplayMedia } = available('screen');
  if (getDisplayMedia === undefined) throw new MediaError('unsupported', 'screen');
  try {
    const stream = await getDisplayMedia.call(navigator.mediaDevices, { video: { frameRate: { ideal: 15, max: 30 } }, audio });
    const video = first(stream, 'video');
    video.contentHint = 'detail'; // text must stay readable; frames may be dropped for it
    return { video, audio: stream.getAudioTracks()[0] };
  } catch (error) {
    throw mediaError(error, 'screen');
  }
}

/** Phones cannot. */
export function canShareScreen(): boolean {
  return typeof globalThis.navigator?.mediaDevices?.getDisplayMedia === 'function';
}

async function exactly(
  deviceId: string,
  wanted: MediaTrackConstraints,
  ask: (constraints: MediaTrackConstraints) => Promise<MediaStream>,
): Promise<MediaStream> {
  try {
    return await ask({ ...wanted, deviceId: { exact: deviceId } });
  } catch (error) {
    const gone = error instanceof Error && (error.name === 'OverconstrainedError' || error.name === 'NotFoundError');
    if (!gone) throw error;
    return ask(wanted);
  }
}

function available(device: 'camera' | 'microphone' | 'screen'): Devices {
  const devices: Devices | undefined = globalThis.navigator?.mediaDevices;
  if (devices !== undefined) return devices;
  throw new MediaError(globalThis.isSecureContext === false ? 'insecure-context' : 'unsupported', device);
}

function first(stream: MediaStream, kind?: 'video' | 'audio'): MediaStreamTrack {
  const track = stream.getTracks().find(each => kind === undefined || each.kind === kind);
  if (track === undefined) throw new TypeError('a stream without the track that was asked for');
  return track;
}
