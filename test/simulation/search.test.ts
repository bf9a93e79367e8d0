/** The search for users' own state machines: what is broken is found, told in a few lines, replayed. */
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../src/index.ts';
import {
  replay,
  type SearchOptions,
  type SearchProgress,
  search,
} from '../../src/simulation/index.ts';
import {
  type Answer,
  type Command,
  Inventory,
  model,
  type Query,
  type Result,
  workload,
} from './inventory.ts';

const LINES_MAX = 8;
/** Small and quick: what is shown here needs no more. */
const settings = { servers: 3, heartbeatMs: 15, electionMinMs: 60, electionMaxMs: 120, endMs: 450 };

/** Forgets on the way through a snapshot what there is more than two of. */
class Forgetful extends Inventory {
  override snapshot() {
    const kept = [...this.stock].map(([item, count]) => [item, Math.min(count, 2)]);
    return [new TextEncoder().encode(JSON.stringify(kept))];
  }

  digest() {
    return JSON.stringify([...this.stock]);
  }

  inspect() {
    return this.stock;
  }
}

/** Gives more than there is, on all servers alike. */
class Generous extends Inventory {
  override apply(command: Command, entry: Parameters<Inventory['apply']>[1]): Result {
    const result = super.apply(command, entry);
    return result.ok ? result : { ok: true, left: 0 };
  }
}

class Failing extends Inventory {
  override apply(_command: Command): Result {
    throw new RangeError('nobody may do anything');
  }
}

describe('a search', () => {
  it('finds nothing where nothing is wrong, and says what happened', async () => {
    const told: SearchProgress[] = [];
    const report = await search({
      stateMachine: () => new Inventory(),
      workload,
      model,
      seeds: 4,
      firstSeed: 3,
      onProgress: (progress) => told.push(progress),
    });
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ tried: 4, seeds: 4, isAborted: false });
    const { commands, queries, elections, messages } = report.counts;
    for (const count of [commands, queries, elections, messages]) expect(count).toBeGreaterThan(5);
    expect(told.map(({ tried }) => tried)).toEqual([1, 2, 3, 4]);
  }, 120_000);

  it.each([
    ['Linearizability', Generous, /→ \{"ok":true,"left":0\}/],
    ['Server Failed', Failing, /nobody may do anything/],
  ])(
    'finds %s, tells it in a few lines, and replays it',
    async (violation, Machine, sentence) => {
      const subject = { stateMachine: () => new Machine(), workload, model };
      const options = { ...subject, settings, stopsAtFirst: true };
      const { failures, tried } = await search({ ...options, seeds: 40, shrinkRunsMax: 300 });
      expect(failures).toHaveLength(1);
      const { script, message, signature, seed } = failures[0]!;
      expect(failures[0]).toMatchObject({ violation, count: 1 });
      expect(signature.startsWith(violation)).toBe(true);
      expect(seed).toBe(tried);
      expect(script.trim().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
      expect(message).toContain(script);
      expect(message).toMatch(sentence);
      expect(await replay(script, subject)).toMatchObject({ violation });
      expect(await replay(script, { ...subject, stateMachine: () => new Inventory() })).toBe(null);
    },
    120_000,
  );

  it('goes on after a find, counts each kind, and keeps the first script of it', async () => {
    const { failures, tried } = await search({
      stateMachine: () => new Failing(),
      workload,
      settings,
      faults: [],
      seeds: 14,
      shrinkRunsMax: 1,
    });
    expect(tried).toBe(14);
    expect(failures.map(({ signature, count }) => [signature, count])).toEqual([
      ['Server Failed', 10],
      ['Server Failed · not shrunk any more', 4],
    ]);
    expect(failures[0]?.seed).toBe(1);
  }, 120_000);

  it('says so when what it has found does not repeat', async () => {
    let lives = 0;
    const stateMachine = () => {
      lives += 1;
      return lives < 5 ? new Failing() : new Inventory();
    };
    const { failures } = await search({ stateMachine, workload, settings, faults: [], seeds: 1 });
    expect(failures[0]?.signature).toBe('Server Failed · does not repeat');
    expect(failures[0]?.message).toContain('keeps something from run to run');
  }, 120_000);

  it('ends when it is aborted, with what it has found', async () => {
    const controller = new AbortController();
    const { failures, tried, isAborted } = await search({
      stateMachine: () => new Failing(),
      workload,
      settings,
      signal: controller.signal,
      onProgress: ({ tried }) => tried === 2 && controller.abort(),
    });
    expect({ tried, isAborted }).toEqual({ tried: 2, isAborted: true });
    expect(failures[0]?.violation).toBe('Server Failed');
  }, 120_000);

  it('lets only those faults happen that it is told', async () => {
    const options = { stateMachine: () => new Inventory(), workload, seeds: 3 } as const;
    const quiet = { loss: 0, repeats: 0, diskFailure: 0, servers: 5, dead: '', cut: '' };
    const { counts } = await search({ ...options, faults: ['pause'], settings: quiet });
    expect(counts.pauses).toBeGreaterThan(0);
    const { crashes, shutDowns, splits, isolations, oneWayBlocks, diskErrors } = counts;
    const none = { crashes, shutDowns, splits, isolations, oneWayBlocks, diskErrors };
    expect(Object.values(none)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(counts.messagesLost).toBe(0);
  }, 120_000);

  it.each([
    [{ seeds: 0 }, 'seeds is a whole number from 1 on, not 0'],
    [{ firstSeed: 1.5 }, 'firstSeed is a whole number from 0 on, not 1.5'],
    [{ shrinkRunsMax: -1 }, 'shrinkRunsMax is a whole number from 0 on, not -1'],
  ])('refuses %j', async (wrong, complaint) => {
    const options = { stateMachine: () => new Inventory(), workload, ...wrong };
    await expect(search(options)).rejects.toThrow(new TypeError(complaint));
  });
});

