/** How large an element is on the page, in whole pixels. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { Size } from './statechart-place.ts';

/** @param first - until it has been measured; while it is not shown it keeps its size */
export function useSize(element: RefObject<Element | null>, first: Size): ReadonlySignal<Size> {
  const size = useSignal(first);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = current;
      if (width > 0 && height > 0) size.value = { width, height };
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return size;
}
