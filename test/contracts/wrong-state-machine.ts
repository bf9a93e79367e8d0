/** A small state machine, the last bytes pushed by name, that can be wrong on purpose in one way. */
import { pack, unpackFresh } from '../../src/formats/msgpack.ts';
import type { StateMachine } from '../../src/ports/state-machine.ts';

export type StateMachineFault =
  | 'none'
  | 'chance in apply'
  | 'a snapshot that leaves something out'
  | 'a restore that adds to what is there'
  | 'a snapshot of what is there when it is read'
  | 'a query that leaves a trace'
  | 'a query that shows in later results'
  | 'a decoded command that shows in answers'
  | 'a query that sees what is only proposed'
  | 'state that machines share'
  | 'answers that are the state itself'
  | 'a restore that keeps the bytes it was given'
  | 'a codec that loses something'
  | 'a throw that leaves something behind'
  | 'a RangeError for a refusal';

export interface Push {
  readonly name: string;
  readonly bytes: Uint8Array;
}
/** Asks for the bytes of a name. */
export type Ask = string;
export type WrongMachine = StateMachine<Push, number, Ask, readonly [Uint8Array, number]>;

const BYTES_MAX = 50;

interface State {
  readonly values: Map<string, Uint8Array>;
  count: number;
  isAsked?: boolean;
  hasDecoded?: boolean;
}

/** Of a machine that is transactional: a name that is too short is refused by a throw. */
const TRANSACTIONAL: readonly StateMachineFault[] = [
  'none',
  'a throw that leaves something behind',
  'a RangeError for a refusal',
];

/** Refused by a machine that is transactional. */
export const NAMELESS: Push = { name: '', bytes: Uint8Array.of(1) };

export function machinesWith(fault: StateMachineFault): () => WrongMachine {
  const shared: State = { values: new Map(), count: 0 };
  return () =>
    machineOf(
      fault,
      fault === 'state that machines share' ? shared : { values: new Map(), count: 0 },
    );
}

function machineOf(fault: StateMachineFault, state: State): WrongMachine {
  const push = ({ name, bytes }: Push) => {
    const value = [...(state.values.get(name) ?? []), ...bytes];
    state.values.set(name, Uint8Array.from(value.slice(-BYTES_MAX)));
  };
  const packed = () =>
    pack([[...state.values], fault === 'a snapshot that leaves something out' ? 0 : state.count]);
  return {
    isTransactional: TRANSACTIONAL.includes(fault),
    apply(command) {
      if (fault === 'a throw that leaves something behind' && command.name === '') push(command);
      if (fault === 'a RangeError for a refusal' && command.name === '')
        throw new RangeError('short');
      if (command.name === '') throw new TypeError('a name has at least one character');
      state.count += fault === 'chance in apply' ? Math.random() : 1;
      push(command);
      return state.isAsked ? -state.count : state.count;
    },
    query(name) {
      if (fault === 'a query that leaves a trace') state.count += 1;
      if (fault === 'a query that shows in later results') state.isAsked = true;
      const value = state.values.get(name) ?? new Uint8Array();
      const count = state.hasDecoded ? state.count + 1 : state.count;
      return [fault === 'answers that are the state itself' ? value : value.slice(), count];
    },
    *snapshot() {
      yield packed();
    },
    async restore(chunks) {
      const [values, count] = await contentOf(chunks, fault);
      if (fault !== 'a restore that adds to what is there') state.values.clear();
      for (const [name, bytes] of values) state.values.set(name, bytes);
      state.count = count;
    },
    ...(fault !== 'a snapshot of what is there when it is read' && {
      snapshot: () => [packed()],
    }),
    commands: {
      encode(command) {
        if (fault === 'a query that sees what is only proposed') push(command);
        const isLossy = fault === 'a codec that loses something';
        return pack(isLossy ? { ...command, bytes: command.bytes.slice(1) } : command);
      },
      decode: (bytes) => {
        if (fault === 'a decoded command that shows in answers') state.hasDecoded = true;
        return unpackFresh(bytes) as Push;
      },
    },
  };
}

async function contentOf(
  chunks: AsyncIterable<Uint8Array>,
  fault: StateMachineFault,
): Promise<[[string, Uint8Array][], number]> {
  const given: Uint8Array[] = [];
  for await (const chunk of chunks) given.push(chunk);
  const [only] = given;
  const isKept = fault === 'a restore that keeps the bytes it was given' && given.length === 1;
  const bytes = isKept && only ? only : Uint8Array.from(given.flatMap((chunk) => [...chunk]));
  const [values, count] = unpackFresh(bytes) as [[string, Uint8Array][], number];
  return [isKept ? values.map(([name, value]) => [name, within(bytes, value)]) : values, count];
}

/** The same bytes where they stand in the whole. */
function within(whole: Uint8Array, part: Uint8Array): Uint8Array {
  const at = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).indexOf(part);
  return whole.subarray(at, at + part.byteLength);
}
