/**
 * A directory that was restored from an older day is told from a hello that was only late: by what
 * was known when the hello was asked for (docs/decisions/0021-what-a-hello-proves.md).
 */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { firstBase } from '../../machines/rules/log.ts';
import { encodeKeepalive } from '../../src/formats/peer-frame.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import type { ProvedPeer } from '../../src/node/peer-handshake.ts';
import { volatilePeerMemory } from '../../src/node/peer-memory.ts';
import { PeerRegister } from '../../src/node/peer-register.ts';
import type { TransportEvent } from '../../src/node/transport-log.ts';
import { type WebSocketTransport, webSocketTransport } from '../../src/node/websocket-transport.ts';
import type { KnownPeers } from '../../src/ports/peer-memory.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { configurationOf } from '../host/rig.ts';
import { runs } from './fuzzing.ts';
import { loopbackCluster } from './loopback.ts';
import { VISITOR_HELLO, type Visitor, visitor } from './peer-visitor.ts';

describe('a hello between real sockets', () => {
  let a: WebSocketTransport;
  let url: string;
  let events: TransportEvent[];
  let changes: boolean[];
  const opened: WebSocket[] = [];

  beforeEach(async () => {
    const cluster = await loopbackCluster(['a', 'b']);
    url = cluster.a ?? '';
    events = [];
    changes = [];
    a = webSocketTransport({
      ...{ id: 'a', cluster, memory: volatilePeerMemory() },
      onEvent: (event) => events.push(event),
    });
    a.connections$.subscribe(({ isConnected }) => changes.push(isConnected));
    await a.open(identityOf('a'));
  });
  afterEach(async () => {
    for (const webSocket of opened.splice(0)) webSocket.terminate();
    await a.close();
  });

  const refusals = () => events.filter(({ type }) => type === 'refused');

  /** A run of server b that dials; its proof arrives when `arrives` says so. */
  function dial(incarnation: string, writeNumber: number, arrives?: Promise<unknown>): Visitor {
    const proofOnTheWay = arrives ?? Promise.resolve();
    const made = visitor(url, { hello: { incarnation, writeNumber }, proofOnTheWay });
    opened.push(made.webSocket);
    return made;
  }

  /** Resolves when `a` has taken in that number: messages of a connection come in order. */
  async function keepalive({ webSocket }: Visitor, writeNumber: number): Promise<void> {
    const received = new Promise<void>((resolve) => {
      const { register } = a as unknown as { readonly register: PeerRegister };
      const take = register.recordWriteNumber;
      Object.assign(register, {
        recordWriteNumber: (id: string, number: number) => {
          take.call(register, id, number);
          if (number === writeNumber) resolve();
        },
      });
    });
    webSocket.send(encodeKeepalive(writeNumber));
    await received;
  }

  const outcomeOf = ({ welcomed, closed }: Visitor) =>
    Promise.race([welcomed.then(() => 'welcomed'), closed.then(() => 'closed')]);

  function held(): { readonly arrives: Promise<void>; readonly arrive: () => void } {
    let arrive = () => {};
    const arrives = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    return { arrives, arrive };
  }

  it('is taken after a keepalive of the same run on the other connection of the pair', async () => {
    const { arrives, arrive } = held();
    const late = dial('run', 10, arrives);
    await late.proved;
    const other = dial('run', 10);
    await other.welcomed;
    await keepalive(other, 50);
    arrive();
    expect(await outcomeOf(late)).toBe('welcomed');
    expect(refusals()).toEqual([]);
    expect(changes).toEqual([true]);
  });

  it('of a run that has ended arrives after the next one: its connection goes without a word', async () => {
    const { arrives, arrive } = held();
    const late = dial('killed', 10, arrives);
    await late.proved;
    const next = dial('next', 50);
    await next.welcomed;
    arrive();
    await late.closed;
    expect(late.refusal()).toBe('none');
    expect(refusals()).toEqual([]);
    expect(changes).toEqual([true]);
  });

  it('of an older directory is no word either while it could be late, and is refused when it is asked again', async () => {
    const before = dial('before', 10);
    await before.welcomed;
    const { arrives, arrive } = held();
    const restored = dial('restored', 49, arrives);
    await restored.proved;
    await keepalive(before, 50);
    arrive();
    await restored.closed;
    expect(restored.refusal()).toBe('none');
    const again = dial('restored', 49);
    await again.closed;
    expect(again.refusal()).toMatch(/ends with write 49.*completed write 50.*older backup/);
    expect(refusals()).toHaveLength(1);
  });

  it('is judged the same by who has dialled', async () => {
    await a.close();
    const cluster = await loopbackCluster(['a', 'b']);
    const seen: TransportEvent[] = [];
    const limits = { dialWaitMinMs: 5, dialWaitMaxMs: 10 };
    const options = { cluster, limits, memory: volatilePeerMemory() };
    a = webSocketTransport({ ...options, id: 'a', onEvent: (event) => seen.push(event) });
    const b = webSocketTransport({ ...options, id: 'b', memory: volatilePeerMemory() });
    const met = firstValueFrom(a.connections$.pipe(filter(({ isConnected }) => isConnected)));
    let writeNumber = 50;
    await a.open(identityOf('a'));
    await b.open({ ...identityOf('b'), writeNumber: () => writeNumber });
    await met;
    await b.close();
    writeNumber = 49;
    const restored = webSocketTransport({
      ...{ ...options, id: 'b', memory: volatilePeerMemory() },
      cluster: { b: cluster.b ?? '' },
    });
    await restored.open({ ...identityOf('b'), writeNumber: () => writeNumber });
    while (!seen.some(({ type }) => type === 'refused')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await restored.close();
    expect(seen.find(({ type }) => type === 'refused')?.message).toMatch(/ends with write 49/);
  });
});

/** What happens to one peer, and to whoever judges it; `channel` is one of three connections. */
const step = fc.record({
  what: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom('ask', 'answer', 'hear') },
    { weight: 20, arbitrary: fc.constantFrom('write', 'keepalive', 'restart') },
    { weight: 1, arbitrary: fc.constant('forget') },
  ),
  channel: fc.nat(2),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const steps = fc.array(step, { minLength: 60, maxLength: 120, size: 'max' });

/** A connection: first a handshake, then keepalives, each heard in its order but not at once. */
interface Channel {
  before: KnownPeers | null;
  hello: ProvedPeer | null;
  isOpen: boolean;
  keepalives: number[];
}

/** A peer with runs and write numbers, and a judge that hears of them late. */
class Pair {
  register = this.#registerOf({});
  writeNumber = 5;
  #run = 1;
  readonly verdicts: unknown[] = [];
  readonly #channels: Channel[] = [0, 1, 2].map(() => fresh());

  async take(...steps: readonly Step[]): Promise<void> {
    for (const next of steps) await this.#take(next);
  }

  /** A handshake without delay. */
  async meet(channel: number): Promise<void> {
    this.#channels[channel] = fresh();
    for (const what of ['ask', 'answer', 'hear'] as const) await this.#take({ what, channel });
  }

  async #take({ what, channel: index }: Step): Promise<void> {
    const channel = this.#channels[index] ?? fresh();
    if (what === 'write') this.writeNumber += 1;
    // What was said before is still on its way.
    else if (what === 'restart') this.#run += 1;
    else if (what === 'forget') this.#forget();
    else if (what === 'ask') {
      const isUnderWay = channel.before !== null && !channel.isOpen;
      if (!isUnderWay) this.#channels[index] = { ...fresh(), before: this.register.known };
    } else if (what === 'answer' && channel.before !== null) channel.hello ??= this.#hello();
    else if (what === 'keepalive' && channel.hello?.incarnation === `${this.#run}`) {
      channel.keepalives.push(this.writeNumber);
    } else if (what === 'hear') await this.#hear(channel);
  }

  /** The judge starts again with what it had kept: what was on its way to it is lost. */
  #forget(): void {
    this.register = this.#registerOf(this.register.known);
    for (const [i] of this.#channels.entries()) this.#channels[i] = fresh();
  }

  async #hear(channel: Channel): Promise<void> {
    const { hello, before } = channel;
    if (hello === null || before === null) return;
    if (channel.isOpen) {
      const number = channel.keepalives.shift();
      if (number !== undefined) this.register.recordWriteNumber('b', number);
      return;
    }
    const verdict = this.register.check(hello, before);
    this.verdicts.push(verdict);
    if (verdict === null) await this.register.remember(hello);
    channel.isOpen = verdict === null;
    if (verdict !== null) Object.assign(channel, fresh());
  }

  #hello(): ProvedPeer {
    const { writeNumber } = this;
    return { ...VISITOR_HELLO, writeNumber, incarnation: `${this.#run}`, id: 'b', keyName: 'k' };
  }

  #registerOf(known: KnownPeers): PeerRegister {
    const memory = { load: async () => known, save: async () => {} };
    const register = new PeerRegister(['a', 'b'], new VirtualClock(), expect.unreachable);
    void register.load(memory);
    return register;
  }
}

