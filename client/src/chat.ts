import type { ServerMessage } from '@aqlinks/protocol';
import { Emitter } from './emitter.ts';

/** One line of the chat. */
export interface ChatMessage {
  readonly key: number; // of this page, rising
  readonly from: 'me' | { readonly participant: string | undefined; readonly name: string };
  readonly text: string;
  readonly at: Date; // when it was said or came here
}

interface ChatEvents {
  changed: undefined;
  chat: ChatMessage;
}

const KEPT = 500; // lines; the oldest go first

/** What was said since the call began. The server does not send our own lines back (SPEC P20), so they are added here. */
export class Chat extends Emitter<ChatEvents> {
  #messages: readonly ChatMessage[] = [];
  #next = 1;

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  handleMessage({ from = '', message, participant }: Extract<ServerMessage, { event: 'chat' }>): void {
    this.emit('chat', this.#add({ participant, name: from }, message));
  }

  handleSent(text: string): void {
    this.#add('me', text);
  }

  #add(from: ChatMessage['from'], text: string): ChatMessage {
    const message = { key: this.#next++, from, text, at: new Date() };
    this.#messages = [...this.#messages.slice(1 - KEPT), message];
    this.emit('changed', undefined);
    return message;
  }
}
