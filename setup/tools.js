import { readFileSync } from 'node:fs';
import { inRoot } from './paths.js';
import { outputOf, run } from './run.js';
import { SetupError } from './setup-error.js';

/**
 * Programs of the system that the set-up and the tests need beside Node and npm. This is the one list of them.
 * @typedef {{ what: string, commands: readonly string[], works?: readonly [string, ...string[]], packages: readonly string[] }} SystemTool
 * @type {Readonly<Record<'compiler' | 'chromium' | 'firefox' | 'curl' | 'postgres' | 'coturn' | 'ip' | 'openssl' | 'python', SystemTool>>}
 */
export const SYSTEM_TOOLS = {
  compiler: { what: 'a C compiler (for the cryptography of the media plane)', commands: ['cc'], packages: ['build-essential'] },
  chromium: { what: 'Chromium (for the tests in a browser)', commands: ['chromium', 'chromium-browser'], packages: ['chromium'] },
  firefox: {
    what: 'Firefox (for the tests in a second browser)',
    commands: ['firefox-esr', 'firefox'],
    packages: ['firefox-esr'],
  },
  curl: { what: 'curl (for the commands of the documentation)', commands: ['curl'], packages: ['curl'] },
  ip: { what: 'iproute2 (for the test of a network that changes)', commands: ['ip', '/usr/sbin/ip'], packages: ['iproute2'] },
  coturn: { what: 'coturn (for the test of TURN)', commands: ['turnserver'], packages: ['coturn'] },
  python: {
    what: 'Python with its venv (for the requests that are made up from the OpenAPI document)',
    commands: ['python3'],
    works: ['python3', '-c', 'import ensurepip, venv'], // Debian keeps them apart from Python
    packages: ['python3-venv'],
  },
  openssl: { what: 'OpenSSL (for the certificates of the tests)', commands: ['openssl'], packages: ['openssl'] },
  postgres: {
    what: 'PostgreSQL (for the tests of the store)',
    commands: ['postgres', '/usr/lib/postgresql/*/bin/postgres'], // Debian keeps it out of the PATH
    packages: ['postgresql'],
  },
};

/** @param {string} command */
const isInPath = command => outputOf('sh', ['-c', `command -v ${command}`]) !== undefined;

/** @param {SystemTool} tool */
const isThere = ({ commands, works }) =>
  commands.some(isInPath) && (works === undefined || outputOf(works[0], works.slice(1)) !== undefined);

/**
 * Installs it from Debian's packages where it is missing and we may; else says the command.
 * @param {keyof typeof SYSTEM_TOOLS} name
 */
export async function ensureSystemTool(name) {
  /** @type {SystemTool} */
  const tool = SYSTEM_TOOLS[name];
  const { what, packages } = tool;
  if (process.platform === 'win32' || isThere(tool)) return; // on Windows the build itself says what it lacks
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const mayInstall = isInPath('apt-get') && (asRoot.length === 0 || outputOf('sudo', ['-n', 'true']) !== undefined);
  const byHand = isInPath('apt-get')
    ? `sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`
    : `install ${packages.join(', ')} with the package manager of this system`;
  if (!mayInstall) throw new SetupError(`${what} is missing. Install it with:`, byHand);
  console.error(`aqlinks: installing ${what} from the system's packages (a minute or two)…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [command, ...rest] = [...asRoot, 'apt-get'];
  if (command === undefined) return;
  await run(command, [...rest, 'update', '-q'], { env }); // an old list may still do
  const code = await run(command, [...rest, 'install', '-y', '-q', '--no-install-recommends', ...packages], { env });
  if (code !== 0 || !isThere(tool)) throw new SetupError(`${what} could not be installed. Try:`, byHand);
}

const GET_RUST = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . ~/.cargo/env";

/** Rust as new as Cargo.toml asks for. The one in Debian's packages is too old, so that rustup is the way. */
export function ensureRust() {
  const wanted = /^rust-version = "(.+)"$/m.exec(readFileSync(inRoot('Cargo.toml'), 'utf8'))?.[1] ?? '';
  const found = outputOf('cargo', ['--version'])?.split(' ')[1];
  if (found === undefined)
    throw new SetupError(
      `Rust ${wanted} or newer is needed to build the media plane, and there is no cargo here. Install it with:`,
      GET_RUST,
    );
  if (isOlder(found, wanted))
    throw new SetupError(
      `Rust ${wanted} or newer is needed to build the media plane; this is ${found}. Install it with:`,
      GET_RUST,
    );
}

/** rustfmt and clippy, which a minimal Rust comes without. */
export async function ensureRustLinters() {
  ensureRust();
  if (outputOf('cargo', ['fmt', '--version']) !== undefined && outputOf('cargo', ['clippy', '--version']) !== undefined) return;
  const byHand = 'rustup component add rustfmt clippy';
  if ((await run('rustup', ['component', 'add', 'rustfmt', 'clippy']).catch(() => 1)) !== 0) {
    throw new SetupError('rustfmt and clippy are missing. Install them with:', byHand);
  }
}

/**
 * @param {string} version
 * @param {string} than
 */
export function isOlder(version, than) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}
