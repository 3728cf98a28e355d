import { DEFAULT_ROLES, RIGHT_TO_PUBLISH, type Right, type ServerMessage, type Source, type Waiting } from '@aqlinks/protocol';
import { Emitter } from '../emitter.ts';

/** Our rights, as they are or as they will be in a moment. */
export interface Rights {
  readonly role: string;
  readonly rights: readonly Right[];
  /** It is about to be done: what may not be published any more ends. The same follows with `false`. */
  readonly changing: boolean;
}

interface StandingEvents {
  changed: undefined;
  rights: Rights;
}

type StandingMessage = Extract<ServerMessage, { event: 'welcome' | 'rights' | 'room-changed' | 'lobby-joined' | 'lobby-left' }>;

/** What we may, and what is true of the room for everybody in it. */
export class Standing extends Emitter<StandingEvents> {
  #rights: readonly Right[] = DEFAULT_ROLES.guest; // until told, and where an older server never tells
  #locked = false;
  #lobby = false;
  #waiting: readonly Waiting[] = [];

  get rights(): readonly Right[] {
    return this.#rights;
  }

  get locked(): boolean {
    return this.#locked;
  }

  get lobby(): boolean {
    return this.#lobby;
  }

  /** Those in the lobby, for those who may let them in. */
  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  may(right: Right): boolean {
    return this.#rights.includes(right);
  }

  mayPublish(source: Source): boolean {
    return this.may(RIGHT_TO_PUBLISH[source]);
  }

  handleMessage(message: StandingMessage): void {
    switch (message.event) {
      case 'welcome': {
        const { rights = DEFAULT_ROLES.guest, locked = false, lobby = false, waiting = [] } = message.data;
        this.#rights = rights;
        this.#locked = locked;
        this.#lobby = lobby;
        this.#waiting = waiting;
        break;
      }
      case 'rights':
        this.#rights = message.data.rights;
        this.emit('rights', message.data);
        break;
      case 'room-changed':
        this.#locked = message.data.locked;
        this.#lobby = message.data.lobby;
        break;
      case 'lobby-joined':
        this.#waiting = [...this.#without(message.data.participant.id), message.data.participant];
        break;
      case 'lobby-left':
        this.#waiting = this.#without(message.data.participant);
        break;
    }
    this.emit('changed', undefined);
  }

  #without(participant: string): Waiting[] {
    return this.#waiting.filter(({ id }) => id !== participant);
  }
}
