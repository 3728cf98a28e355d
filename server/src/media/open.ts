import type { Configuration } from '../config/keys.ts';
import { InMemoryMediaPlane } from './in-memory.ts';
import type { MediaPlane } from './media-plane.ts';

export async function openMediaPlane(configuration: Configuration): Promise<MediaPlane> {
  return new InMemoryMediaPlane(configuration.mediaWorkers);
}
