import type { Call, CallSnapshot } from '@aqlinks/client';
import { useSyncExternalStore } from 'react';

export function useCall(call: Call): CallSnapshot {
  return useSyncExternalStore(call.subscribe, call.getSnapshot);
}
