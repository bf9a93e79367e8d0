/** The verbs of the course's tests claim what they say: each can fail, and says by what. */
import { describe, expect, it } from 'vitest';
import { serverMachine } from '../../machines/server.ts';
import { AppliedLogs } from './applied-logs.ts';
import { LabConfiguration } from './configuration.ts';
import { CourseFailure } from './course-test.ts';
import { courseTest } from './define.ts';

/** Runs a body on three servers, and gives the claim that failed. */
async function failureOf(body: (lab: LabConfiguration) => Promise<unknown>, seed = 1) {
  const test = courseTest('a test', { servers: 3 }, async (lab) => void (await body(lab)));
  const failure = await test.run(seed).then(
    () => null,
    (error: Error) => error,
  );
  if (failure !== null) expect(failure).toBeInstanceOf(CourseFailure);
  return failure?.message ?? null;
}

const agreeing = courseTest('a test', { servers: 3 }, async (lab) => {
  await lab.one('x', 3, true);
});

async function leaderCutOff(lab: LabConfiguration): Promise<number> {
  const leader = await lab.checkOneLeader();
  lab.disconnect(leader + 1, leader + 2);
  return leader;
}

describe('the verbs of the course', () => {
  it('checkOneLeader wants a leader within ten looks', async () => {
    const body = async (lab: LabConfiguration) => {
      lab.disconnect(0, 1);
      await lab.checkOneLeader();
    };
    const message = await failureOf(body);
    expect(message).toMatch(/there is none/);
    expect(Number(message?.match(/at (\d+)/)?.[1])).toBeGreaterThan(4_500);
  });

  it('checkNoLeader fails while somebody leads', async () => {
    const body = async (lab: LabConfiguration) => {
      await lab.checkOneLeader();
      lab.checkNoLeader();
    };
    expect(await failureOf(body)).toMatch(/expected no leader/);
  });

  it('checkTerms fails when a server that was away has another term', async () => {
    const body = async (lab: LabConfiguration) => {
      const leader = await lab.checkOneLeader();
      lab.disconnect(leader);
      await lab.checkOneLeader();
      lab.connect(leader);
      lab.checkTerms();
    };
    expect(await failureOf(body)).toMatch(/disagree on the term: (1, 2|2, 1)/);
  });

  it('one gives up after ten seconds, or after two when it may not retry', async () => {
    const asking = (mayRetry: boolean) => async (lab: LabConfiguration) => {
      await leaderCutOff(lab);
      const began = lab.time.now();
      try {
        await lab.one('x', 3, mayRetry);
      } finally {
        const tookMs = lab.time.now() - began;
        expect(tookMs).toBeGreaterThanOrEqual(mayRetry ? 10_000 : 2_000);
        expect(tookMs).toBeLessThan(mayRetry ? 12_000 : 2_100);
      }
    };
    expect(await failureOf(asking(true))).toMatch(/failed to reach agreement on 3 servers/);
    expect(await failureOf(asking(false))).toMatch(/failed to reach agreement on 3 servers/);
  });

  it('wait wants so many servers to have applied', async () => {
    const body = async (lab: LabConfiguration) => {
      await lab.one('x', 3, false);
      await lab.wait(2, 1);
    };
    expect(await failureOf(body)).toMatch(/only 0 servers decided index 2/);
  });

  it('checkNotCommitted and checkStart see what was committed, and where', async () => {
    const committed = async (lab: LabConfiguration) => {
      await lab.one('x', 3, false);
      lab.checkNotCommitted(1);
    };
    expect(await failureOf(committed)).toMatch(/index 1 is committed on 3 servers/);
    const elsewhere = async (lab: LabConfiguration) =>
      lab.checkStart(await lab.checkOneLeader(), 'x', 7);
    expect(await failureOf(elsewhere)).toMatch(/gives index 1 instead of 7/);
  });

  it('a test may not take longer than two minutes', async () => {
    expect(await failureOf((lab) => lab.sleep(120_001))).toMatch(/longer than 120000 ms/);
    expect(await failureOf((lab) => lab.sleep(119_999))).toBeNull();
  });

  it('a bug in a server ends the test that runs it, and is no failed claim', async () => {
    const machine = serverMachine.provide({
      actions: {
        acceptEntries: () => {
          throw new Error('a bug');
        },
      },
    });
    const failure = await agreeing.run(1, { machine }).catch((error: Error) => error);
    expect(failure).not.toBeInstanceOf(CourseFailure);
    expect(failure).toMatchObject({ message: expect.stringMatching(/seed 1, at \d.* a bug/) });
    expect(await agreeing.run(1)).toMatchObject({ agreements: 1 });
  });

  it('the same seed does the same to the byte, and another does something else', async () => {
    const run = async (seed: number) => {
      const lab = new LabConfiguration({ servers: 5, seed, isUnreliable: true });
      await lab.time.settle(lab.one('x', 5, true).then(() => lab.sleep(2_000)));
      lab.stopAll();
      return [lab.time.now(), lab.network.callsTotal, lab.network.bytesTotal];
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});

describe('what the services check', () => {
  const command = (index: number, value: string) =>
    ({ commandValid: true, command: value, commandIndex: index }) as const;
  const raft = null as never;

  it('two values at one index', () => {
    const logs = new AppliedLogs(2, false);
    logs.note(0, command(1, 'x'), raft);
    expect(() => logs.note(1, command(1, 'y'), raft)).toThrow(/applies y, server 0 had x/);
  });

  it('a gap, and with snapshots a repetition too', () => {
    const logs = new AppliedLogs(1, false);
    expect(() => logs.note(0, command(2, 'x'), raft)).toThrow(/out of order/);
    const compacting = new AppliedLogs(1, true);
    compacting.note(0, command(1, 'x'), raft);
    expect(() => compacting.note(0, command(1, 'x'), raft)).toThrow(/out of order/);
  });

  it('a snapshot that is not of the index it is said to be of', () => {
    const logs = new AppliedLogs(1, true);
    const snapshot = new TextEncoder().encode(JSON.stringify([9, []]));
    const message = { snapshotValid: true, snapshot, snapshotIndex: 8, snapshotTerm: 1 } as const;
    expect(() => logs.note(0, message, raft)).toThrow(/snapshot of 9 and told it was of 8/);
  });
});
