/**
 * The conformance suite of the StateMachine port: run it on yours, under any test runner.
 *
 * Commands come from your generator, by a chance that repeats; every one goes through the codec, as
 * it does between servers.
 *
 * @example
 * import { describe, it } from 'node:test';
 *
 * stateMachineContract({ describe, it }, 'my counter', counter, {
 *   command: (next) => ({ type: 'add', amount: Math.floor(next() * 10) }),
 *   queries: () => [{ type: 'total' }],
 * });
 */

import type { AppliedEntry, Codec, StateMachine } from '../ports/state-machine.ts';
import { assert, assertAlike } from './assertions.ts';
import { type Clause, randomFrom, register, type TestRunner } from './contract.ts';

export interface StateMachineSamples<Command, Query> {
  /** A command, of every kind sooner or later; `next` gives numbers in [0, 1). */
  command(next: () => number): Command;
  /** Questions whose answers, together, tell two states apart. */
  queries(next: () => number): readonly Query[];
  /**
   * A command at which `apply` throws, in this state or that, of every kind sooner or later. Wanted of
   * a state machine that says that it is transactional; `command` may give such ones as well then.
   */
  failing?(next: () => number): Command;
}

const commandsPerRun = 200;
const runs = 10;

/** Registers a test for each promise of the port. */
export function stateMachineContract<const Command, Result, const Query, Answer>(
  runner: TestRunner,
  name: string,
  make: () => StateMachine<Command, Result, Query, Answer>,
  samples: StateMachineSamples<Command, Query>,
): void {
  register(runner, `the state machine contract: ${name}`, stateMachineClauses(make, samples));
}

