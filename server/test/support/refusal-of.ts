import { type IncomingMessage, request } from 'node:http';

export interface RefusalSeen {
  readonly status: number;
  readonly retryAfter?: number; // seconds
  readonly body: { readonly error: string; readonly message: string };
}

export interface RefusalOptions {
  readonly headers?: Record<string, string>;
  readonly localAddress?: string; // of ours, to come from
}

/** What an upgrade of this address is answered with; rejects where it succeeds. */
export async function refusalOf(url: string, options: RefusalOptions = {}): Promise<RefusalSeen> {
  const { headers: own = {}, ...from } = options;
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...own,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url.replace(/^ws/, 'http'), { headers: handshake, ...from });
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('The upgrade was not refused.'));
    });
    sent.on('response', resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of response) text += chunk;
  const { statusCode = 0, headers } = response;
  const retryAfter = headers['retry-after'];
  return { status: statusCode, body: JSON.parse(text), ...(retryAfter !== undefined && { retryAfter: Number(retryAfter) }) };
}
