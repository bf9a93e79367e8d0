/** Lists that stay at their end while the page is live, and at the chosen moment otherwise. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Followed {
  readonly isLive: boolean;
  /** Somebody has scrolled back to read. */
  readonly onLeave: () => void;
  /** What is chosen, and where it is; null while nothing is. */
  readonly chosen: { readonly key: string; readonly top: number; readonly height: number } | null;
}

/** So far back, and it was no accident. */
const LEAVING_PX = 8;

interface Sight {
  /** Not kept up in the present: there it is the end. */
  readonly top: number;
  readonly height: number;
  readonly width: number;
}

/** Returns what of the list is in sight, and what to call when it scrolls. */
export function useFollow(
  frame: RefObject<HTMLElement | null>,
  { isLive, onLeave, chosen }: Followed,
) {
  const [sight, setSight] = useState<Sight>({ top: 0, height: 400, width: 640 });
  const put = useRef({ top: 0, key: '' });

  const look = () => {
    const element = frame.current;
    if (element === null) return;
    const { scrollTop: top, clientHeight: height, clientWidth: width } = element;
    setSight((before) =>
      before.top === top && before.height === height && before.width === width
        ? before
        : { top, height, width },
    );
  };

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    if (isLive) element.scrollTop = element.scrollHeight;
    else if (chosen !== null && chosen.key !== put.current.key) reveal(element, chosen);
    put.current = { top: element.scrollTop, key: isLive ? '' : (chosen?.key ?? '') };
    if (!isLive) look();
  });

  useLayoutEffect(() => {
    if (frame.current === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const top = frame.current?.scrollTop ?? 0;
    if (!isLive) look();
    else if (top < put.current.top - LEAVING_PX) onLeave();
  };
  return { sight, onScroll };
}

function reveal(element: HTMLElement, { top, height }: { top: number; height: number }): void {
  const { scrollTop, clientHeight } = element;
  const isInSight = top >= scrollTop && top + height <= scrollTop + clientHeight;
  if (!isInSight) element.scrollTop = top - (clientHeight - height) / 2;
}
