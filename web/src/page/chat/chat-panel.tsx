import type { ChatMessage } from '@aqlinks/client';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { CloseIcon, SendIcon } from '../parts/icons.tsx';
import '../styles/chat.css';
import { ChatLine } from './chat-line.tsx';

const LONGEST = 4_000; // characters, as the protocol has it

interface ChatPanelProps {
  readonly messages: readonly ChatMessage[];
  readonly canSend: boolean;
  readonly mayWrite: boolean;
  readonly onSend: (text: string) => void;
  readonly onClose: () => void;
}

export function ChatPanel({ messages, canSend, mayWrite, onSend, onClose }: ChatPanelProps) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    input.current?.focus();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new line scrolls into view
  useEffect(() => {
    const lines = list.current;
    if (lines !== null) lines.scrollTop = lines.scrollHeight;
  }, [messages]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '' || !canSend) return;
    onSend(text);
    setText('');
  };

  return (
    <aside className="chat" aria-label="Chat" onKeyDown={event => event.key === 'Escape' && onClose()}>
      <header className="chat-header">
        <h2>Chat</h2>
        <button type="button" className="quiet" aria-label="Close chat" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <ol ref={list} className="chat-messages" data-testid="chat-messages" aria-live="polite">
        {messages.map((message, index) => (
          <ChatLine key={message.key} message={message} before={messages[index - 1]} />
        ))}
        {messages.length === 0 && (
          <li className="chat-empty">Nothing was said yet. Everyone in the call can read what you write.</li>
        )}
      </ol>
      <form className="chat-form" onSubmit={submit}>
        <input
          ref={input}
          data-testid="chat-input"
          aria-label="Message"
          placeholder={placeholder(canSend, mayWrite)}
          disabled={!mayWrite}
          value={text}
          onChange={event => setText(event.target.value)}
          maxLength={LONGEST}
          autoComplete="off"
          enterKeyHint="send"
        />
        <button type="submit" className="chat-send" aria-label="Send" disabled={!canSend || text.trim() === ''}>
          <SendIcon />
        </button>
      </form>
    </aside>
  );
}

function placeholder(canSend: boolean, mayWrite: boolean): string {
  if (!mayWrite) return 'You may only read here';
  return canSend ? 'Write to everyone' : 'Waiting for the connection';
}
