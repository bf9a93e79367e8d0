import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/playground/action.ts';
import type { Frame, ServerFrame } from '../../src/playground/frame.ts';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { propertiesOf } from '../../src/playground/properties.ts';
import { type Acted, Recording, type RecordingOptions } from '../../src/playground/recording.ts';
import type { Script } from '../../src/playground/script.ts';
import { randomActions } from './random-actions.ts';

const quiet: Script = { seed: 7, servers: 5, scenario: null, actions: [] };

function leaderOf({ servers }: Frame): string | undefined {
  return servers.find(({ role }) => role === 'leader')?.id;
}

function serverIn({ servers }: Frame, id: string): ServerFrame {
  return servers.find((server) => server.id === id)!;
}

/** Everybody has applied the leader's first entry. */
async function led(options?: RecordingOptions) {
  const recording = await Recording.start(quiet, options);
  while (recording.last.servers.some(({ appliedIndex }) => appliedIndex < 1)) {
    await recording.advance();
  }
  const leader = leaderOf(recording.last)!;
  const follower = recording.last.servers.find(({ id }) => id !== leader)!.id;
  return { recording, leader, follower };
}

async function until(recording: Recording, isSo: (frame: Frame) => boolean): Promise<Frame> {
  const end = recording.length + 1_000;
  while (!isSo(recording.last) && recording.length < end) await recording.advance();
  expect(isSo(recording.last)).toBe(true);
  return recording.last;
}

async function act(recording: Recording, action: Action): Promise<Frame> {
  const acted = await recording.act(recording.length, action);
  expect(acted).not.toHaveProperty('problem');
  return (acted as Extract<Acted, { frame: Frame }>).frame;
}

describe('a recording', () => {
  it('begins with followers that wait, and elects a leader by itself (§5.2)', async () => {
    const recording = await Recording.start(quiet);
    const first = recording.frame(0);
    expect(first.servers.map(({ role, condition }) => `${role} ${condition}`)).toEqual(
      Array.from({ length: 5 }, () => 'follower running'),
    );
    expect(first.servers.flatMap(({ timers }) => timers.map(({ delay }) => delay))).toEqual(
      Array.from({ length: 5 }, () => 'electionTimeout'),
    );
    expect(first.facts.map(({ kind, server }) => `${server} ${kind}`).sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((id) => `${id} started`),
    );
    await recording.advanceTo(100);
    expect(recording.length).toBe(100);
    expect(leaderOf(recording.last)).toBeDefined();
    expect(recording.last.servers.every(({ appliedIndex }) => appliedIndex === 1)).toBe(true);
  });

  it('has an event for everything that shows, and none for what does not', async () => {
    const { recording } = await led();
    for (let event = 1; event <= recording.length; event += 1) {
      const before = recording.frame(event - 1);
      const after = recording.frame(event);
      expect(after.atMs).toBeGreaterThanOrEqual(before.atMs);
      const isSeen =
        after.traceHash !== before.traceHash || after.taken.length > 0 || after.landings.length > 0;
      expect(isSeen, `event ${event}`).toBe(true);
    }
  });

  it('shows each message from its sending to its landing', async () => {
    const { recording } = await led();
    const seen = new Map<number, number>();
    for (let event = 0; event <= recording.length; event += 1) {
      const frame = recording.frame(event);
      for (const { number, sentAtMs, dueAtMs } of frame.flights) {
        expect(sentAtMs).toBeLessThanOrEqual(frame.atMs);
        expect(dueAtMs).toBeGreaterThanOrEqual(frame.atMs);
        seen.set(number, dueAtMs);
      }
      for (const { flight, outcome } of frame.landings) {
        expect(outcome).toBe('arrived');
        expect(frame.atMs).toBe(seen.get(flight.number));
      }
    }
    expect([...seen.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: seen.size }, (_, at) => at + 1),
    );
  });

  it('shares with the frame before whatever has not changed', async () => {
    const { recording } = await led();
    for (let event = 1; event <= recording.length; event += 1) {
      const [before, after] = [recording.frame(event - 1), recording.frame(event)];
      const changed = after.servers.filter((server, at) => server !== before.servers[at]);
      for (const server of changed) {
        const old = serverIn(before, server.id);
        expect(server, `event ${event}`).not.toEqual(old);
        if (server.appliedIndex === old.appliedIndex) expect(server.pairs).toBe(old.pairs);
      }
      expect(after.cuts).toBe(before.cuts);
    }
  });

  it('lights the states of every actor, and tells the transitions that led there', async () => {
    const { recording, leader } = await led();
    const server = serverIn(recording.last, leader);
    expect(server.activeStates).toEqual(
      expect.arrayContaining(['server', 'server.leader', 'server.leader.quorum.checking']),
    );
    expect(server.followers.map(({ nextIndex, matchIndex }) => [nextIndex, matchIndex])).toEqual(
      Array.from({ length: 4 }, () => [2, 1]),
    );
    expect(server.followers[0]?.activeStates).toContain('replication.progress.replicate.idle');
    const taken = Array.from({ length: recording.length + 1 }, (_, event) => recording.frame(event))
      .flatMap((frame) => frame.taken)
      .filter((each) => each.server === leader);
    const flat = taken.flatMap(({ actor, transitions }) =>
      transitions.map((id) => `${actor} ${id}`),
    );
    expect(flat).toEqual(
      expect.arrayContaining([
        'server server.follower.waiting/after.electionTimeout/0',
        'server server.candidate.preVote/always/0',
        'server server.candidate.vote/always/0',
      ]),
    );
    expect(taken.some(({ actor }) => actor !== 'server')).toBe(true);
  });
});

