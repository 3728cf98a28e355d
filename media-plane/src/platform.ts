const PLATFORMS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
] as const;

export type Platform = (typeof PLATFORMS)[number];

export interface Machine {
  readonly platform: string; // as process.platform
  readonly arch: string; // as process.arch
  readonly glibc: boolean; // of the C library that Node runs on
}

export class UnsupportedPlatform extends Error {
  override readonly name = 'UnsupportedPlatform';

  constructor(machine: string) {
    super(`aqlinks has no media plane for ${machine}. It runs on ${PLATFORMS.join(', ')}.`);
  }
}

/** The package suffix of a machine, as npm names it. */
export function platformOf({ platform, arch, glibc }: Machine): Platform {
  const abi = { linux: glibc ? '-gnu' : '-musl', win32: '-msvc' }[platform] ?? '';
  const name = `${platform}-${arch}${abi}`;
  const found = PLATFORMS.find(each => each === name);
  if (found === undefined) throw new UnsupportedPlatform(name);
  return found;
}

export function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: process.platform === 'linux' && hasGlibc(report()) };
}

function report(): unknown {
  const reporter: Reporter = process.report;
  const { excludeNetwork = false } = reporter;
  reporter.excludeNetwork = true; // else it looks up the name of every peer that is connected
  try {
    return reporter.getReport();
  } finally {
    reporter.excludeNetwork = excludeNetwork;
  }
}

/** Node's own types do not know `excludeNetwork` yet. */
interface Reporter {
  excludeNetwork?: boolean;
  getReport(): unknown;
}

function hasGlibc(report: unknown): boolean {
  if (typeof report !== 'object' || report === null || !('header' in report)) return false;
  const { header } = report;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}
