import type { Source } from '@aqlinks/protocol';
import type { Limits } from '../media/media-plane.ts';

/** How large a video is shown, in pixels of the viewer's screen; 0: not to be seen. */
export interface View {
  readonly width: number;
  readonly height: number;
}

/** A screen is what people came to read: it gets its share before the faces. */
const PRIORITY: Readonly<Record<Source, number>> = { microphone: 3, 'screen-audio': 3, screen: 2, camera: 1 };

/** What a subscription may have at most. Without a view: all that there is. */
export function limitsOf(source: Source, view: View | undefined): Limits {
  const priority = PRIORITY[source];
  if (view === undefined || source === 'microphone' || source === 'screen-audio') return { priority };
  const { width: maxWidth, height: maxHeight } = view;
  return { priority, paused: maxWidth === 0 || maxHeight === 0, maxWidth, maxHeight };
}
