import { type IncomingMessage, request } from 'node:http';

export interface RefusalSeen {
  readonly status: number;
  readonly body: { readonly error: string; readonly message: string };
}

/** What an upgrade of this address is answered with; rejects where it succeeds. */
export async function refusalOf(url: string, { headers = {} }: { headers?: Record<string, string> } = {}): Promise<RefusalSeen> {
  const handshake = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url.replace(/^ws/, 'http'), { headers: handshake });
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('The upgrade was not refused.'));
    });
    sent.on('response', resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, body: JSON.parse(text) };
}
