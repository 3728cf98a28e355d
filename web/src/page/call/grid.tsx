import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { bestLayout } from './layout.ts';

const GAP = 10; // pixels, as `--gap` of call.css
const SMALLEST = 150; // pixels: narrower tiles scroll instead

/** Fills its place with equal tiles, as large as they can be. */
export function Grid({ count, children }: { readonly count: number; readonly children: ReactNode }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const grid = element.current;
    if (grid === null) return;
    const arrange = () => {
      const { clientWidth: width, clientHeight: height } = grid;
      const layout = bestLayout(count, { width, height }, GAP);
      grid.style.setProperty('--tile-width', `${Math.max(layout.width, Math.min(SMALLEST, width))}px`);
    };
    arrange();
    const observer = new ResizeObserver(arrange);
    observer.observe(grid);
    return () => observer.disconnect();
  }, [count]);
  return (
    <div ref={element} className="grid">
      {children}
    </div>
  );
}