describe('a client of the playground', () => {
  it('is answered by the leader, and what it wrote is seen on every server', async () => {
    const { recording, leader, follower } = await led();
    await act(recording, { type: 'put', server: leader, key: 'x', value: '1' });
    expect(recording.last.calls).toMatchObject([{ number: 1, outcome: null }]);
    const isEverywhere = ({ servers }: Frame) => servers.every(({ pairs }) => pairs.length === 1);
    await until(recording, isEverywhere);
    await act(recording, { type: 'append', server: leader, key: 'x', value: '+' });
    await act(recording, { type: 'get', server: leader, key: 'x' });
    await act(recording, { type: 'get', server: leader, key: 'y' });
    await act(recording, { type: 'put', server: follower, key: 'x', value: '2' });
    await until(recording, ({ calls }) => calls.every(({ outcome }) => outcome !== null));
    expect(recording.last.calls.map(({ outcome }) => outcome)).toMatchObject([
      { outcome: 'applied', text: 'revision 2' },
      { outcome: 'applied', text: 'revision 3' },
      { outcome: 'applied' },
      { outcome: 'applied', text: 'no such key' },
      { outcome: 'refused', reason: 'not-leader', leader },
    ]);
    const isDone = ({ servers }: Frame) => servers.every(({ pairs }) => pairs[0]?.value === '1+');
    await until(recording, isDone);
    expect(recording.last.servers[0]?.pairs).toEqual([{ key: 'x', value: '1+' }]);
  });

  it('is told neither yes nor no by a leader that crashes', async () => {
    const { recording, leader } = await led();
    await act(recording, { type: 'put', server: leader, key: 'x', value: '1' });
    await recording.advance();
    await act(recording, { type: 'crash', server: leader });
    expect(recording.last.calls[0]?.outcome).toEqual({ outcome: 'unknown', reason: 'stopped' });
    expect(recording.last.facts.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['crashed', 'settledCall']),
    );
  });
});

