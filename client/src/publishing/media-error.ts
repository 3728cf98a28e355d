/** What keeps a camera, a microphone or a screen from us. */
export type MediaErrorCode =
  | 'insecure-context' // no HTTPS: the browser hides the devices
  | 'unsupported' // this browser cannot
  | 'refused' // by the person, the browser's settings or the system
  | 'not-found'
  | 'in-use' // by another program, or broken
  | 'not-permitted' // by our role in the room
  | 'cancelled' // the choice of a screen was closed
  | 'failed';

type Device = 'camera' | 'microphone' | 'screen';

export class MediaError extends Error {
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, device: Device, options?: ErrorOptions) {
    super(SENTENCES[code](device), options);
    this.name = 'MediaError';
    this.code = code;
  }
}

/** For people: what is wrong and what to do. */
const SENTENCES: Record<MediaErrorCode, (device: Device) => string> = {
  'insecure-context': device => `This page was not loaded over HTTPS, so the browser does not give it the ${device}.`,
  unsupported: device =>
    device === 'screen' ? 'This browser cannot share its screen.' : `This browser cannot use the ${device}.`,
  refused: device =>
    device === 'screen'
      ? 'Permission to share the screen was refused. Allow it in the settings of the browser or the system.'
      : `Permission for the ${device} was refused. Allow it in the browser's address bar, then try again.`,
  'not-found': device => `No ${device} was found. Connect one, then try again.`,
  'in-use': device => `The ${device} cannot be used now. Another program may be using it.`,
  'not-permitted': device => `Your role in this room does not let you use the ${device}.`,
  cancelled: () => 'No screen was chosen.',
  failed: device => `The ${device} could not be started.`,
};

/** Names of DOMException that getUserMedia and getDisplayMedia give (W3C Media Capture 10.2, Screen Capture 5.1). */
export function mediaError(cause: unknown, device: Device): MediaError {
  const { name, message } = cause instanceof Error || cause instanceof DOMException ? cause : new Error();
  // Closing the browser's choice of a screen and a refusal by the system have one name; Chromium tells them apart in words.
  if (device === 'screen' && name === 'NotAllowedError' && !/system/i.test(message))
    return new MediaError('cancelled', device, { cause });
  return new MediaError(codeOf(name), device, { cause });
}

function codeOf(name: string): MediaErrorCode {
  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError': // older Safari
      return 'refused';
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return 'not-found';
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return 'in-use';
    case 'TypeError':
    case 'NotSupportedError':
      return 'unsupported';
    default:
      return 'failed';
  }
}
