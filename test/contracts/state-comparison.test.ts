/** Real servers whose states differ notice it: sockets, frames, real time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shortDigest } from '../../src/formats/digest.ts';
import { decodePeerFrame, encodeDigests } from '../../src/formats/peer-frame.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';
import type { Server, Status } from '../../src/ports/server.ts';
import type { StateMachine } from '../../src/ports/state-machine.ts';
import { freePorts } from '../cluster/running-cluster.ts';
import { eventually } from '../cluster/statuses.ts';

type Counter = StateMachine<number, number, null, number>;

/** Adds chance to what it is given, where it is told to. */
function counter(isRandom: boolean): Counter {
  let sum = 0;
  return {
    apply(amount) {
      sum += isRandom ? amount + Math.random() : amount;
      return sum;
    },
    query: () => sum,
    digest: () => `sum ${sum}`,
    snapshot: () => [new TextEncoder().encode(String(sum))],
    async restore(chunks) {
      let text = '';
      for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
      sum = Number(text);
    },
  };
}

let directory = '';
let servers: Server<number, number, null, number>[] = [];
let warnings: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-differ-'));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
  warnings = [];
  await rm(directory, { recursive: true, force: true });
});

async function startThree(random: string | null): Promise<void> {
  const ids = ['a', 'b', 'c'];
  const port = await freePorts(3);
  const cluster = Object.fromEntries(ids.map((id, at) => [id, `ws://127.0.0.1:${port + at}`]));
  servers = await Promise.all(
    ids.map((id) =>
      startServer({
        id,
        cluster,
        bootstrap: true,
        storage: fileStorage(join(directory, id)),
        stateMachine: () => counter(id === random),
        compareStatesEveryMs: 200,
        observer: { onWarning: (sentence) => void warnings.push(`${id}: ${sentence}`) },
      }),
    ),
  );
}

const PATIENCE_MS = 30_000;

async function add(amount: number): Promise<void> {
  const leader = await eventually('a leader', PATIENCE_MS, () => {
    return servers.find((server) => server.status().isReady) ?? null;
  });
  expect(await leader.propose(amount)).toMatchObject({ outcome: 'applied' });
}

/** What every server says, once all of them do. */
function ofAll<Told>(what: string, told: (status: Status) => Told | null): Promise<Told[]> {
  return eventually(what, PATIENCE_MS, () => {
    const all = servers.map((server) => told(server.status()));
    return all.every((one) => one !== null) ? (all as Told[]) : null;
  });
}

const ofStates = () => warnings.filter((line) => line.includes(' states of the servers '));

describe('three servers', () => {
  it('that agree have compared their states, and say nothing', async () => {
    await startThree(null);
    await add(1);
    const compared = await ofAll('a comparison', ({ comparison }) => {
      return comparison !== null && Object.keys(comparison.digests).length === 3
        ? comparison
        : null;
    });
    for (const { digests } of compared) {
      const [a] = Object.values(digests);
      expect(digests).toEqual({ a, b: a, c: a });
    }
    expect(servers.map((server) => server.status().divergence)).toEqual([null, null, null]);
    expect(ofStates()).toEqual([]);
  }, 60_000);

  it('of which one is not deterministic say so, each of them, and go on', async () => {
    await startThree('b');
    await add(1);
    for (const { digests, outvoted } of await ofAll('that they differ', (it) => it.divergence)) {
      expect(digests).toMatchObject({ a: 'sum 1', c: 'sum 1' });
      expect(outvoted).toEqual(['b']);
    }
    expect(
      ofStates()
        .map((line) => line.slice(0, 1))
        .sort(),
    ).toEqual(['a', 'b', 'c']);
    for (const line of ofStates()) {
      expect(line).toMatch(
        /^\w: The states of the servers differ as of entry \d+: a and c have sum 1, b has sum 1\.\d+\. /,
      );
    }
    await add(1);
  }, 60_000);
});

describe('what servers say of their states', () => {
  it('comes through its frame as it was', () => {
    const told = { index: 5, digests: { a: 'x', b: '' } };
    expect(decodePeerFrame(encodeDigests(told))).toEqual({ type: 'Digests', ...told });
  });

  it.each([
    [{ a: 'x'.repeat(129) }],
    [{ a: 'x\n' }],
    [{ 'no id': 'x' }],
    [Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`s${at}`, 'x']))],
  ])('is refused when it is none: %#', (digests) => {
    expect(() => decodePeerFrame(encodeDigests({ index: 5, digests }))).toThrow(/digests must be/);
  });

  it('is short: of a long digest its hash is told', () => {
    expect(shortDigest('2-00ff')).toBe('2-00ff');
    const [one, other] = ['x'.repeat(129), `${'x'.repeat(128)}y`].map(shortDigest);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(one);
    expect(shortDigest('é')).toMatch(/^[0-9a-f]{64}$/);
  });
});
