/** The feed's lines: what matters stays in sight, whatever repeats itself. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/playground/action.ts';
import { actionSentence } from '../../src/playground/action.ts';
import { type Line, linesThrough } from '../../src/playground/feed-lines.ts';
import type { Recording } from '../../src/playground/recording.ts';
import { openRecording } from '../../src/playground/scenarios/index.ts';

const lineOf = (lines: readonly Line[], text: string) => lines.filter((line) => line.text === text);

/** Five servers, and the leader that everybody follows. */
async function led(): Promise<{ tape: Recording; leader: string; follower: string }> {
  const tape = await openRecording({ seed: 7, servers: 5, scenario: null, actions: [] });
  while (tape.last.servers.some(({ appliedIndex }) => appliedIndex < 1)) await tape.advance();
  const { servers } = tape.last;
  const leader = servers.find(({ role }) => role === 'leader')!.id;
  return { tape, leader, follower: servers.find(({ id }) => id !== leader)!.id };
}

async function act(tape: Recording, action: Action): Promise<void> {
  expect(await tape.act(tape.length, action)).not.toHaveProperty('problem');
}

describe('while a server is down', () => {
  it('its heartbeats do not drown the rest, and are one line of all details', async () => {
    const { tape, leader, follower } = await led();
    await act(tape, { type: 'crash', server: follower });
    const from = tape.length;
    await tape.advanceTo(from + 400);
    const lost = `${leader}'s AppendEntries to ${follower} found nobody there`;
    const times = Array.from({ length: 400 }, (_, at) => tape.frame(from + 1 + at))
      .flatMap(({ facts }) => facts)
      .filter(({ kind, server }) => kind === 'lostMessage' && server === leader).length;
    expect(times).toBeGreaterThan(10);

    const few = linesThrough(tape, tape.length, false);
    expect(lineOf(few, lost)).toEqual([]);
    expect(lineOf(few, `${follower}: power cut`)).toHaveLength(1);
    const all = linesThrough(tape, tape.length, true);
    expect(lineOf(all, lost).map((line) => line.times)).toEqual([times]);
    expect(lineOf(all, `${follower}: power cut`)).toHaveLength(1);
  });
});

describe('what is said again and again', () => {
  it('is one line with a count, of the last time and with the key of the first', async () => {
    const { tape, follower } = await led();
    const others = tape.last.servers.map(({ id }) => id).filter((id) => id !== follower);
    await act(tape, { type: 'partition', groups: [others, [follower]] });
    const from = tape.length;
    const lost = `${follower}'s PreVote to ${others[0]} was lost: the link is cut`;
    const events = () =>
      Array.from({ length: tape.length - from }, (_, at) => tape.frame(from + 1 + at))
        .filter(({ facts }) =>
          facts.some((each) => {
            return each.kind === 'lostMessage' && each.server === follower && each.to === others[0];
          }),
        )
        .map(({ number }) => number);
    while (events().length < 4) await tape.advance();
    const [line, ...more] = lineOf(linesThrough(tape, tape.length, false), lost);
    expect(more).toEqual([]);
    expect(line).toMatchObject({ times: 4, event: events().at(-1) });
    const before = lineOf(linesThrough(tape, tape.length - 1, false), lost)[0];
    expect(before).toMatchObject({ times: 3, key: line!.key });
    expect(Number.parseInt(line!.key, 10)).toBe(events()[0]);
  });

  it('is told anew after something was done', async () => {
    const { tape, follower } = await led();
    for (const type of ['pause', 'resume', 'pause'] as const) {
      await act(tape, { type, server: follower });
    }
    const paused = `${follower} is paused: it does nothing while time goes on`;
    const lines = linesThrough(tape, tape.length, false);
    expect(lineOf(lines, paused).map(({ times }) => times)).toEqual([1, 1]);
    expect(lineOf(lines, `${follower}: paused`)).toHaveLength(2);
  });
});

describe('a deed', () => {
  it.each<[Action, string]>([
    [{ type: 'put', server: 'c', key: 'x', value: '1' }, 'a client at c: put x = 1'],
    [{ type: 'append', server: 'c', key: 'x', value: '1' }, 'a client at c: append 1 to x'],
    [{ type: 'get', server: 'c', key: 'x' }, 'a client at c: get x'],
    [{ type: 'crash', server: 'd' }, 'd: power cut'],
    [{ type: 'timeOut', server: 'g' }, 'g: timer made to expire'],
    [{ type: 'drop', flight: 84 }, 'message 84: dropped'],
    [{ type: 'cut', from: 'a', to: 'd' }, 'link a→d: cut'],
    [{ type: 'restore', from: 'a', to: 'd' }, 'link a→d: restored'],
    [{ type: 'partition', groups: [['a', 'b'], ['c']] }, 'network: split into a b | c'],
    [{ type: 'heal' }, 'network: all links restored'],
  ])('is told of whom it is done to, whoever did it: %#', (action, words) => {
    expect(actionSentence(action)).toBe(words);
  });
});
