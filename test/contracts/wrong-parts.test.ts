/**
 * The conformance suites notice: parts that are wrong on purpose, each in one way, and the clause
 * that says so. The same parts without a fault keep every clause.
 */
import { describe, expect, it } from 'vitest';
import {
  type Clause,
  checkStorageClause,
  stateMachineClauses,
  storageClauses,
  transportClauses,
} from '../../src/testing/index.ts';
import { type DiskFault, wrongDisk } from './wrong-disk.ts';
import { machinesWith, NAMELESS, type StateMachineFault } from './wrong-state-machine.ts';
import { type TransportFault, WrongNetwork } from './wrong-transport.ts';

/** The names of the clauses that are not kept, each by an assertion or by what never came. */
async function broken(clauses: readonly Clause[]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, check } of clauses) {
    try {
      await check();
    } catch {
      names.push(name);
    }
  }
  return names;
}

describe('a wrong storage', () => {
  const clausesFor = (fault: DiskFault): Clause[] =>
    storageClauses.map((clause) => ({
      name: clause.name,
      check: () => checkStorageClause(clause, () => wrongDisk(fault)),
    }));

  it('keeps every clause as long as nothing is wrong with it', async () => {
    expect(await broken(clausesFor('none'))).toEqual([]);
  });

  it.each<[DiskFault, string]>([
    ['acknowledges before it syncs', 'a write is durable when it resolves'],
    ['reorders', 'writes come back in the order in which they were made'],
    ['loses a truncation', 'a truncation is kept, with entries in its place or without (§5.3)'],
    ['forgets the vote', 'a write is durable when it resolves'],
    ['serves anybody', 'the storage of another server is refused, and stays as it is'],
  ])('that %s breaks: %s', async (fault, clause) => {
    expect(await broken(clausesFor(fault))).toContain(clause);
  });
});

describe('a wrong transport', () => {
  const clausesFor = (fault: TransportFault) =>
    transportClauses(async () => new WrongNetwork(fault));

  it('keeps every clause as long as nothing is wrong with it', async () => {
    expect(await broken(clausesFor('none'))).toEqual([]);
  });

  it.each<[TransportFault, string]>([
    ['hands every message to everybody', 'only the server it is addressed to receives a message'],
    ['hands over what it was given', 'what arrives shares nothing with what was sent'],
    ['blocks all peers for one', 'a peer that is not there delays nobody else'],
    ['delivers entries cut short', 'AppendEntries arrives as it was sent, in either direction'],
    [
      'delivers after it was closed',
      'a closed transport neither delivers nor throws, and may be closed again',
    ],
    ['throws where nobody is', 'to send to a server that is not there neither throws nor waits'],
    ['does not notice who leaves', 'a server that closes is missed, and found when it returns'],
    [
      'keeps addresses to itself',
      'both servers are told of the connection, and where clients reach the other',
    ],
  ])('that %s breaks: %s', async (fault, clause) => {
    expect(await broken(clausesFor(fault))).toContain(clause);
  });
});

describe('a wrong state machine', () => {
  const names = ['a', 'b', 'c'];
  const clausesFor = (fault: StateMachineFault) =>
    stateMachineClauses(machinesWith(fault), {
      command: (next) => ({
        name: names[Math.floor(next() * names.length)]!,
        bytes: new Uint8Array(1 + Math.floor(next() * 3)).fill(next() * 256),
      }),
      queries: () => ['', ...names],
      failing: (next) => ({ ...NAMELESS, name: next() < 0.5 ? '' : 'd' }),
    });

  it('keeps every clause as long as nothing is wrong with it', async () => {
    expect(await broken(clausesFor('none'))).toEqual([]);
  });

  it('that is transactional is not believed without commands that fail', async () => {
    const clauses = stateMachineClauses(machinesWith('none'), {
      command: () => ({ name: 'a', bytes: new Uint8Array([1]) }),
      queries: () => names,
    });
    expect(await broken(clauses)).toEqual([
      'a command at which a transactional machine throws changes nothing',
    ]);
  });

  it.each<[StateMachineFault, string]>([
    ['chance in apply', 'the same commands give the same results and the same state'],
    [
      'a snapshot that leaves something out',
      'what is restored from a snapshot answers and goes on like the original',
    ],
    ['a restore that adds to what is there', 'a restore replaces whatever was there before'],
    [
      'a snapshot of what is there when it is read',
      'a snapshot is frozen when it is taken, though it is read while writes go on',
    ],
    ['a query that leaves a trace', 'a query changes nothing'],
    ['a query that shows in later results', 'a query changes nothing'],
    [
      'a decoded command that shows in answers',
      'a command that is only encoded and decoded changes nothing',
    ],
    [
      'a query that sees what is only proposed',
      'a command that is only encoded and decoded changes nothing',
    ],
    ['state that machines share', 'what one machine applies, another does not know'],
    [
      'answers that are the state itself',
      "results and answers are their receiver's: to change them changes no state",
    ],
    [
      'a restore that keeps the bytes it was given',
      "the bytes of a snapshot are their reader's, and those of a restore their giver's",
    ],
    ['a codec that loses something', 'commands and results survive their codecs'],
    [
      'a throw that leaves something behind',
      'a command at which a transactional machine throws changes nothing',
    ],
    [
      'a RangeError for a refusal',
      'a command at which a transactional machine throws changes nothing',
    ],
  ])('with %s breaks: %s', async (fault, clause) => {
    expect(await broken(clausesFor(fault))).toContain(clause);
  });
});
