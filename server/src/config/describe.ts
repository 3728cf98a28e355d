import { type Configuration, KEYS, type KeyName } from './keys.ts';
import { formatDuration, formatRate } from './values.ts';

export interface SettingDescription {
  readonly name: string; // in the environment
  readonly option: KeyName; // in code
  readonly default: string;
  readonly secret: boolean;
  readonly text: string;
}

/** Every setting with its default and its sentence: what the documentation is made of. The same on every machine. */
export function describeConfiguration(): readonly SettingDescription[] {
  return (Object.keys(KEYS) as KeyName[]).map(option => {
    const key = KEYS[option];
    return {
      name: key.name,
      option,
      default: key.defaultText ?? key.default ?? 'none',
      secret: key.secret === true,
      text: key.text,
    };
  });
}

/** The table of `docs/configuration.md`. */
export function configurationTable(): string {
  const rows = describeConfiguration().map(setting => `| \`${setting.name}\` | ${code(setting)} | ${setting.text} |`);
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

const code = ({ option, default: fallback }: SettingDescription) =>
  KEYS[option].defaultText === undefined ? `\`${fallback}\`` : fallback;

/** The settings as `.env` would have them, secrets masked: for the log and for people. */
export function printableConfiguration(configuration: Configuration): Readonly<Record<string, string>> {
  const printable: Record<string, string> = {};
  for (const option of Object.keys(KEYS) as KeyName[]) {
    const value = configuration[option];
    const isSet = value !== undefined && !(Array.isArray(value) && value.length === 0);
    printable[KEYS[option].name] = KEYS[option].secret ? (isSet ? '********' : '') : print(option, value);
  }
  return printable;
}

const DURATIONS: ReadonlySet<KeyName> = new Set([
  'tokenClockTolerance',
  'tokenExpiryNotice',
  'tokenExpiryGrace',
  'keepalivePing',
  'keepalivePong',
  'writeDeadline',
  'resumeWithin',
  'auditRetention',
  'sessionRetention',
  'webhookRetention',
  'webhookTimeout',
  'webhookRetryFor',
  'turnLifetime',
]);

function print(option: KeyName, value: Configuration[KeyName]): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return DURATIONS.has(option) ? formatDuration(value) : String(value);
  if (typeof value !== 'object') return String(value);
  if ('count' in value) return formatRate(value);
  if ('port' in value) return `${value.host?.includes(':') ? `[${value.host}]` : (value.host ?? '')}:${value.port}`;
  return [...(value as Iterable<unknown>)].join(',');
}
