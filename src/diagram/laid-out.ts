/**
 * A chart with a place for everything, as plain JSON: what SVG is written from, and what a page draws
 * and lights up. Lengths are in pixels at natural size, from the top left corner.
 */

export interface LaidOutChart {
  /** The id of the outermost state. */
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Every state, outer ones before what is in them. */
  readonly boxes: readonly Box[];
  readonly arrows: readonly LaidOutArrow[];
  /** Where composite states begin. */
  readonly starts: readonly Start[];
}

/** A rectangle by its top left corner, in pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** In pixels from the top left corner of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state with its place. */
export interface Box extends Area {
  /** The state's id. */
  readonly state: string;
  readonly name: string;
  /** A region is a state inside a parallel one: it is active together with its neighbours. */
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'region' | 'final' | 'history';
  /** 0 for the outermost. */
  readonly depth: number;
  /** Where its name is written. */
  readonly title: Point;
  /** Where its head ends: above is what it does itself, below are the states in it. */
  readonly headHeight: number;
  readonly labels: readonly Label[];
}

/** All that leads from one state to another. */
export interface LaidOutArrow {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  readonly transitions: readonly string[];
  readonly labels: readonly Label[];
}

/** A transition in words, or something a state does on entry or exit. */
export interface Label extends Area {
  /** Their ids: one as a rule, several where the same words stand for them, none on entry and exit. */
  readonly transitions: readonly string[];
  /** The state it is declared in. */
  readonly state: string;
  /** The name of the delay that takes it, if one does. */
  readonly delay: string | null;
  readonly rows: readonly Row[];
}

/** A row of text; its point is the left end of the baseline. */
export interface Row extends Point {
  readonly parts: readonly Part[];
}

/** Words that are never broken, and what they are, for their colour. */
export interface Part {
  readonly kind: 'event' | 'guard' | 'else' | 'action' | 'target' | 'word';
  readonly text: string;
}

/** The dot in a composite state, and the arrow from it to where the state begins. */
export interface Start {
  /** The composite state that begins here. */
  readonly state: string;
  readonly dot: Point;
  readonly points: readonly Point[];
}
