/** The lines of the feed, newest first; of what repeats itself there is one line, with a count. */
import { citationOf, importanceOf, sentenceOf } from '../feed/sentences.ts';
import { actionSentence } from './action.ts';
import type { Frame } from './frame.ts';
import type { Recording } from './recording.ts';

export interface Line {
  /** Of the first time, so that it stays the same while there are more. */
  readonly key: string;
  /** The last time. */
  readonly event: number;
  readonly atMs: number;
  readonly text: string;
  readonly citation: string | null;
  readonly look: 'deed' | 'high' | 'normal' | 'low';
  /** How many times, as far as it looks back. */
  readonly times: number;
}

const LINES_MAX = 60;
/** So far back it looks for lines, when little happens that is worth one. */
const EVENTS_MAX = 2_000;
/** So many lines a round of repeats may have: a message to each of eight others, and a few more. */
const ROUND_MAX = 12;

/** Without what matters little, unless all is wanted. */
export function linesThrough(tape: Recording, last: number, isWhole: boolean): readonly Line[] {
  const lines: Line[] = [];
  const first = Math.max(0, last - EVENTS_MAX);
  for (let event = last; event >= first && tape.has(event); event -= 1) {
    for (const line of linesOf(tape.frame(event))) {
      if (line.look === 'low' && !isWhole) continue;
      const at = placeOfRepeat(lines, line);
      const repeat = lines[at];
      if (repeat !== undefined) lines[at] = { ...repeat, key: line.key, times: repeat.times + 1 };
      else if (lines.length === LINES_MAX) return lines;
      else lines.push(line);
    }
  }
  return lines;
}

/** Where the same has been said; -1 when it has not, or something was done in between. */
function placeOfRepeat(lines: readonly Line[], { text, look }: Line): number {
  if (look === 'deed') return -1;
  const end = Math.max(0, lines.length - ROUND_MAX);
  for (let at = lines.length - 1; at >= end; at -= 1) {
    if (lines[at]?.look === 'deed') return -1;
    if (lines[at]?.text === text) return at;
  }
  return -1;
}

const known = new WeakMap<Frame, readonly Line[]>();

/** The latest first, as in the whole list. */
function linesOf(frame: Frame): readonly Line[] {
  const lines = known.get(frame) ?? told(frame);
  known.set(frame, lines);
  return lines;
}

function told({ number: event, atMs, action, facts }: Frame): readonly Line[] {
  const lines = facts.map((fact, at): Line => {
    const text = sentenceOf(fact);
    const citation = citationOf(fact);
    const look = importanceOf(fact);
    return { key: `${event}.${at}`, event, atMs, text, citation, look, times: 1 };
  });
  if (action === null) return lines.reverse();
  const text = actionSentence(action);
  const deed: Line = { key: `${event}`, event, atMs, text, citation: null, look: 'deed', times: 1 };
  return [deed, ...lines].reverse();
}
