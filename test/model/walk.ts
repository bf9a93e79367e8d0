/** Walks paths: the model and the running actor take the same steps, and are compared at each. */
import { isDeepStrictEqual } from 'node:util';
import type { AnyStateMachine, EventObject } from 'xstate';
import { modelSteps } from './model.ts';
import { Stage } from './running.ts';
import type { Step } from './step.ts';
import type { Coverage } from './transitions.ts';

export interface Wrong {
  readonly at: number;
  readonly because: string;
}

export interface Walk<Context> {
  readonly machine: AnyStateMachine;
  readonly input: unknown;
  readonly paths: readonly (readonly EventObject[])[];
  /** What of a context must be equal; default all of it. */
  readonly hardState?: (context: Context) => unknown;
  /** Actors below it, as its `setup` calls them. */
  readonly children?: readonly string[];
  /** The machine that runs; default the one that the model is. */
  readonly running?: AnyStateMachine;
  /** What must be true of every path, whatever its machine: the first step that is wrong, and why. */
  readonly check?: (steps: readonly Step<Context>[]) => Wrong | null;
  readonly coverage?: Coverage;
}

/** @throws Error that tells the path, its first step that is wrong, and what is wrong with it. */
export function walk<Context>(walked: Walk<Context>): void {
  const { machine, input, paths, hardState = (context) => context, check, coverage } = walked;
  const stage = new Stage(walked.running ?? machine, input, walked.children);
  for (const events of paths) {
    const model = modelSteps<Context>(machine, input, events);
    const seen = stage.run(model);
    for (const [at, step] of seen.entries()) {
      const difference = differenceBetween(model[at] as Step<Context>, step, hardState);
      if (difference !== null) throw new Error(`${difference}\n${told(seen.slice(0, at + 1))}`);
      coverage?.note(step.taken, { input, events: events.slice(0, at) });
    }
    const wrong = check?.(seen) ?? null;
    if (wrong !== null) throw new Error(`${wrong.because}\n${told(seen.slice(0, wrong.at + 1))}`);
    const next = events[model.length - 1];
    if (next !== undefined) {
      throw new Error(`the path goes on with ${next.type}, the machine does not\n${told(seen)}`);
    }
  }
}

function differenceBetween<Context>(
  model: Step<Context>,
  seen: Step<Context>,
  hardState: (context: Context) => unknown,
): string | null {
  const aspects = ['error', 'value', 'said', 'timers', 'armed', 'taken'] as const;
  const aspect = aspects.find((each) => !isDeepStrictEqual(model[each], seen[each]));
  if (aspect !== undefined) return sentence(aspect, model[aspect], seen[aspect]);
  const [expected, found] = [hardState(model.context), hardState(seen.context)];
  return isDeepStrictEqual(expected, found) ? null : sentence('state', expected, found);
}

function sentence(aspect: string, expected: unknown, found: unknown): string {
  return (
    `the running actor’s ${aspect} is not the model’s:\n` +
    `  model: ${JSON.stringify(expected)}\n  actor: ${JSON.stringify(found)}`
  );
}

/** The path as a script: each event, and where it led. */
export function told(steps: readonly Step[]): string {
  return steps
    .map(({ event, value, said }, at) => {
      const words = said.map(({ to, event: word }) => `${to}: ${word.type}`).join(', ');
      return `${String(at).padStart(3)}  ${JSON.stringify(event, shortly)}\n     → ${JSON.stringify(value)} ${words}`;
    })
    .join('\n');
}

function shortly(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? `${value.byteLength} bytes` : value;
}
