/** Machines with one transition more, or one less, to see that walking their paths shows it. */
import { type AnyStateMachine, createMachine } from 'xstate';
import { definitionsOf, nameOf } from './transitions.ts';

type Config = Record<string, unknown>;

/** The machine with another event, which its root decides by doing nothing. */
export function withTransition(machine: AnyStateMachine, event: string): AnyStateMachine {
  const config = machine.config as Config;
  return rebuilt(machine, { ...config, on: { ...(config.on as Config), [event]: {} } });
}

/** The machine without the transition of that name. */
export function withoutTransition(machine: AnyStateMachine, name: string): AnyStateMachine {
  const transition = definitionsOf(machine).find((each) => nameOf(each) === name);
  if (transition === undefined) throw new Error(`${machine.id} has no transition ${name}`);
  const { source, eventType } = transition;
  const delayed = source.after.find((after) => after.eventType === eventType);
  const key = eventType === '' ? 'always' : delayed === undefined ? 'on' : 'after';
  const candidates = eventType === '' ? source.always : source.transitions.get(eventType);
  const place = candidates?.indexOf(transition as never) ?? -1;
  const drop = (listed: unknown) => [listed].flat().filter((_, at) => at !== place);
  const trigger = delayed === undefined ? eventType : String(delayed.delay);
  const config = changedAt(machine.config as Config, source.path, (state) =>
    key === 'always'
      ? { ...state, always: drop(state.always) }
      : { ...state, [key]: changedIn(state[key] as Config, trigger, drop) },
  );
  return rebuilt(machine, config);
}

/** An event whose last candidate is gone is not decided there any more. */
function changedIn(
  triggers: Config,
  trigger: string,
  drop: (listed: unknown) => unknown[],
): Config {
  const { [trigger]: listed, ...others } = triggers;
  const left = drop(listed);
  return left.length === 0 ? others : { ...others, [trigger]: left };
}

function changedAt(
  config: Config,
  [key, ...deeper]: readonly string[],
  change: (config: Config) => Config,
): Config {
  if (key === undefined) return change(config);
  const states = config.states as Record<string, Config>;
  const state = changedAt(states[key] ?? {}, deeper, change);
  return { ...config, states: { ...states, [key]: state } };
}

function rebuilt(machine: AnyStateMachine, config: Config): AnyStateMachine {
  return createMachine(config as never).provide(machine.implementations as never);
}
