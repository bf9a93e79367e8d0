/**
 * What every transport promises, as a suite of tests: run it on yours, under any test runner.
 *
 * @example
 * import { describe, it } from 'node:test';
 *
 * transportContract({ describe, it }, 'my transport', async () => {
 *   const hub = new MyHub();
 *   return { make: (id) => new MyTransport(id, hub), dispose: () => hub.close() };
 * });
 */
import { type Observable, Subject, takeUntil } from 'rxjs';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { AppendEntries, Message } from '../../machines/rules/messages.ts';
import type { ConnectionChange, ServerIdentity, Transport } from '../ports/transport.ts';
import { assert, assertAlike } from './assertions.ts';
import { type Clause, register, type TestRunner } from './contract.ts';
import { EXAMPLE_MESSAGES } from './example-messages.ts';

/** Somewhere for the servers `a`, `b` and `c` to meet. */
export interface TransportNetwork {
  /** A transport of that server, not yet open. A server that returns is made a second time. */
  make(id: ServerId): Transport;
  /** Lets time pass until the promise settles. Default: it passes by itself. */
  run?<T>(promise: Promise<T>): Promise<T>;
  dispose(): Promise<void> | void;
}

const MEBIBYTE = 1024 * 1024;

/** Registers a test for each promise of the port. */
export function transportContract(
  runner: TestRunner,
  name: string,
  makeNetwork: () => Promise<TransportNetwork>,
): void {
  register(runner, `the transport contract: ${name}`, transportClauses(makeNetwork));
}

