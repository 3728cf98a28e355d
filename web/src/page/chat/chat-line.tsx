import type { ChatMessage } from '@aqlinks/client';

const CLOSE = 120_000; // ms in which lines of one person stand under one name

interface ChatLineProps {
  readonly message: ChatMessage;
  readonly before: ChatMessage | undefined;
}

export function ChatLine({ message, before }: ChatLineProps) {
  const mine = message.from === 'me';
  const goesOn = before !== undefined && speaker(before) === speaker(message) && Number(message.at) - Number(before.at) < CLOSE;
  return (
    <li className={mine ? 'line line-mine' : 'line'}>
      {!goesOn && (
        <p className="line-head">
          <span className="line-name">{mine ? 'You' : name(message)}</span>
          <time dateTime={message.at.toISOString()}>
            {message.at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
          </time>
        </p>
      )}
      <p className="line-text">{message.text}</p>
    </li>
  );
}

const name = ({ from }: ChatMessage) => (from === 'me' ? 'You' : from.name || 'Somebody');
const speaker = ({ from }: ChatMessage) => (from === 'me' ? 'me' : `${from.participant} ${from.name}`);