describe('a script', () => {
  const subject = { stateMachine: () => new Inventory(), workload, model };

  it('shows a state that a snapshot does not hold, and what is lost', async () => {
    const script = `
      snapshotAfter 2
      500 propose 1 {"type":"add","item":"pear","count":3}
      600 propose 2 {"type":"add","item":"pear","count":3}
      700 crash leader lost 50
    `;
    const forgetful = { ...subject, stateMachine: () => new Forgetful() };
    const found = await replay(script, forgetful);
    expect(found?.violation).toBe('Snapshot Equals State');
    expect(found?.message).toMatch(
      /: pear is [36] on the one it was taken of and 2 on the restored/,
    );
    expect(await replay(script, subject)).toBe(null);
  });

  it('may be written by hand', async () => {
    const script = `
      # Two of three are left.
      servers 3
      500 propose 1 {"type":"add","item":"apple # 1","count":2}
      600 crash leader lost 100
      650 query 2 {"item":"apple # 1"}
    `;
    expect(await replay(script, subject)).toBe(null);
  });

  it.each([
    ['500 propose 1 {"type"', 'Line 1, "500 propose 1 {"type"": {"type" is neither JSON nor bytes'],
    ['500 purchase 1 {}', 'there is no step purchase'],
    ['500 propose one {}', '"one" is no number from 0 on'],
    ['dead ab', 'a plan leaves a majority of its 3 servers alive'],
  ])('that says "%s" is refused', async (script, complaint) => {
    await expect(replay(script, subject)).rejects.toThrow(complaint);
  });

  it('holds commands and queries that JSON cannot hold', async () => {
    type Big = { readonly add: bigint; readonly tags: ReadonlySet<string> };
    const commands: Codec<Big> = {
      encode: ({ add, tags }) => new TextEncoder().encode(`${add} ${[...tags].join()}`),
      decode: (bytes) => {
        const [add = '', tags = ''] = new TextDecoder().decode(bytes).split(' ');
        return { add: BigInt(add), tags: new Set(tags.split(',')) };
      },
    };
    const failing = () => ({
      commands,
      apply({ add, tags }: Big) {
        if (tags.has('bad')) throw new RangeError(`no ${add}`);
        return add;
      },
      query: (bytes: Uint8Array) => bytes.byteLength,
      snapshot: () => [],
      restore: () => undefined,
    });
    const tagged = {
      stateMachine: failing,
      workload: {
        command: (next: () => number) => ({
          add: BigInt(Math.floor(next() * 9)),
          tags: new Set(next() < 0.5 ? ['good'] : ['good', 'bad']),
        }),
        queries: () => [Uint8Array.of(1, 2)],
      },
    };
    const { failures } = await search({ ...tagged, settings, seeds: 2, stopsAtFirst: true });
    expect(failures[0]?.script).toMatch(
      / propose \d 0x[0-9a-f]+ # \{"add":\dn,"tags":Set \{"good","bad"\}\}\n/,
    );
    expect(await replay(failures[0]?.script ?? '', tagged)).toMatchObject({
      violation: 'Server Failed',
    });
    expect(await replay('500 query 1 0xc4020102 # two bytes', tagged)).toBe(null);
  }, 120_000);
});

describe('its types', () => {
  it('are those of the state machine', () => {
    type Options = SearchOptions<Command, Result, Query, Answer, unknown>;
    const stateMachine = () => new Inventory();
    // @ts-expect-error: not a command of the inventory
    const strangeCommand: Options['workload'] = { command: () => ({ type: 'steal' }) };
    void (() => search({ stateMachine, workload, model }));
    void (() =>
      search({
        stateMachine,
        workload,
        // @ts-expect-error: a model of other answers
        model: { initial: 0, apply: () => ({ state: 0, output: 'no' }) },
      }));
    // @ts-expect-error: there is no such setting
    const strangeSetting: Options['settings'] = { weather: 'bad' };
    expect([strangeCommand, strangeSetting]).toHaveLength(2);
  });
});
