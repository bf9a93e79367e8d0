/**
 * What Mermaid 11 was seen to lay out of parallel states, and what it fails on. These rules were
 * found with it in a browser, on more than a thousand machines made up at random.
 */
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { mermaid } from '../../src/diagram/index.ts';
import { colliding } from './colliding-machines.ts';
import { odd } from './odd-machines.ts';
import { parallel } from './parallel-machines.ts';

/** A box of the text: what is declared in it, and what is drawn, part by part between `--`. */
interface Box {
  readonly name: string;
  readonly parts: Part[];
}
interface Part {
  readonly boxes: Box[];
  /** The names at the ends of arrows and beside notes. */
  readonly ends: string[];
}

function boxesOf(text: string): Box {
  const whole: Box = { name: '', parts: [{ boxes: [], ends: [] }] };
  const open = [whole];
  for (const line of text.split('\n').map((each) => each.trim())) {
    const part = open.at(-1)!.parts.at(-1)!;
    const [, name] = /^state ".*" as (\w+)/.exec(line) ?? [];
    if (name !== undefined) part.boxes.push({ name, parts: [{ boxes: [], ends: [] }] });
    if (line.endsWith('{')) open.push(part.boxes.at(-1)!);
    if (line === '}') open.pop();
    if (line === '--') open.at(-1)!.parts.push({ boxes: [], ends: [] });
    const ends = /^(\S+) --> (\S+)/.exec(line) ?? /^note right of (\S+)/.exec(line) ?? [];
    part.ends.push(...ends.slice(1).filter((end) => end !== '[*]'));
  }
  return whole;
}

function within(box: Box): readonly Box[] {
  return [box, ...box.parts.flatMap(({ boxes }) => boxes.flatMap(within))];
}

function isComposite({ parts }: Box): boolean {
  return parts.some(({ boxes }) => boxes.length > 0);
}

const isDivided = ({ parts }: Box) => parts.length > 1;
const texts = Object.entries({ ...machines, ...odd, ...parallel, ...colliding });

describe.each(texts)('the Mermaid text of %s', (_name, machine) => {
  const text = mermaid(machine);
  const whole = boxesOf(text);
  const divided = within(whole).filter(isDivided);

  it('has what is beside a region before the line that ends it, and no arrow across one', () => {
    for (const { parts } of divided) {
      for (const { boxes, ends } of parts) {
        expect(boxes.map(({ name }) => name)).toEqual(expect.arrayContaining(ends));
      }
    }
  });

  it('has no arrow at a composite state in a region with another one after it', () => {
    for (const { parts } of divided) {
      for (const { boxes } of parts.slice(0, -1)) {
        const inner = boxes.flatMap((region) => within(region));
        const composite = inner.filter(isComposite).map(({ name }) => name);
        const arrows = [...text.matchAll(/^ *(\S+) --> (\S+)/gm)].flatMap(([, ...ends]) => ends);
        expect(composite.filter((name) => arrows.includes(name))).toEqual([]);
      }
    }
  });

  it('divides no state inside another one', () => {
    const [{ boxes } = { boxes: [] }] = whole.parts;
    for (const box of divided) expect(boxes).toContain(box);
  });

  it('gives no state a name that Mermaid does not draw', () => {
    for (const { name } of within(whole)) expect(['root', '__proto__']).not.toContain(name);
  });
});

describe('a parallel state', () => {
  const said = (machine: keyof typeof parallel) => mermaid(parallel[machine]);

  it('is divided by lines where that can be laid out', () => {
    for (const name of ['noted', 'whole', 'last'] as const) {
      expect(said(name)).toMatch(/^ +--$/m);
      expect(said(name)).not.toContain('(parallel)');
    }
  });

  it('says that it is one where it cannot', () => {
    for (const name of ['first', 'leaving', 'outermost'] as const) {
      expect(said(name)).not.toMatch(/^ +--$/m);
    }
    expect(said('first')).toContain('state "f (parallel)" as first_f {');
    expect(said('outermost')).toContain('state "outermost (parallel)" as outermost_ {');
    expect(said('nested')).toContain('state "a (parallel)" as nested_f_a {');
    expect(said('deep')).toContain('state "busy (parallel)" as deep_on_busy {');
  });

  it('keeps every note and every arrow', () => {
    expect(said('noted').match(/entry \/ hello|exit \/ bye/g)).toHaveLength(2);
    expect(said('first')).toContain('first_f_a_x --> first_f_a_c : T');
    expect(said('leaving')).toContain('leaving_f_a_c --> leaving_f_a_d : BACK');
  });
});
