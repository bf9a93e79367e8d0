/** A part of the page that is drawn again when it is its turn, and otherwise stays as it is. */
import type { ComponentChild } from 'preact';
import { useRef } from 'preact/hooks';
import type { Part, Stage } from './stage.ts';

export function InTurn({
  stage,
  part,
  on,
  draw,
}: {
  readonly stage: Stage;
  readonly part: Part;
  /** What cannot wait: as many, in the same order, each time. */
  readonly on: readonly unknown[];
  readonly draw: () => ComponentChild;
}) {
  const kept = useRef<{ on: readonly unknown[]; drawn: ComponentChild } | null>(null);
  const isSame = kept.current?.on.every((each, at) => each === on[at]) ?? false;
  if (kept.current === null || !isSame || stage.isTurnOf(part)) {
    kept.current = { on, drawn: draw() };
  }
  return <>{kept.current.drawn}</>;
}
