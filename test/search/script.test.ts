/** Plans as texts: what was found can be kept, read and run again. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/simulation/search/settings.ts';
import { draw, parse, print, run } from './subject.ts';

describe('a plan as a text', () => {
  it('is the same plan when it is read again', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const plan = draw(seed);
      expect(parse(print(plan))).toEqual(plan);
    }
  });

  it('knows every kind of step and every setting that is ever drawn', () => {
    const plans = Array.from({ length: 300 }, (_, at) => draw(at + 1));
    const kinds = new Set(
      plans.flatMap(({ steps }) =>
        steps.map((step) => (step.do === 'call' ? step.call.kind : step.do)),
      ),
    );
    expect(kinds.size).toBe(14);
    const names = Object.keys(DEFAULT_SETTINGS) as (keyof typeof DEFAULT_SETTINGS)[];
    const constant = names.filter((name) =>
      plans.every(({ settings }) => settings[name] === plans[0]?.settings[name]),
    );
    expect(constant).toEqual([]);
  });

  it('may hold comments and empty lines', () => {
    const plan = parse('# why\nservers 5\n\n10 crash leader torn 340 # at its next write\n');
    expect(plan).toEqual({
      settings: { ...DEFAULT_SETTINGS, servers: 5 },
      steps: [{ at: 10, do: 'crash', who: 'leader', leaving: 'torn', forMs: 340 }],
    });
  });

  it.each([
    ['10 explode a', 'there is no step explode'],
    ['10 crash a torn', 'crash takes who, leaving, forMs'],
    ['10 crash a burnt 5', 'leaving is one of lost, kept, torn, not burnt'],
    ['10 pause a soon', '"soon" is no number from 0 on'],
    ['colour blue', 'there is no setting colour'],
    ['loss lots', '"lots" is no number'],
    ['asksAnything maybe', 'asksAnything is true or false'],
    ['20 heal\n10 heal', 'stands behind a later step'],
  ])('says what is wrong with "%s"', (text, complaint) => {
    expect(() => parse(text)).toThrow(TypeError);
    expect(() => parse(text)).toThrow(complaint);
  });
});

describe('running a plan', () => {
  it('is a pure function of it: the same trace, whatever ran before', async () => {
    const first = await run(draw(3));
    await run(draw(4));
    expect(await run(parse(print(draw(3))))).toEqual(first);
    expect(first.kind).toBe('report');
    const other = await run(draw(5));
    expect(other.kind === 'report' && other.hash).not.toBe(first.kind === 'report' && first.hash);
  });

  it('needs a majority in the end', async () => {
    const plan = parse('servers 3\ndead a\ncut b\n');
    await expect(run(plan)).rejects.toThrow('a plan leaves a majority of its 3 servers');
  });
});
