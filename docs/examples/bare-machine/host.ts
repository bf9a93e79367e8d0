/**
 * A one-page host for the bare server machine: its disk is memory, its network a map. The machine
 * decides; a host carries out the effects in order, and reports their results to the machine.
 */
import { randomizedDelays, rules, serverMachine } from 'statecraft/machines';
import { createActor } from 'xstate';

export type Deliver = (message: rules.Message) => void;

export interface HostOptions {
  readonly id: string;
  readonly ids: readonly string[];
  /** Takes a message to its receiver; the message may also be lost. */
  readonly deliver: Deliver;
  /** Called for each committed command, in the same order on every server. */
  readonly apply: (command: string) => void;
}

export function startHost({ id, ids, deliver, apply }: HostOptions) {
  const addresses = Object.fromEntries(ids.map((one) => [one, `memory://${one}`]));
  const base = rules.firstBase(rules.bootstrapConfiguration(addresses));
  const log = rules.Log.from(base);
  const nothing = { term: 0, votedFor: null, commitIndex: 0, snapshot: null, lastWriteId: 0 };

  const actor = createActor(
    // Without randomness, all servers would ask for votes at the same moment, again and again.
    serverMachine.provide({ delays: randomizedDelays({ next: Math.random }) }),
    { input: { id, parameters: rules.DEFAULT_PARAMETERS, stored: { ...nothing, log } } },
  );

  /** The last durable write, and messages that wait for a later one. */
  let durable = 0;
  let held: rules.Send[] = [];

  function release(): void {
    const ready = held.filter(({ afterWrite }) => afterWrite <= durable);
    held = held.filter(({ afterWrite }) => afterWrite > durable);
    for (const { message } of ready) deliver(message);
  }

  actor.on('persist', ({ writeId }) => {
    // A real disk writes and syncs here: all of the effect or nothing, one write at a time.
    setImmediate(() => {
      durable = writeId;
      release();
      actor.send({ type: 'storage.persisted', writeId, now: performance.now() });
    });
  });
  actor.on('send', (effect) => {
    held.push(effect);
    release();
  });
  actor.on('apply', ({ entries }) => {
    // Never within the step that committed them: a command may propose another one.
    setImmediate(() => {
      for (const { type, bytes } of entries) {
        if (type === 'command') apply(new TextDecoder().decode(bytes));
      }
      const { index } = entries[entries.length - 1]!;
      actor.send({ type: 'entries.applied', index });
    });
  });
  actor.on('warn', ({ message }) => console.error(`${id}: ${message}`));
  // A broken invariant ends the machine. Nothing may be sent afterwards.
  actor.subscribe({ error: (bug) => console.error(`${id} has stopped:`, bug) });
  actor.start();

  return {
    leads: () => actor.getSnapshot().matches('leader'),
    term: () => actor.getSnapshot().context.currentTerm,
    /** In a later turn: a message must not be handled within its sender's step. */
    receive: (message: rules.Message) => {
      setImmediate(() => actor.send({ type: 'rpc.received', message }));
    },
    propose: (command: string) => {
      const proposals = [{ type: 'command', bytes: new TextEncoder().encode(command) } as const];
      actor.send({ type: 'client.proposed', batch: 1, now: performance.now(), proposals });
    },
    stop: () => actor.stop(),
  };
}
