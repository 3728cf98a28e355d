/** What a backend shows to the REST interface and signs tokens with. */
export interface ApiKey {
  readonly id: string;
  readonly secret: string;
}

/** From `id:secret`, as API_KEYS of the server has it. Undefined: it is not of this form. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id = '', secret = ''] = /^([^:\s]+):(\S+)$/.exec(text) ?? [];
  return id === '' ? undefined : { id, secret };
}
