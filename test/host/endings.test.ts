/** However a server ends, whoever watches it hears so: last of all, and also afterwards. */
import { NEVER, Observable, switchMap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

/** Everything that somebody hears, and whether it came to its end. */
function heard<Value>(observable: Observable<Value>): unknown[] {
  const values: unknown[] = [];
  observable.subscribe({
    next: (value) => values.push(value),
    complete: () => values.push('end'),
  });
  return values;
}

interface Ending {
  readonly of: string;
  /** Said by the failure; null when there is none. */
  readonly says: string | null;
  readonly end: (rig: Rig) => Promise<unknown>;
}

async function committed(rig: Rig, text: string): Promise<void> {
  void rig.server.propose(text);
  await rig.settle();
  await rig.b.acknowledge();
}

const ENDINGS: readonly Ending[] = [
  {
    of: 'a graceful stop',
    says: null,
    end: async (rig) => {
      const stopped = rig.server.stop();
      await rig.advance(5_000);
      await stopped;
    },
  },
  {
    of: 'a write that fails',
    says: 'write 3 to its storage failed',
    end: async (rig) => {
      rig.storage.isHolding = true;
      void rig.server.propose('x');
      await rig.settle();
      await rig.failWrite();
    },
  },
  {
    of: 'a command that throws',
    says: 'this ledger does not take that',
    end: (rig) => committed(rig, 'throw'),
  },
  {
    of: 'a broken invariant',
    says: 'leads term 1',
    end: (rig) => rig.c.append({ term: 1 }),
  },
  {
    of: 'a transport that throws',
    says: 'its transport failed: no route',
    end: async (rig) => {
      rig.onSend = () => {
        throw new Error('no route');
      };
      await rig.advance(200);
    },
  },
  {
    of: 'a transport that throws at what waited for the disk',
    says: 'its transport failed: no route',
    end: async (rig) => {
      rig.storage.isHolding = true;
      await rig.b.append({ term: 2 });
      rig.onSend = () => {
        throw new Error('no route');
      };
      await rig.finishWrite();
    },
  },
  {
    of: 'messages that end with an error',
    says: 'its transport failed: the socket is gone',
    end: async (rig) => rig.received$.error(new Error('the socket is gone')),
  },
  {
    of: 'connections that end with an error',
    says: 'its transport failed: the socket is gone',
    end: async (rig) => rig.connections$.error(new Error('the socket is gone')),
  },
];

describe('a leader that ends is no leader any more', () => {
  for (const { of, says, end } of ENDINGS) {
    test(`after ${of}`, async () => {
      const rig = await Rig.start();
      const { role$, leader$, applied$, failed$ } = rig.server;
      const roles = heard(role$);
      const leaders = heard(leader$);
      const applied = heard(applied$);
      await rig.lead();
      let running = 0;
      const task = new Observable<never>(() => {
        running += 1;
        return () => {
          running -= 1;
        };
      });
      role$.pipe(switchMap((role) => (role === 'leader' ? task : NEVER))).subscribe();
      expect(running).toBe(1);

      await end(rig);
      const failure = rig.failures[0] ?? null;
      expect(failure?.message ?? null).toEqual(says && expect.stringContaining(says));
      expect(rig.failures).toHaveLength(says === null ? 0 : 1);
      expect(running).toBe(0);
      expect(roles.slice(-2)).toEqual(['stopped', 'end']);
      expect(leaders.slice(-2)).toEqual([null, 'end']);
      expect(applied.at(-1)).toBe('end');
      expect(heard(role$)).toEqual(['stopped', 'end']);
      expect(heard(leader$)).toEqual([null, 'end']);
      expect(heard(applied$)).toEqual(applied.slice(-2));
      expect(heard(failed$)).toEqual(failure === null ? ['end'] : [failure, 'end']);
      const status = rig.server.status();
      expect(status).toMatchObject({ role: 'stopped', leader: null, leaderClientAddress: null });
      expect(status).toMatchObject({ isReady: false, followers: null, failure });
      const outcome = await rig.server.propose('late');
      expect(outcome).toMatchObject({ outcome: 'refused', reason: 'stopped', leader: null });
      expect([rig.isTransportClosed, rig.storage.isClosed]).toEqual([true, true]);
    });
  }

  test('a restore that fails is an end, too: nobody waits for the snapshot for ever', async () => {
    const before = await Rig.start();
    await before.b.installLedger({ index: 9, term: 1, lines: [{ index: 9, text: 'x' }] });
    before.storage.reading = Promise.reject(new Error('the disk is gone'));
    const rig = await Rig.start({ storage: before.storage });
    expect(rig.failures).toMatchObject([{ message: expect.stringContaining('the disk is gone') }]);
    expect(heard(rig.server.role$)).toEqual(['stopped', 'end']);
    expect(heard(rig.server.leader$)).toEqual([null, 'end']);
    expect(rig.server.status()).toMatchObject({ role: 'stopped', failure: rig.failures[0] });
  });

  test('and its failure is known to whoever hears of the role', async () => {
    const rig = await Rig.start();
    await rig.lead();
    const failures: (Error | null)[] = [];
    rig.server.role$.subscribe((role) => {
      if (role === 'stopped') failures.push(rig.server.status().failure);
    });
    await rig.c.append({ term: 1 });
    expect(failures).toEqual(rig.failures);
    expect(failures).toHaveLength(1);
  });
});

test('a port that cannot be closed keeps no server from ending', async () => {
  const rig = await Rig.start();
  rig.storage.close = () => Promise.reject(new Error('EIO'));
  const stopped = rig.server.stop();
  await rig.advance(10_000);
  await expect(stopped).resolves.toBeUndefined();
  expect(rig.isTransportClosed).toBe(true);
});
