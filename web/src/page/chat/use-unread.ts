import type { ChatMessage } from '@aqlinks/client';
import { useEffect, useState } from 'react';

/** How many lines of others came since the chat was last open. */
export function useUnread(messages: readonly ChatMessage[], open: boolean): number {
  const [seen, setSeen] = useState(0); // key of the last line that was
  const last = messages.at(-1)?.key ?? 0;
  useEffect(() => {
    if (open) setSeen(last);
  }, [open, last]);
  return open ? 0 : messages.filter(({ key, from }) => key > seen && from !== 'me').length;
}