describe('what is done to the cluster', () => {
  it('is an event of its own, takes no time, and shows', async () => {
    const { recording, leader, follower } = await led();
    const condition = (id: string) => serverIn(recording.last, id).condition;
    const done: [Action, () => unknown, unknown][] = [
      [{ type: 'pause', server: follower }, () => condition(follower), 'paused'],
      [{ type: 'resume', server: follower }, () => condition(follower), 'running'],
      [
        { type: 'cut', from: leader, to: follower },
        () => recording.last.cuts.blocked,
        [[leader, follower]],
      ],
      [{ type: 'restore', from: leader, to: follower }, () => recording.last.cuts.blocked, []],
      [
        { type: 'partition', groups: [[leader], [follower]] },
        () => recording.last.cuts.groups,
        [[leader], [follower]],
      ],
      [{ type: 'heal' }, () => recording.last.cuts, { groups: null, blocked: [] }],
      [
        { type: 'timeOut', server: follower },
        () => serverIn(recording.last, follower).role,
        'candidate',
      ],
      [{ type: 'crash', server: follower }, () => condition(follower), 'down'],
    ];
    for (const [action, seen, expected] of done) {
      const before = recording.last;
      const frame = await act(recording, action);
      expect(frame).toMatchObject({ number: before.number + 1, atMs: before.atMs, action });
      expect(seen(), action.type).toEqual(expected);
    }
    await act(recording, { type: 'restart', server: follower });
    await until(recording, (frame) => serverIn(frame, follower).condition === 'running');
    await act(recording, { type: 'stop', server: leader });
    await until(recording, (frame) => serverIn(frame, leader).condition === 'down');
    expect(leaderOf(await until(recording, (frame) => leaderOf(frame) !== undefined))).not.toBe(
      leader,
    );
  });

  it('shows a server that is down as its disk has it', async () => {
    const { recording, leader } = await led();
    await act(recording, { type: 'put', server: leader, key: 'x', value: '1' });
    await until(recording, (frame) => serverIn(frame, leader).disk.lastIndex === 2);
    const before = serverIn(recording.last, leader);
    await act(recording, { type: 'crash', server: leader });
    const after = serverIn(recording.last, leader);
    expect(after).toMatchObject({
      state: null,
      activeStates: [],
      timers: [],
      pairs: [],
      appliedIndex: 0,
    });
    expect(after).toMatchObject({ currentTerm: before.currentTerm, votedFor: leader });
    expect(after.log.lastIndex).toBe(2);
    await recording.advance();
    expect(serverIn(recording.last, leader).log).toBe(after.log);
  });

  it('may lose a message: it lands as dropped, and the feed says so', async () => {
    const { recording } = await led();
    const [flight] = (await until(recording, ({ flights }) => flights.length > 0)).flights;
    const frame = await act(recording, { type: 'drop', flight: flight!.number });
    expect(frame.landings).toEqual([{ flight, outcome: 'dropped' }]);
    expect(frame.flights).not.toContain(flight);
    expect(frame.facts).toContainEqual(
      expect.objectContaining({
        kind: 'lostMessage',
        server: flight!.message.from,
        why: 'dropped',
      }),
    );
  });

  it('may be a snapshot: the log is cut below it (§7)', async () => {
    const { recording, leader } = await led();
    for (const value of ['1', '2', '3', '4']) {
      await act(recording, { type: 'put', server: leader, key: 'x', value });
    }
    await until(recording, (frame) => serverIn(frame, leader).appliedIndex === 5);
    await act(recording, { type: 'takeSnapshot', server: leader });
    const frame = await until(recording, (each) => serverIn(each, leader).disk.snapshotIndex === 5);
    expect(serverIn(frame, leader).log.base.index).toBe(3);
  });

  it('is refused in a sentence when there is no such thing', async () => {
    const { recording } = await led();
    const script = recording.script;
    const attempts: [number, Action, string][] = [
      [
        recording.length,
        { type: 'crash', server: 'f' },
        'This cannot be done: there is no server “f”; there are a, b, c, d, e',
      ],
      [
        recording.length + 1,
        { type: 'heal' },
        `There is no event ${recording.length + 1} yet: the last one is ${recording.length}`,
      ],
      [0.5, { type: 'heal' }, `There is no event 0.5 yet: the last one is ${recording.length}`],
    ];
    for (const [after, action, problem] of attempts) {
      expect(await recording.act(after, action)).toEqual({ problem });
    }
    expect(recording.script).toBe(script);
  });
});