/** The promises of the port, for those who need more of their test runner than its names. */
export function stateMachineClauses<const Command, Result, const Query, Answer>(
  make: () => StateMachine<Command, Result, Query, Answer>,
  samples: StateMachineSamples<Command, Query>,
): readonly Clause[] {
  type Machine = StateMachine<Command, Result, Query, Answer>;

  const decode = (machine: Machine, command: Command): Command =>
    machine.commands ? machine.commands.decode(machine.commands.encode(command)) : command;
  const feed = (machine: Machine, commands: readonly Command[], after = 0): (Result | Refused)[] =>
    commands.map((command, at) => applied(machine, decode(machine, command), after + at + 1));
  const answers = (machine: Machine, queries: readonly Query[]): Answer[] =>
    queries.map((query) => machine.query(query));
  const expectSameAnswers = (one: Machine, other: Machine, queries: readonly Query[]): void => {
    assertAlike(answers(one, queries), answers(other, queries));
    assert.equal(one.digest?.(), other.digest?.());
  };
  const expectSameState = (one: Machine, other: Machine, next: () => number): void =>
    expectSameAnswers(one, other, samples.queries(next));
  const commandsOf = (next: () => number): Command[] =>
    Array.from({ length: commandsPerRun }, () => samples.command(next));

  const forEachRun = async (check: (next: () => number) => void | Promise<void>): Promise<void> => {
    for (let run = 1; run <= runs; run += 1) await check(randomFrom(run * 2_654_435_761));
  };

  const clauses: Clause[] = [];
  const clause = (name: string, check: Clause['check']) => clauses.push({ name, check });
  /** After `act`, one of two equal machines still equals the other. */
  const clauseWithoutEffect = (
    name: string,
    act: (one: Machine, next: () => number, results: readonly unknown[]) => unknown,
  ) =>
    clause(name, () =>
      forEachRun(async (next) => {
        const [one, untouched] = [make(), make()];
        const [commands, more] = [commandsOf(next), commandsOf(next)];
        const results = feed(one, commands);
        feed(untouched, commands);
        await act(one, next, results);
        expectSameState(one, untouched, next);
        assertAlike(feed(one, more, commandsPerRun), feed(untouched, more, commandsPerRun));
      }),
    );

  clause('the same commands give the same results and the same state', () =>
    forEachRun((next) => {
      const [one, other, commands] = [make(), make(), commandsOf(next)];
      assertAlike(feed(one, commands), feed(other, commands));
      expectSameState(one, other, next);
    }),
  );

  clause('what is restored from a snapshot answers and goes on like the original', () =>
    forEachRun(async (next) => {
      const [one, other] = [make(), make()];
      feed(one, commandsOf(next));
      await other.restore(recut(await chunksOf(one.snapshot()), next));
      const queries = samples.queries(next);
      expectSameAnswers(other, one, queries);
      const more = commandsOf(next);
      assertAlike(feed(other, more, commandsPerRun), feed(one, more, commandsPerRun));
      expectSameAnswers(other, one, queries);
    }),
  );

  clause('a restore replaces whatever was there before', () =>
    forEachRun(async (next) => {
      const [one, other] = [make(), make()];
      // Few, so that much of what the other has is not in the snapshot.
      feed(one, commandsOf(next).slice(0, Math.floor(next() * 4)));
      feed(other, commandsOf(next));
      await other.restore(recut(await chunksOf(one.snapshot()), next));
      expectSameState(other, one, next);
    }),
  );

  clause('a snapshot is frozen when it is taken, though it is read while writes go on', () =>
    forEachRun(async (next) => {
      const [one, frozen, other] = [make(), make(), make()];
      const commands = commandsOf(next);
      feed(one, commands);
      feed(frozen, commands);
      const chunks: Uint8Array[] = [];
      const snapshot = one.snapshot();
      feed(one, commandsOf(next), commandsPerRun);
      for await (const chunk of snapshot) {
        chunks.push(chunk);
        feed(one, [samples.command(next)], 2 * commandsPerRun + chunks.length);
      }
      await other.restore(recut(chunks, next));
      expectSameState(other, frozen, next);
    }),
  );

  // The other one is asked nothing: what a query changes may not add up.
  clause('a query changes nothing', () =>
    forEachRun((next) => {
      const [asked, silent] = [make(), make()];
      const [commands, more] = [commandsOf(next), commandsOf(next)];
      feed(asked, commands);
      feed(silent, commands);
      const queries = samples.queries(next);
      assertAlike(answers(asked, queries), answers(asked, queries));
      assert.equal(asked.digest?.(), silent.digest?.());
      assertAlike(feed(asked, more, commandsPerRun), feed(silent, more, commandsPerRun));
    }),
  );

  clause('commands and results survive their codecs', () =>
    forEachRun((next) => {
      const machine = make();
      for (const [at, command] of commandsOf(next).slice(0, 20).entries()) {
        expectRoundTrip(machine.commands, decode(machine, command));
        const result = applied(machine, decode(machine, command), at + 1);
        if (result !== REFUSED) expectRoundTrip(machine.results, result as Result);
      }
    }),
  );

  // The other one decodes nothing, not even what it applies.
  clause('a command that is only encoded and decoded changes nothing', () =>
    forEachRun((next) => {
      const [one, fresh] = [make(), make()];
      for (const command of commandsOf(next)) decode(one, command);
      expectSameState(one, fresh, next);
    }),
  );

  clause('what one machine applies, another does not know', () =>
    forEachRun((next) => {
      const [one, other] = [make(), make()];
      const queries = samples.queries(next);
      const before = answers(other, queries);
      feed(one, commandsOf(next));
      assertAlike(answers(other, queries), before);
      assertAlike(answers(make(), queries), before);
    }),
  );

  clauseWithoutEffect(
    "results and answers are their receiver's: to change them changes no state",
    (one, next, results) => {
      results.forEach(spoil);
      answers(one, samples.queries(next)).forEach(spoil);
    },
  );

  clauseWithoutEffect(
    "the bytes of a snapshot are their reader's, and those of a restore their giver's",
    async (one, next) => {
      const other = make();
      const chunks: Uint8Array[] = [];
      for await (const chunk of one.snapshot()) {
        chunks.push(new Uint8Array(chunk));
        spoil(chunk);
      }
      await other.restore(recut(chunks, next));
      chunks.forEach(spoil);
      expectSameState(other, one, next);
    },
  );

  clause('a command at which a transactional machine throws changes nothing', () =>
    forEachRun((next) => {
      const [one, untouched] = [make(), make()];
      if (one.isTransactional !== true) return;
      const { failing } = samples;
      assert.ok(
        failing,
        'isTransactional is a promise: give samples.failing, so that it is checked',
      );
      const queries = samples.queries(next);
      let refused = 0;
      for (const [at, command] of commandsOf(next).entries()) {
        const failed = decode(one, failing(next));
        const result = applied(one, failed, 2 * at + 1);
        if (result === REFUSED) refused += 1;
        else assertAlike(applied(untouched, failed, 2 * at + 1), result);
        expectSameAnswers(one, untouched, queries);
        assertAlike(feed(one, [command], 2 * at + 1), feed(untouched, [command], 2 * at + 1));
      }
      assert.ok(refused > 0, 'apply threw at none of samples.failing');
    }),
  );

  return clauses;
}

/** Stands for the result of a command that was refused by a throw. */
const REFUSED = { isRefused: true } as const;
type Refused = typeof REFUSED;

/** @throws what `apply` throws, unless that is a refusal */
function applied<Command, Result>(
  machine: StateMachine<Command, Result, never, unknown>,
  command: Command,
  index: number,
): Result | Refused {
  try {
    return machine.apply(command, entryAt(index));
  } catch (error) {
    // A RangeError stops the servers, whatever the machine promises.
    if (machine.isTransactional !== true || error instanceof RangeError) throw error;
    return REFUSED;
  }
}

function entryAt(index: number): AppliedEntry {
  return { index, term: 1 + Math.floor(index / 50), time: index * 3 };
}

function expectRoundTrip<Value>(codec: Codec<Value> | undefined, value: Value): void {
  if (codec === undefined) return;
  const bytes = codec.encode(value);
  assertAlike(codec.decode(bytes), value);
  assertAlike(codec.encode(codec.decode(bytes)), bytes);
}

async function chunksOf(
  snapshot: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of snapshot) chunks.push(chunk);
  return chunks;
}

/** The same bytes, not copies of them, in other chunks: a restore need not get the chunks that were written. */
async function* recut(
  chunks: readonly Uint8Array[],
  next: () => number,
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.byteLength; ) {
      const until = from + 1 + Math.floor(next() * 700);
      yield chunk.subarray(from, until);
      from = until;
    }
  }
}

/** Overwrites all bytes within. */
function spoil(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xaa);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(spoil);
}