/** The promises of the port, for those who need more of their test runner than its names. */
export function transportClauses(makeNetwork: () => Promise<TransportNetwork>): readonly Clause[] {
  const clauses: Clause[] = [];
  let network: TransportNetwork;
  let ended: Subject<void>;
  /** Each on a network of its own. */
  const clause = (name: string, promise: () => Promise<void>) => {
    const check = async () => {
      ended = new Subject();
      network = await makeNetwork();
      try {
        await promise();
      } finally {
        ended.next();
        await network.dispose();
      }
    };
    clauses.push({ name, check });
  };

  const run = <T>(promise: Promise<T>): Promise<T> => network.run?.(promise) ?? promise;
  /** Opens two, and returns when each has been told of the other. */
  const connect = async () => {
    const [a, b] = [network.make('a'), network.make('b')];
    const met = Promise.all([
      next(a.connections$, isConnectedTo('b')),
      next(b.connections$, isConnectedTo('a')),
    ]);
    await run(a.open(identityOf('a')));
    await run(b.open(identityOf('b')));
    return { a, b, changes: await run(met) };
  };
  const next = <T>(source: Observable<T>, matches: (value: T) => boolean = () => true) =>
    new Promise<T>((resolve) => {
      source.pipe(takeUntil(ended)).subscribe((value) => matches(value) && resolve(value));
    });

  clause('both servers are told of the connection, and where clients reach the other', async () => {
    const { changes } = await connect();
    assertAlike(changes, [
      { peer: 'b', isConnected: true, clientAddress: 'http://127.0.0.1/b' },
      { peer: 'a', isConnected: true, clientAddress: 'http://127.0.0.1/a' },
    ]);
  });

  for (const message of EXAMPLE_MESSAGES) {
    clause(`${message.type} arrives as it was sent, in either direction`, async () => {
      const { a, b } = await connect();
      for (const [from, to, sender, receiver] of [
        ['a', 'b', a, b],
        ['b', 'a', b, a],
      ] as const) {
        const arrived = next(receiver.received$);
        sender.send({ ...message, from, to });
        assertAlike(await run(arrived), { ...message, from, to });
      }
    });
  }

  clause('digests of states arrive as they were sent, where they are carried at all', async () => {
    const { a, b } = await connect();
    if (a.sendDigests === undefined || b.digests$ === undefined) return;
    for (const digests of [{}, { a: 'x', b: '2-00ff' }]) {
      const arrived = next(b.digests$);
      a.sendDigests('b', { index: 7, digests });
      a.sendDigests('c', { index: 8, digests });
      assertAlike(await run(arrived), { from: 'a', index: 7, digests });
    }
  });

  clause('a peer that is not there delays nobody else', async () => {
    const { a, b } = await connect();
    for (let number = 1; number <= 100; number += 1) a.send(timeoutNow('a', 'c', number));
    const arrived = next(b.received$);
    a.send(timeoutNow('a', 'b', 7));
    assertAlike(await run(arrived), timeoutNow('a', 'b', 7));
  });

  clause('what arrives shares nothing with what was sent', async () => {
    const { a, b } = await connect();
    const bytes = new Uint8Array([1, 2, 3]);
    const message = appendEntries(1, bytes);
    const arrived = next(b.received$);
    a.send(message);
    bytes.fill(9);
    const received = (await run(arrived)) as AppendEntries;
    assert.notEqual(received, message, 'it received the very object that was sent');
    assertAlike(received.entries[0]?.bytes, new Uint8Array([1, 2, 3]));
  });

  clause('only the server it is addressed to receives a message', async () => {
    const { a, b } = await connect();
    const c = network.make('c');
    const met = next(a.connections$, isConnectedTo('c'));
    const received: Message[] = [];
    c.received$.pipe(takeUntil(ended)).subscribe((message) => received.push(message));
    await run(c.open(identityOf('c')));
    await run(met);
    const arrived = next(b.received$);
    a.send(timeoutNow('a', 'b', 1));
    await run(arrived);
    const last = next(c.received$, ({ requestId }) => requestId === 2);
    a.send(timeoutNow('a', 'c', 2));
    await run(last);
    assertAlike(received, [timeoutNow('a', 'c', 2)]);
  });

  clause('to send to a server that is not there neither throws nor waits', async () => {
    const a = network.make('a');
    await run(a.open(identityOf('a')));
    assert.equal(a.send(timeoutNow('a', 'b', 1)), undefined);
    assert.equal(a.send(timeoutNow('a', 'nobody', 1)), undefined);
  });

  clause('more than a peer can take is dropped, and what is sent later arrives', async () => {
    const { a, b } = await connect();
    const bytes = new Uint8Array(MEBIBYTE);
    const first = next(b.received$, ({ requestId }) => requestId === 1);
    for (let number = 1; number <= 40; number += 1) a.send(appendEntries(number, bytes));
    await run(first);
    const echo = next(a.received$);
    b.send(timeoutNow('b', 'a', 1));
    await run(echo);
    let number = 1_000;
    const late = next(b.received$, (message) => message.requestId >= 1_000);
    const again = b.received$.pipe(takeUntil(ended)).subscribe(() => {
      number += 1;
      a.send(timeoutNow('a', 'b', number));
    });
    a.send(timeoutNow('a', 'b', number));
    await run(late);
    again.unsubscribe();
  });

  clause('a server that closes is missed, and found when it returns', async () => {
    const { a, b } = await connect();
    const lost = next(a.connections$, ({ isConnected }) => !isConnected);
    await run(b.close());
    assertAlike(await run(lost), { peer: 'b', isConnected: false });
    const found = next(a.connections$, isConnectedTo('b'));
    const returned = network.make('b');
    const arrived = next(returned.received$);
    await run(returned.open(identityOf('b')));
    await run(found);
    a.send(timeoutNow('a', 'b', 7));
    assertAlike(await run(arrived), timeoutNow('a', 'b', 7));
  });

  clause('a closed transport neither delivers nor throws, and may be closed again', async () => {
    const { a, b } = await connect();
    let isClosed = false;
    const late: unknown[] = [];
    b.received$.subscribe((message) => isClosed && late.push(message));
    b.connections$.subscribe((change) => isClosed && late.push(change));
    const lost = next(a.connections$, ({ isConnected }) => !isConnected);
    for (let number = 1; number <= 100; number += 1) a.send(timeoutNow('a', 'b', number));
    const closing = b.close();
    isClosed = true;
    await run(Promise.all([closing, b.close()]));
    await run(lost);
    assert.doesNotThrow(() => b.send(timeoutNow('b', 'a', 1)));
    await run(b.close());
    assertAlike(late, []);
  });

  clause('a transport that was never opened may be closed', async () => {
    const closing = run(network.make('a').close());
    await assert.doesNotReject(closing);
    assert.equal(await closing, undefined);
  });
  return clauses;
}

/** How `id` introduces itself in this suite; the same each time it is opened. */
export function identityOf(id: ServerId): ServerIdentity {
  return {
    clusterId: 'contract',
    serverId: id,
    storageId: `storage-of-${id}`,
    writeNumber: () => 1,
    clientAddress: `http://127.0.0.1/${id}`,
  };
}

function isConnectedTo(peer: ServerId) {
  return (change: ConnectionChange) => change.isConnected && change.peer === peer;
}

function timeoutNow(from: ServerId, to: ServerId, number: number): Message {
  return { type: 'TimeoutNow', from, to, term: 1, requestId: number };
}

function appendEntries(number: number, bytes: Uint8Array): AppendEntries {
  return {
    type: 'AppendEntries',
    from: 'a',
    to: 'b',
    term: 1,
    requestId: number,
    prevLogIndex: 0,
    prevLogTerm: 0,
    entries: [{ index: 1, term: 1, time: 0, type: 'command', bytes }],
    leaderCommit: 0,
  };
}