describe('acting in the past', () => {
  it('forks history: what was recorded or in store from there on is gone', async () => {
    const recording = await Recording.start({ ...quiet, actions: randomActions(70, 10) });
    await recording.advanceTo(150);
    const kept = recording.frame(100);
    const acted = await recording.act(100, { type: 'heal' });
    expect(acted).toEqual({ frame: recording.last });
    expect(recording.length).toBe(101);
    expect(recording.frame(100)).toBe(kept);
    expect(recording.last.action).toEqual({ type: 'heal' });
    expect(recording.script.actions.map(({ after }) => after)).toEqual([70, 80, 90, 100]);
    expect(() => recording.frame(102)).toThrow('kept are 0 to 101');
  });

  it('at the present drops only what the script had in store', async () => {
    const recording = await Recording.start({ ...quiet, actions: randomActions(70, 10) });
    await recording.advanceTo(75);
    const kept = recording.last;
    await recording.act(75, { type: 'heal' });
    expect(recording.frame(75)).toBe(kept);
    expect(recording.script.actions.map(({ after }) => after)).toEqual([70, 75]);
  });

  it('gives the same timeline as a run that never went elsewhere', async () => {
    const script = { ...quiet, actions: randomActions(70, 19) };
    const straight = await Recording.start(script);
    await straight.advanceTo(400);
    const forked = await Recording.start({ ...quiet, actions: randomActions(70, 23) });
    await forked.advanceTo(400);
    await forked.act(70, script.actions[0]!.action);
    for (const { after, action } of script.actions.slice(1).filter((deed) => deed.after < 400)) {
      await forked.advanceTo(after);
      await forked.act(after, action);
    }
    await forked.advanceTo(400);
    expect(forked.timeline.marks).toEqual(straight.timeline.marks);
    expect(forked.timeline.spans).toEqual(straight.timeline.spans);
    expect(frameHash(forked.last)).toBe(frameHash(straight.last));
    expect(straight.timeline.eventAt(straight.frame(200).atMs)).toBeGreaterThanOrEqual(200);
    expect(straight.timeline.timeOf(200)).toBe(straight.frame(200).atMs);
  });
});

describe('what happens next', () => {
  it('never happens before the recording says, nor after it when a deed is due', async () => {
    const recording = await Recording.start({ ...quiet, actions: randomActions(20, 3) });
    const done = new Set(recording.script.actions.map(({ after }) => after + 1));
    for (let event = 1; event <= 200; event += 1) {
      const [due, now] = [recording.nextAtMs, recording.last.atMs];
      await recording.advance();
      expect(due).toBeGreaterThanOrEqual(now);
      expect(recording.last.atMs).toBeGreaterThanOrEqual(due);
      if (done.has(event)) expect(due).toBe(now);
    }
    expect([...done].some((event) => event <= 200)).toBe(true);
  });
});

describe('a long recording', () => {
  it('keeps its newest frames, and recalls the others by playing the script again', async () => {
    const script = { ...quiet, actions: randomActions(70, 19) };
    const whole = await Recording.start(script);
    const short = await Recording.start(script, { framesMax: 50 });
    await Promise.all([whole.advanceTo(400), short.advanceTo(400)]);
    expect(short.first).toBeGreaterThan(340);
    expect(() => short.frame(100)).toThrow(RangeError);
    expect([short.has(100), short.has(400), short.has(401)]).toEqual([false, true, false]);
    expect(short.timeline.marks).toEqual(whole.timeline.marks);
    for (const event of [100, 99, 0, 340, 400]) {
      expect(frameHash(await short.recall(event))).toBe(frameHash(whole.frame(event)));
    }
    await short.act(100, { type: 'heal' });
    await whole.act(100, { type: 'heal' });
    expect([short.first, short.length]).toEqual([100, 101]);
    await Promise.all([whole.advanceTo(200), short.advanceTo(200)]);
    expect(frameHash(short.last)).toBe(frameHash(whole.last));
  });
});

describe('the panel of properties', () => {
  it('shows that the five properties of Figure 3 are really looked at', async () => {
    const { recording, leader } = await led();
    const [first] = propertiesOf(recording.frame(0));
    expect(first).toEqual({
      name: 'Election Safety',
      section: '§5.2',
      says: 'at most one leader for each term',
      violation: null,
      checked: '0 terms with a leader',
    });
    await act(recording, { type: 'put', server: leader, key: 'x', value: '1' });
    await until(recording, ({ servers }) =>
      servers.every(({ appliedIndex }) => appliedIndex === 2),
    );
    const now = propertiesOf(recording.last);
    expect(now.map(({ violation }) => violation)).toEqual([null, null, null, null, null]);
    expect(now.map(({ checked }) => checked)).toEqual([
      '1 term with a leader',
      expect.stringMatching(/^\d\d+ steps of leaders$/),
      // Two entries, in memory and on the disks of five servers.
      '20 stored entries',
      '1 log of leaders',
      '10 applied entries',
    ]);
  });
});
