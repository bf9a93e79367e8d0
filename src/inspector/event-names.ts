/** XState's own events, called what an author writes for them. */
import { lastPartOf } from './names.ts';
import type { Readable, TransitionRecord } from './protocol.ts';

const OF_ACTORS: Readonly<Record<string, string>> = {
  'done.actor': 'onDone',
  'error.actor': 'onError',
  snapshot: 'onSnapshot',
  'done.state': 'onDone',
};
const FORM = /^xstate\.(done\.actor|error\.actor|snapshot|done\.state|after)\.(.*)$/s;
/** Of actors that are no machines: what a promise or an observable has come to. */
const OUTCOME = /^xstate\.(?:promise|observable)\.(\w+)$/;
const OTHERS: Readonly<Record<string, string>> = {
  'xstate.init': 'start',
  'xstate.stop': 'stop',
  'xstate.route': 'route',
};

/** `onDone load`, `after 1000`, `route`; any other by its type. */
export function eventName(type: string): string {
  const [, kind = '', rest = ''] = FORM.exec(type) ?? [];
  if (kind === 'after') return `after ${rest.split('.')[0]}`;
  if (kind !== '') return `${OF_ACTORS[kind]} ${invokedName(rest)}`;
  return OTHERS[type] ?? OUTCOME.exec(type)?.[1] ?? type;
}

/** The same, with the name by which its sender is shown, or where a route leads. */
export function eventNameFrom(
  { type, to }: TransitionRecord['event'],
  from: string | null,
): string {
  if (type === 'xstate.route' && typeof to === 'string') return `route ${to}`;
  const [, kind = ''] = FORM.exec(type) ?? [];
  const isOfActor = kind !== '' && kind !== 'after' && kind !== 'done.state';
  return isOfActor && from !== null ? `${OF_ACTORS[kind]} ${lastPartOf(from)}` : eventName(type);
}

/** What it carries beside what its name says already. */
export function payloadOf(event: TransitionRecord['event']): Readonly<Record<string, Readable>> {
  const { type, to, actorId, ...others } = event;
  const isRoute = type === 'xstate.route' && typeof to === 'string';
  const isOfActor = /^xstate\.(?:done|error)\.actor\./.test(type);
  return {
    ...(!isRoute && to !== undefined && { to }),
    ...(!isOfActor && actorId !== undefined && { actorId }),
    ...others,
  };
}

/** The same within a transition's id, which ends in its trigger and a number. */
export function idName(id: string): string {
  return id.replace(/(?<=\/)xstate\..*(?=\/\d+$)/s, eventName);
}

/** `1.machine.state` is the second actor of that state, and was given no id. */
function invokedName(id: string): string {
  const [, place = '', state = ''] = /^(\d+)\.(.*)$/s.exec(id) ?? [];
  if (state === '') return id;
  return place === '0' ? state : `${state} (${Number(place) + 1})`;
}
