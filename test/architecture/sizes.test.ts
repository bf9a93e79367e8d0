/** Files of a screen or two: who needs more says why here. */
import { describe, expect, it } from 'vitest';
import { read, sources, tests } from './source-files.ts';

const linesMax = { source: 300, test: 400 };

/** Longer, with the reason. */
const approved: Readonly<Record<string, string>> = {
  'src/node/websocket-transport.ts':
    'one class is what all parts of the transport ask, and its verbs are short',
  'test/contracts/service.test.ts': 'every route of the service, a sentence each',
};

function isLong(file: string): boolean {
  const limit = file.startsWith('test/') ? linesMax.test : linesMax.source;
  return read(file).split('\n').length - 1 > limit;
}

describe('sizes', () => {
  it('a file is short enough to be read at once, or says here why not', () => {
    const long = [...sources, ...tests].filter((file) => isLong(file));
    expect(long.filter((file) => approved[file] === undefined)).toEqual([]);
  });

  it('every exception is still needed', () => {
    expect(Object.keys(approved).filter((file) => !isLong(file))).toEqual([]);
  });
});
