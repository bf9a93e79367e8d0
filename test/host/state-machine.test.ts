/** A state machine from plain functions: what it does, and what the compiler knows of it. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type Call,
  type Outcome,
  type Server,
  type ServerOf,
  type StateMachine,
  stateMachine,
} from '../../src/index.ts';
import { simulate } from '../../src/simulation/index.ts';
import { stateMachineContract } from '../../src/testing/index.ts';

interface Job {
  id: number;
  payload: string;
  isDone: boolean;
}

const jobs = stateMachine({
  initial: { jobs: [] as Job[] },
  commands: {
    add(state, { payload }: { payload: string; urgent?: boolean }, { index }) {
      const job = { id: index, payload, isDone: false };
      state.jobs.push(job);
      return job;
    },
    finish(state, { id }: { id: number }) {
      const job = state.jobs.find((one) => one.id === id);
      if (job !== undefined) job.isDone = true;
      return job !== undefined;
    },
    forgetAll(state) {
      state.jobs = [];
    },
  },
  queries: {
    all: (state) => state.jobs,
    job: (state, { id }: { id: number }) => state.jobs.find((one) => one.id === id) ?? null,
  },
});

const entry = (index: number) => ({ index, term: 1, time: 0 });

stateMachineContract({ describe, it }, 'made of functions', jobs, {
  command(next) {
    const id = Math.floor(next() * 20);
    const kind = next();
    if (kind < 0.1) return { type: 'forgetAll' };
    return kind < 0.6 ? { type: 'add', payload: `job ${id}` } : { type: 'finish', id };
  },
  queries: () => [{ type: 'all' }],
});

describe('a state machine made of functions', () => {
  it('holds no object in two places: after a snapshot they would be two', () => {
    const machine = stateMachine({
      initial: { list: [] as { n: number }[], latest: { n: 0 } },
      commands: {
        add(state) {
          state.latest = { n: 1 };
          state.list.push(state.latest);
        },
      },
      queries: {},
    })();
    machine.apply({ type: 'add' }, entry(1));
    expect(() => machine.snapshot()).toThrow('state.latest is the same object as state.list[0]');
  });

  it('answers with copies: what it has answered does not change with the state', () => {
    const machine = jobs();
    const added = machine.apply({ type: 'add', payload: 'a' }, entry(1));
    const all = machine.query({ type: 'all' });
    machine.apply({ type: 'finish', id: 1 }, entry(2));
    expect(added).toEqual({ id: 1, payload: 'a', isDone: false });
    expect(all).toEqual([{ id: 1, payload: 'a', isDone: false }]);
    expect(machine.query({ type: 'job', id: 1 })).toMatchObject({ isDone: true });
  });

  it('begins anew for each server', () => {
    const [one, other] = [jobs(), jobs()];
    one.apply({ type: 'add', payload: 'a' }, entry(1));
    expect(other.query({ type: 'all' })).toEqual([]);
    expect(one.digest?.()).not.toBe(other.digest?.());
    other.apply({ type: 'add', payload: 'a' }, entry(1));
    expect(one.digest?.()).toBe(other.digest?.());
  });

  it('refuses a command that nobody has written where it is proposed, by name', () => {
    const { commands } = jobs();
    expect(() => commands?.encode({ type: 'ad' } as never)).toThrow(
      'This state machine has no command of type "ad"; it has add, finish, forgetAll',
    );
    expect(() => commands?.encode({ type: 'toString' } as never)).toThrow('no command of type');
    expect(() => jobs().query({ type: 'al' } as never)).toThrow('it has all, job');
  });

  it('begins with plain data only', () => {
    const make = () => stateMachine({ initial: { at: new Map() }, commands: {}, queries: {} });
    expect(make).toThrow('initial.at is a Map: only plain data survive encoding');
  });

  it('runs on a cluster, and each command is answered with its own type', async () => {
    const cluster = simulate({ seed: 1, stateMachine: jobs });
    await cluster.run({ until: (now) => now.leader() !== null, withinMs: 5_000 });
    const leader = cluster.at(cluster.leader() ?? 'a');
    const added = await cluster.settled(leader.propose({ type: 'add', payload: 'a' }));
    expectTypeOf(added).toEqualTypeOf<Outcome<Job>>();
    const id = added.outcome === 'applied' ? added.result.id : 0;
    const finished = await cluster.settled(leader.propose({ type: 'finish', id }));
    expect(finished).toMatchObject({ outcome: 'applied', result: true });
    const found = await cluster.settled(leader.query({ type: 'job', id }));
    expect(found).toMatchObject({ result: { id, payload: 'a', isDone: true } });
  });
});

describe('the types of a server', () => {
  type Jobs = ServerOf<typeof jobs>;
  const server = null as unknown as Jobs;
  /** Read by the compiler alone. */
  const never = (_: () => unknown) => {};

  it('know the result of each command, and the answer of each query', () => {
    never(() => {
      expectTypeOf(server.propose({ type: 'add', payload: 'a' })).resolves.toEqualTypeOf<
        Outcome<Job>
      >();
      expectTypeOf(server.propose({ type: 'finish', id: 1 })).resolves.toEqualTypeOf<
        Outcome<boolean>
      >();
      expectTypeOf(server.propose({ type: 'forgetAll' })).resolves.toEqualTypeOf<Outcome<void>>();
      expectTypeOf(server.query({ type: 'all' })).resolves.toEqualTypeOf<Outcome<Job[]>>();
      expectTypeOf(server.query({ type: 'job', id: 1 })).resolves.toEqualTypeOf<
        Outcome<Job | null>
      >();
    });
  });

  it('refuse what no command is: another type, a field that is missing, wrong or too many', () => {
    never(() => {
      // @ts-expect-error there is no such command
      server.propose({ type: 'ad', payload: 'a' });
      // @ts-expect-error the payload is missing
      server.propose({ type: 'add' });
      // @ts-expect-error the payload is text
      server.propose({ type: 'add', payload: 1 });
      // @ts-expect-error no command has such a field
      server.propose({ type: 'add', payload: 'a', urgnet: true });
      // @ts-expect-error this one has no id
      server.propose({ type: 'add', payload: 'a', id: 1 });
      // @ts-expect-error a query is no command
      server.propose({ type: 'all' });
      // @ts-expect-error the id is missing
      server.query({ type: 'job' });
    });
  });

  it('are a union for a command that is not known before it comes', () => {
    never(() => {
      const any = null as unknown as { type: 'finish'; id: number } | { type: 'forgetAll' };
      // biome-ignore lint/suspicious/noConfusingVoidType: what the function returns.
      expectTypeOf(server.propose(any)).resolves.toEqualTypeOf<Outcome<boolean | void>>();
    });
  });

  it('are those of before where commands do not say what they are answered with', () => {
    type Counter = StateMachine<{ by: number; who?: string }, number, null, string>;
    const counter = null as unknown as ServerOf<Counter>;
    expectTypeOf<ServerOf<Counter>>().toEqualTypeOf<
      Server<{ by: number; who?: string }, number, null, string>
    >();
    never(() => {
      expectTypeOf(counter.propose({ by: 1 })).resolves.toEqualTypeOf<Outcome<number>>();
      expectTypeOf(counter.query(null)).resolves.toEqualTypeOf<Outcome<string>>();
      // @ts-expect-error it has no such field
      counter.propose({ by: 1, whom: 'a' });
    });
  });

  it('can be written down for a state machine of one’s own', () => {
    type Command =
      | Call<'add', { readonly payload: string }, { readonly id: number }>
      | Call<'finish', { readonly id: number }, boolean>;
    class Own implements StateMachine<Command> {
      apply(command: Command) {
        return command.type === 'add' ? { id: 1 } : true;
      }
      query() {}
      snapshot() {
        return [];
      }
      restore() {}
    }
    expectTypeOf<Own>().toExtend<StateMachine<Command>>();
    const own = null as unknown as Server<Command>;
    never(() => {
      expectTypeOf(own.propose({ type: 'finish', id: 1 })).resolves.toEqualTypeOf<
        Outcome<boolean>
      >();
      // What is applied has to be one of the results.
      expectTypeOf<StateMachine<Command>['apply']>().returns.toEqualTypeOf<
        { readonly id: number } | boolean
      >();
    });
  });

  it('let any server be held by who asks for none in particular', () => {
    expectTypeOf<Jobs>().toExtend<Server>();
    expectTypeOf<Server<{ by: number }, number, null, string>>().toExtend<Server>();
  });
});
