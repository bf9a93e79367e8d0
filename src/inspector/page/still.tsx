/** A part of the page that is drawn anew only when something it shows has changed. */
import type { ComponentChild } from 'preact';
import { useMemo } from 'preact/hooks';

interface StillProps {
  /** What the part depends on; always as many. */
  readonly until: readonly unknown[];
  readonly children: () => ComponentChild;
}

export function Still({ until, children }: StillProps) {
  return <>{useMemo(children, [...until])}</>;
}
