import { strict as assert } from 'node:assert';

/** A section of a fake connection, in the places where a transceiver keeps it. */
export class FakeTransceiver {
  readonly mid: string;
  direction: RTCRtpTransceiverDirection = 'recvonly';
  currentDirection: RTCRtpTransceiverDirection | null = null;
  readonly receiver: { readonly track: MediaStreamTrack };
  readonly sender = {
    track: null as MediaStreamTrack | null,
    replaceTrack: async (track: MediaStreamTrack | null) => {
      this.sender.track = track;
    },
    getParameters: () => ({ encodings: [] }),
  };

  constructor(mid: string) {
    this.mid = mid;
    this.receiver = { track: fakeTrack(`received ${mid}`) };
  }
}

/** What an offer says in these tests: a direction, from the server's side, for each mid. */
export type Sections = Readonly<Record<string, 'recvonly' | 'sendonly' | 'inactive'>>;

/** Negotiates directions as JSEP has it (RFC 8829 5.3.1) and moves no media. */
export class FakeConnection extends EventTarget {
  static readonly made: FakeConnection[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  localDescription: { type: 'answer'; sdp: string } | null = null;
  closed = false;
  #transceivers: FakeTransceiver[] = [];
  #offered: Sections = {};

  constructor() {
    super();
    FakeConnection.made.push(this);
  }

  static newest(): FakeConnection {
    const newest = FakeConnection.made.at(-1);
    assert.ok(newest, 'no connection was made');
    return newest;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.#transceivers;
  }

  transceiver(mid: string): FakeTransceiver {
    const found = this.#transceivers.find(transceiver => transceiver.mid === mid);
    assert.ok(found, `no section ${mid}`);
    return found;
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.#offered = JSON.parse(sdp);
    for (const mid of Object.keys(this.#offered)) {
      if (!this.#transceivers.some(transceiver => transceiver.mid === mid)) this.#transceivers.push(new FakeTransceiver(mid));
    }
  }

  async createAnswer(): Promise<{ type: 'answer'; sdp: string }> {
    const answered = this.#transceivers.map(({ mid, direction }) => [mid, agreed(this.#offered[mid] ?? 'inactive', direction)]);
    return { type: 'answer', sdp: JSON.stringify(Object.fromEntries(answered)) };
  }

  async setLocalDescription(answer: { type: 'answer'; sdp: string }): Promise<void> {
    this.localDescription = answer;
    for (const [mid, direction] of Object.entries(JSON.parse(answer.sdp))) {
      this.transceiver(mid).currentDirection = direction as RTCRtpTransceiverDirection;
    }
  }

  async addIceCandidate(): Promise<void> {}

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  iceBecomes(state: RTCIceConnectionState): void {
    this.iceConnectionState = state;
    this.dispatchEvent(new Event('iceconnectionstatechange'));
  }

  close(): void {
    this.closed = true;
  }
}

function agreed(offered: Sections[string], wanted: RTCRtpTransceiverDirection): RTCRtpTransceiverDirection {
  if (offered === 'recvonly') return wanted === 'sendonly' || wanted === 'sendrecv' ? 'sendonly' : 'inactive';
  if (offered === 'sendonly') return wanted === 'recvonly' || wanted === 'sendrecv' ? 'recvonly' : 'inactive';
  return 'inactive';
}

/** `data` of an `offer`. */
export const offer = (sections: Sections) => JSON.stringify({ type: 'offer', sdp: JSON.stringify(sections) });

/** A track that remembers whether it was stopped. */
export function fakeTrack(id: string, kind: 'audio' | 'video' = 'video'): MediaStreamTrack & { stopped: boolean } {
  const track = {
    id,
    kind,
    enabled: true,
    stopped: false,
    onended: null,
    contentHint: '',
    stop: () => {
      track.stopped = true;
    },
    getSettings: () => ({ deviceId: id }),
  };
  return track as unknown as MediaStreamTrack & { stopped: boolean };
}
