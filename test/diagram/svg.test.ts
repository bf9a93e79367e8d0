/** SVG files: whole, safe with any name, and good for readers who do not see them. */
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { layOut, svg } from '../../src/diagram/index.ts';
import { odd } from './odd-machines.ts';

/** The names of all elements; throws where tags do not match or a sign is not allowed. */
function elementsOf(xml: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const tag =
    /<(\/?)([a-zA-Z]+)((?:\s+[\w-]+="[^"<&]*(?:&(?:amp|lt|gt|quot);[^"<&]*)*")*)\s*(\/?)>/y;
  const text = /(?:[^<>&]|&(?:amp|lt|gt|quot);)+/y;
  for (let at = 0; at < xml.trimEnd().length; ) {
    tag.lastIndex = at;
    text.lastIndex = at;
    const [whole = '', closing, name = '', , isEmpty] = tag.exec(xml) ?? text.exec(xml) ?? [];
    if (whole === '') throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 60)}`);
    if (closing === '/' && open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    if (name !== '' && closing === '') names.push(name);
    if (name !== '' && closing === '' && isEmpty === '') open.push(name);
    at += whole.length;
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed`);
  return names;
}

describe('an SVG file', () => {
  it('is well-formed, whatever the names in the chart are', async () => {
    const elements = elementsOf((await svg(odd.hostile)).replace(/<style>[^<]*<\/style>/, ''));
    expect(new Set(elements)).toEqual(
      new Set(['svg', 'title', 'desc', 'g', 'rect', 'path', 'circle', 'text', 'tspan']),
    );
  });

  it('would not be called well-formed if it were not', () => {
    expect(() => elementsOf('<a><b></a></b>')).toThrow('closes nothing');
    expect(() => elementsOf('<a>R & D</a>')).toThrow('not well-formed');
    expect(() => elementsOf('<a b="<"/>')).toThrow('not well-formed');
  });

  it('says what it is and which states it has', async () => {
    const picture = await svg(odd.inline);
    expect(picture).toContain('role="img"');
    expect(picture).toContain('<title>Statechart of inline</title>');
    expect(picture).toContain('<desc>States: here, there.</desc>');
  });

  it('bears the ids of states and transitions, each once', async () => {
    const picture = await svg(machines.request);
    const ids = [...picture.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([
        'request.asking.backingOff',
        'request/request.submitted/0',
        'request.asking.backingOff/after.backoff/0',
        'request.asking.backingOff/always/0',
      ]),
    );
  });

  it('fetches nothing, runs nothing, and follows the colours of the reader', async () => {
    const picture = await svg(machines.request);
    expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|url\(|@import|href|<script|\son\w+=/,
    );
    expect(picture).toContain('@media(prefers-color-scheme:dark)');
  });

  it('is the same from a machine and from its laid-out chart', async () => {
    expect(await svg(await layOut(odd.twins))).toBe(await svg(odd.twins));
  });
});