const fresh = (): Channel => ({ before: null, hello: null, isOpen: false, keepalives: [] });

describe('whatever is late, however often either end starts again', () => {
  it('a healthy peer is never refused, and is taken when it is asked once more', async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      const pair = new Pair();
      await pair.meet(0);
      await pair.take(...taken);
      await pair.meet(0);
      expect(pair.verdicts.filter((verdict) => typeof verdict === 'object' && verdict)).toEqual([]);
      expect(pair.verdicts.at(-1)).toBeNull();
    });
    await fc.assert(property, runs(500));
  });

  it('an older directory is never taken by who knew better when it asked', async () => {
    const property = fc.asyncProperty(steps, async (taken) => {
      const pair = new Pair();
      await pair.meet(0);
      await pair.take(...taken, { what: 'restart', channel: 0 });
      pair.writeNumber = (pair.register.get('b')?.writeNumber ?? 0) - 1;
      await pair.meet(0);
      expect(pair.verdicts.at(-1)).toMatchObject({
        refusal: expect.stringContaining('older backup'),
      });
    });
    await fc.assert(property, runs(500));
  });
});

describe('a directory whose process was killed', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'statecraft-older-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('tells no smaller write number than it had told, though `acknowledged` is as of before', async () => {
    const identity = { clusterId: 'c', serverId: 'b' };
    const [living, killed] = [join(directory, 'living'), join(directory, 'killed')];
    const storage = fileStorage(living);
    await storage.initialise(identity, firstBase(configurationOf(['b'])));
    const nothing = { truncateFrom: null, entries: [], snapshot: null, base: null };
    const write = (number: number) =>
      storage.write({ writeId: number, term: number, votedFor: null, commitIndex: 0, ...nothing });
    await write(1);
    await cp(join(living, 'acknowledged'), join(directory, 'acknowledged'));
    for (const number of [2, 3, 4]) await write(number);
    await cp(living, killed, { recursive: true });
    await cp(join(directory, 'acknowledged'), join(killed, 'acknowledged'));
    for (const name of await readdir(killed)) {
      if (name.startsWith('lock-')) await rm(join(killed, name));
    }
    const found = fileStorage(killed);
    expect(await found.load(identity)).toMatchObject({ lastWriteId: 4, warnings: [] });
    await Promise.all([storage.close(), found.close()]);
  });
});
