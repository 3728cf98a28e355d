import { createRequire } from 'node:module';
import type { Addon } from './addon.ts';
import { platformOf, thisMachine } from './platform.ts';

/** The addon: the one built here where there is one, else the prebuilt package of this platform. */
export function loadAddon(machine = thisMachine(), load: (path: string) => Addon = createRequire(import.meta.url)): Addon {
  const platform = platformOf(machine);
  const prebuilt = `@aqlinks/media-plane-${platform}`;
  for (const path of [`../dist/aqlinks.${platform}.node`, prebuilt]) {
    try {
      return load(path);
    } catch (error) {
      if (isMissing(error, path)) continue;
      throw new Error(`The media plane in ${path} cannot be loaded: ${message(error)}`, { cause: error });
    }
  }
  throw new Error(
    `The media plane for ${platform} is not installed. In a clone of aqlinks: npm run build. ` +
      `Else install the package ${prebuilt}; npm leaves it out with --omit=optional.`,
  );
}

/** Not that something which it needs is missing. */
function isMissing(error: unknown, path: string): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND' && error.message.includes(path);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
