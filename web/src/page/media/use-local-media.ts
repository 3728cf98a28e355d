import type { LocalMedia, LocalSources } from '@aqlinks/client';
import { useCallback, useSyncExternalStore } from 'react';

export function useLocalMedia(media: LocalMedia): LocalSources {
  const subscribe = useCallback((changed: () => void) => media.on('changed', changed), [media]);
  return useSyncExternalStore(subscribe, () => media.sources);
}
