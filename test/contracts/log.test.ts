/** What servers say on stderr, for people and for programs. */
import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel, type LogOptions } from '../../src/cli/log.ts';

const NOW = new Date('2026-11-30T08:00:00.000Z');

function logged(options: LogOptions, message = 'leads term 2'): string {
  let text = '';
  const write = (some: string) => {
    text += some;
  };
  const log = createLog(options, write, () => NOW);
  const line = { event: 'leads', message, fields: { term: 2 } };
  for (const level of ['error', 'warn', 'info', 'debug'] as const) {
    log({ ...line, level, server: level === 'error' ? null : 'a' });
  }
  return text;
}

describe('a log', () => {
  it.each<[LogLevel, number]>([
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
  ])('of level %s has that level and what is worse', (logLevel, lines) => {
    expect(logged({ logLevel, logFormat: 'text', explain: false }).match(/\n/g)).toHaveLength(
      lines,
    );
    expect(logged({ logLevel, logFormat: 'json', explain: false }).match(/\n/g)).toHaveLength(
      lines,
    );
  });

  it('for people has who, and one line, whatever is in a message', () => {
    expect(
      logged({ logLevel: 'warn', logFormat: 'text', explain: false }, 'one\ntwo\u001b[2J'),
    ).toBe('statecraft: one two\\x1b[2J\nserver a: one two\\x1b[2J\n');
  });

  it('for programs has an object a line, whatever is in a message', () => {
    const text = logged({ logLevel: 'warn', logFormat: 'json', explain: false }, 'one\ntwo\u2028');
    const [first = '', second = '', end] = text.split('\n');
    expect(end).toBe('');
    expect(text).not.toContain('\u2028');
    expect(JSON.parse(first)).toMatchObject({ level: 'error', server: null });
    expect(JSON.parse(second)).toEqual({
      time: '2026-11-30T08:00:00.000Z',
      level: 'warn',
      server: 'a',
      event: 'leads',
      message: 'one\ntwo\u2028',
      fields: { term: 2 },
    });
  });
});
