/** Draws again only when what it depends on has changed: most of a frame is as it was before. */
import type { ComponentChild } from 'preact';
import { useMemo } from 'preact/hooks';

export function Still({
  on,
  draw,
}: {
  /** As many, in the same order, each time. */
  readonly on: readonly unknown[];
  readonly draw: () => ComponentChild;
}) {
  return <>{useMemo(draw, [...on])}</>;
}
