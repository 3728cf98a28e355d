import type { Configuration } from './config/keys.ts';
import type { NativeOptions } from './media/native.ts';

/** The media plane as the settings have it, to be told to clients at these addresses. */
export function planeOptions(configuration: Configuration, addresses: readonly string[]): NativeOptions {
  const { mediaWorkers: workers, mediaPort: port, mediaAnnouncedPort, mediaTcp: tcp, logLevel } = configuration;
  return { workers, port, addresses, ...(mediaAnnouncedPort === 0 ? {} : { announcedPort: mediaAnnouncedPort }), tcp, logLevel };
}
