/** Lists that stay at their end while the page is live, and at the chosen moment otherwise. */
import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useSize } from '../../pages/size.ts';

interface Followed {
  readonly isLive: boolean;
  /** Somebody has scrolled back to read. */
  readonly onLeave: () => void;
  /** What is chosen, and where it is; null while nothing is. */
  readonly chosen: { readonly key: string; readonly top: number; readonly height: number } | null;
}

/** So far back, and it was no accident. */
const LEAVING_PX = 8;

/**
 * Returns what of the list is in sight, and what to call when it scrolls. `top` is not kept up in the
 * present: there it is the end.
 */
export function useFollow(
  frame: RefObject<HTMLElement | null>,
  { isLive, onLeave, chosen }: Followed,
) {
  const size = useSize(frame, { height: 400, width: 640 });
  const top = useSignal(0);
  const put = useRef({ top: 0, key: '' });
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    if (isLive) element.scrollTop = element.scrollHeight;
    else if (chosen !== null && chosen.key !== put.current.key) reveal(element, chosen);
    put.current = { top: element.scrollTop, key: isLive ? '' : (chosen?.key ?? '') };
    if (!isLive) top.value = element.scrollTop;
  });
  const onScroll = () => {
    const scrolled = frame.current?.scrollTop ?? 0;
    if (!isLive) top.value = scrolled;
    else if (scrolled < put.current.top - LEAVING_PX) onLeave();
  };
  return { ...size.value, top: top.value, onScroll };
}

function reveal(element: HTMLElement, { top, height }: { top: number; height: number }): void {
  const { scrollTop, clientHeight } = element;
  const isInSight = top >= scrollTop && top + height <= scrollTop + clientHeight;
  if (!isInSight) element.scrollTop = top - (clientHeight - height) / 2;
}
